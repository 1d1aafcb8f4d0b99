package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A question is one line of the input of -batch. Pointers tell what is missing.
type question struct {
	ID     json.RawMessage `json:"id"`
	Trace  *string         `json:"trace"`
	Peel   *bool           `json:"peel"`
	Passes *string         `json:"passes"`
}

// An answer is one line of the output of -batch: a trace, or an error.
type answer struct {
	ID    json.RawMessage `json:"id"`
	Trace *string         `json:"trace,omitempty"`
	Error string          `json:"error,omitempty"`
	Exit  int             `json:"exit,omitempty"`
}

// errTooLong is of a line that is longer than any input may be.
var errTooLong = fmt.Errorf("the line has more than %d MiB", maxInput>>20)

// batch answers each line of the input. Whatever a line holds, the others get
// their answers.
func (o *optimizer) batch(e *env, name string) error {
	f, name, err := open(e, name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 1<<16)
	answers := json.NewEncoder(e.stdout)
	answers.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errTooLong) {
			return unreadable(name, err)
		}
		if len(bytes.TrimSpace(line)) > 0 || errors.Is(err, errTooLong) {
			if err := answers.Encode(o.answer(fmt.Sprintf("%s:%d", name, n), line, err)); err != nil {
				return nil // of the output, which keeps it
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		// Somebody may be waiting for these answers before asking more.
		if lines.Buffered() == 0 && e.stdout.flush() != nil {
			return nil
		}
	}
}

// readLine returns the next line. Of one that is too long it reads all and
// returns nothing.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxInput; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil && long:
			return nil, errTooLong
		}
		return line, err
	}
}

// answer answers one line, which stands at the given place. err says why it
// could not be read.
func (o *optimizer) answer(place string, line []byte, err error) (a answer) {
	a.ID = json.RawMessage("null")
	fail := func(code int, err error) answer {
		return answer{ID: a.ID, Error: err.Error(), Exit: code}
	}
	defer func() {
		if p := recover(); p != nil {
			a = fail(exitInternal, fmt.Errorf("internal error: %v", p))
		}
	}()
	if errors.Is(err, errTooLong) {
		return fail(exitUsage, fmt.Errorf("%s: %w", place, err))
	}
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return fail(exitUsage, fmt.Errorf("%s: expected a JSON object with id, trace and peel: %w", place, err))
	}
	if q.ID != nil {
		a.ID = q.ID
	}
	if q.Trace == nil {
		return fail(exitUsage, fmt.Errorf("%s: there is no \"trace\", expected the text of one", place))
	}
	peel, passes := o.peel, o.passes
	if q.Peel != nil {
		peel = *q.Peel
	}
	if q.Passes != nil {
		passes = *q.Passes
	}
	text, err := o.optimize(traceName(q.ID), *q.Trace, passes, peel)
	if err != nil {
		return fail(statusOf(err), err)
	}
	return answer{ID: a.ID, Trace: &text}
}

// traceName is what messages call the trace with an id.
func traceName(id json.RawMessage) string {
	var s string
	switch {
	case json.Unmarshal(id, &s) == nil && s != "":
		return s
	case len(id) > 0 && s == "" && !bytes.HasPrefix(id, []byte(`"`)):
		return string(id)
	}
	return "trace"
}
