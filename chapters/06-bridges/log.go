package bridges

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A Log writes events as they come, each as a line of JSON: its name, when it came in
// nanoseconds since the Log was made, and its fields.
//
//	{"event":"entered","ns":73021,"where":"sum.tiny:5 in sum","header":1}
type Log struct {
	w     io.Writer
	start time.Time
	err   error // the first one of w
}

// NewLog returns a Log that writes to w.
func NewLog(w io.Writer) *Log { return &Log{w: w, start: time.Now()} }

// Event writes an event: what Options.Listen may be.
func (l *Log) Event(event Event) {
	if l.err != nil {
		return
	}
	fields, err := json.Marshal(event)
	if err != nil {
		panic(fmt.Sprintf("bridges: the event %s can't be written as JSON: %v", event.Name(), err))
	}
	separator := ","
	if string(fields) == "{}" {
		separator = ""
	}
	_, l.err = fmt.Fprintf(l.w, "{\"event\":%q,\"ns\":%d%s%s\n", event.Name(), time.Since(l.start).Nanoseconds(), separator, fields[1:])
}

// Err returns the first error of writing.
func (l *Log) Err() error { return l.err }
