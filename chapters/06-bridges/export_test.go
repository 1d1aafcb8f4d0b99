package bridges

import (
	"fmt"

	guards "metatrace/chapters/02-guards"
)

// Check returns an error if what e holds does not fit together: a header, fragment or
// exit that is left although nothing leads to it, or more of them than limits allow.
func (e *Engine) Check() error {
	exits := 0
	for _, h := range e.headers {
		if h.freed || h.counter.Trace != h {
			return fmt.Errorf("header %d is not that of its counter, freed: %v", h.number, h.freed)
		}
		n, err := e.checkHeader(h)
		if err != nil {
			return fmt.Errorf("header %d: %w", h.number, err)
		}
		exits += n
	}
	if exits != len(e.exits) {
		return fmt.Errorf("%d exits are known, and fragments have %d", len(e.exits), exits)
	}
	return nil
}

func (e *Engine) checkHeader(h *Header) (exits int, err error) {
	made, limits := 0, e.opt.Limits
	for _, f := range h.fragments {
		switch {
		case f.freed || f.header != h:
			return 0, fmt.Errorf("fragment %d is freed, or another's", f.Number)
		case f.goes != nil && f.goes.freed:
			return 0, fmt.Errorf("fragment %d leads to header %d, which is freed", f.Number, f.goes.number)
		case f.From != nil && f.From.Fragment.freed:
			return 0, fmt.Errorf("fragment %d comes from one that is freed", f.Number)
		case f.Kind == KindBridge:
			made++
		}
		for _, op := range f.Trace.Ops {
			x := e.exits[op]
			if x == nil {
				continue
			}
			exits++
			if n := len(x.Cases); n > limits.Cases && n > 1 {
				return 0, fmt.Errorf("exit %d of fragment %d has %d cases", x.Number, f.Number, n)
			}
			for _, c := range x.Cases {
				if !hasProgram(h, c.Bridge) {
					return 0, fmt.Errorf("exit %d of fragment %d goes on in a bridge that there is not", x.Number, f.Number)
				}
			}
		}
	}
	if made != h.bridges {
		return 0, fmt.Errorf("it has %d bridges, and counts %d", made, h.bridges)
	}
	if made > limits.Bridges || len(h.versions) > max(1, limits.Versions) {
		return 0, fmt.Errorf("it has %d bridges and %d versions, limits are %+v", made, len(h.versions), limits)
	}
	return exits, nil
}

func hasProgram(h *Header, p guards.Program) bool {
	for _, f := range h.fragments {
		if f.Program == p {
			return true
		}
	}
	return false
}

// Left returns how much is left after Close.
func (e *Engine) Left() int { return len(e.headers) + len(e.exits) }
