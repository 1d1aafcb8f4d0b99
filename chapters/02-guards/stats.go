package guards

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Stats is what a Driver did. The names in JSON are those of run -stats=json.
type Stats struct {
	Loops         int            `json:"loops"`          // loops compiled
	Aborts        map[string]int `json:"aborts"`         // recordings given up, by reason
	OpsRecorded   int            `json:"ops_recorded"`   // operations of the compiled loops as recorded
	OpsOptimized  int            `json:"ops_optimized"`  // and as optimized
	Guards        int            `json:"guards"`         // guards in the compiled loops
	GuardFailures int64          `json:"guard_failures"` // exits from traces
	Entries       int64          `json:"entries"`        // entries into traces
	Iterations    int64          `json:"iterations"`     // times that a trace jumped back

	ObjectsInterpreter int64 `json:"objects_interpreter"` // objects allocated by the interpreter
	ObjectsRecording   int64 `json:"objects_recording"`   // while recording
	ObjectsTraces      int64 `json:"objects_traces"`      // by traces

	HeapObjects     int64 `json:"heap_objects"`     // objects allocated in all
	HeapBytes       int64 `json:"heap_bytes"`       // their size
	HeapCollections int64 `json:"heap_collections"` // collections

	// Times in nanoseconds. What one phase calls counts for the inner one.
	Interpreting time.Duration `json:"ns_interpreting"`
	Recording    time.Duration `json:"ns_recording"`
	Optimizing   time.Duration `json:"ns_optimizing"`
	Executing    time.Duration `json:"ns_executing"`
	Collecting   time.Duration `json:"ns_collecting"` // inside the others
}

// Stats returns what d did so far.
func (d *Driver) Stats() Stats {
	s := d.stats
	h := d.heap.Stats()
	s.HeapObjects, s.HeapBytes, s.HeapCollections = h.Objects, h.Bytes, h.Collections
	s.Collecting = h.CollectTime
	s.ObjectsInterpreter = h.Objects - s.ObjectsRecording - s.ObjectsTraces
	return s
}

// WriteText writes s as a table.
func (s Stats) WriteText(w io.Writer) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-26s "+format+"\n", append([]any{name}, args...)...)
	}
	row("loops compiled", "%d", s.Loops)
	var reasons []string
	for why := range s.Aborts {
		reasons = append(reasons, why)
	}
	slices.Sort(reasons)
	for _, why := range reasons {
		row("recordings given up", "%d (%s)", s.Aborts[why], why)
	}
	row("operations", "%d recorded, %d optimized, %d of them guards", s.OpsRecorded, s.OpsOptimized, s.Guards)
	row("traces", "%d entries, %d iterations, %d guard failures", s.Entries, s.Iterations, s.GuardFailures)
	row("objects allocated", "%d by the interpreter, %d by the recorder, %d by traces",
		s.ObjectsInterpreter, s.ObjectsRecording, s.ObjectsTraces)
	if s.Iterations > 0 {
		row("objects an iteration", "%.1f", float64(s.ObjectsTraces)/float64(s.Iterations))
	}
	row("heap", "%d bytes allocated, %d collections", s.HeapBytes, s.HeapCollections)
	row("time", "interpreting %v, recording %v, optimizing %v, executing %v, collecting %v",
		round(s.Interpreting), round(s.Recording), round(s.Optimizing), round(s.Executing), round(s.Collecting))
}

func round(d time.Duration) time.Duration { return d.Round(time.Microsecond) }

// clock adds times up by phase. Phases nest: while an inner one runs, the outer
// one stands still.
type clock struct {
	since  time.Duration // the last change, counted from epoch
	phases []*time.Duration
}

func (c *clock) enter(phase *time.Duration) {
	c.stop()
	c.phases = append(c.phases, phase)
}

func (c *clock) leave() {
	c.stop()
	c.phases = c.phases[:len(c.phases)-1]
}

// stop adds the time since the last change to the running phase.
func (c *clock) stop() {
	now := time.Since(epoch)
	if n := len(c.phases); n > 0 {
		*c.phases[n-1] += now - c.since
	}
	c.since = now
}

// epoch is what clocks count from. time.Since costs half of what time.Now does,
// and a trace may be entered a million times.
var epoch = time.Now()
