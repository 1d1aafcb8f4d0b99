package machine

import "metatrace/internal/heap"

// Local returns slot i of the running frame.
func (m *Machine) Local(i int32) Ref { return m.window[i] }

// SetLocal changes slot i of the running frame.
func (m *Machine) SetLocal(i int32, r Ref) { m.window[i] = r }

// Peek returns the value that stands i below the top of the stack. A bytecode
// leaves its operands on the stack until it is done: the collector finds them
// there, and a guard that fails does, too.
func (m *Machine) Peek(i int) Ref { return m.window[m.sp-1-i] }

// Push puts r on the stack.
func (m *Machine) Push(r Ref) {
	m.window[m.sp] = r
	m.sp++
}

// Drop takes n values off the stack.
func (m *Machine) Drop(n int) { m.sp -= n }

// Replace takes n values off the stack and puts r on it.
func (m *Machine) Replace(n int, r Ref) {
	m.sp -= n - 1
	m.window[m.sp-1] = r
}

// MergePoint is called at the start of every bytecode. If it returns true, the
// interpreter calls SetPC and stops.
func (m *Machine) MergePoint(pc int) bool { return false }

// Loop is called before a jump back to pc, the loop header n of the running
// code. If it returns true, the interpreter stops; pc was noted.
func (m *Machine) Loop(code *Code, n int32, pc int) bool {
	c := &code.Loops[n]
	c.Left--
	if c.Left > 0 && m.stop.Load() == nil {
		return false
	}
	return m.hot(code, int(n), pc)
}

func (m *Machine) hot(code *Code, n, pc int) bool {
	m.SetPC(pc)
	return m.stop.Load() != nil || m.Hot(code, n, pc)
}

// Enter starts a call of code with the n values on top of the stack as its
// arguments; the running frame goes on at pc when it returns. It returns false,
// and does nothing, if there are too many frames.
func (m *Machine) Enter(code *Code, n, pc int) bool {
	top := len(m.frames) - 1
	if top >= m.MaxDepth {
		return false
	}
	f := &m.frames[top]
	m.sp -= n
	f.PC, f.SP = pc, m.sp
	base := f.Base + m.sp
	m.frames = append(m.frames, Frame{Code: code, Base: base})
	m.show(base, code)
	clear(m.window[n:code.Locals])
	m.sp = code.Locals
	return true
}

// Entered is called when Enter has started a call of code. If it returns true, the
// interpreter stops; that it goes on at position 0 was noted.
func (m *Machine) Entered(code *Code) bool {
	code.Entry.Left--
	return (code.Entry.Left <= 0 || m.stop.Load() != nil) && m.hot(code, FunctionEntry, 0)
}

// CallApart is called before Enter. If it returns true, the call is done: the
// arguments are replaced by the result. Only a recorder does that, for a function that
// is not to become part of the trace.
func (m *Machine) CallApart(code *Code, n, pc int) (done bool, err error) { return false, nil }

// Depend says that what the running bytecode does is right as long as nobody changes
// c: the recorder makes a guard of it that costs nothing.
func (m *Machine) Depend(c *Cell) {}

// Leave ends the running frame with the result r, which is pushed on the frame
// below. It returns that frame's code and position; nil if there is none, and
// then r is what Result returns.
func (m *Machine) Leave(r Ref) (*Code, int) {
	m.PopFrame()
	if len(m.frames) == 0 {
		m.result = r
		return nil, 0
	}
	m.Push(r)
	return m.Top()
}

// Call does a residual call of fn with the n values on top of the stack. They
// stay there.
func (m *Machine) Call(fn *Func, n int) (Ref, error) {
	return fn.Do(m.window[m.sp-n : m.sp])
}

// Value returns what r is, as a green value: for error messages only. No
// decision that goes on may rest on it, since no guard is recorded.
func (m *Machine) Value(r Ref) heap.Ref { return r }
