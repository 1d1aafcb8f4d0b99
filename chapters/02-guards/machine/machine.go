// Package machine is what an interpreter runs on: the guest's frames, and every
// operation on guest values as a small method that Go's compiler inlines. An
// interpreter written against it runs at full speed.
//
// Package recorder has the same names and the same signatures. The interpreter's
// source is compiled a second time against that one, and then writes down what
// it does. The two kinds of values an interpreter deals with:
//
//	green  ordinary Go values: bytecode, positions, classes. The recorder does
//	       not see them; in a trace they are constants.
//	red    Int, Float, Ref, Bool of this package: the guest program's data.
//	       Whatever is done with them is done through the Machine, and recorded.
//
// A decision on red data goes through the Machine as well (If, IsNull, ClassIs,
// the second result of IntAddOvf): the recorder makes a guard of it.
//
// The interpreter has one rule to keep, in every bytecode: first look and
// decide, then act. All decisions come before the first change of a frame, of an
// object that others can see, or of the world. A guard that fails goes back to
// the start of the bytecode, which is right only if nothing was changed yet.
package machine

import (
	"errors"
	"sync/atomic"

	"metatrace/internal/heap"
)

// The types of red values. For this package they are what they hold.
type (
	Int   = int64
	Float = float64
	Ref   = heap.Ref
	Bool  = bool
)

// Code is what the machine needs to know of a piece of guest code: a function
// or the main program.
type Code struct {
	Name   string
	Params int       // the first locals, which the arguments of a call are for
	Locals int       // the first slots of a frame; those behind the arguments start as null
	Slots  int       // locals and operand stack together
	Loops  []Counter // one for each loop header
	Entry  Counter   // of the calls that the interpreter makes
	Guest  any       // the interpreter's own description
}

// Counter counts the visits of a loop header, or of a function entry.
type Counter struct {
	Left   int // visits until the header is hot; it is when this gets to 0
	Aborts int // recordings that started here and came to nothing
	Trace  any // what was compiled for this loop, or nil
}

// FunctionEntry is the number of a function's entry, where others are those of loops.
const FunctionEntry = -1

// Header returns the counter of loop n, or of the function's entry.
func (c *Code) Header(n int) *Counter {
	if n == FunctionEntry {
		return &c.Entry
	}
	return &c.Loops[n]
}

// Frame is one call: code, position, slots. The slots of a frame are those of
// the stack from Base on, and SP of them are in use.
type Frame struct {
	Code     *Code
	PC       int // where to go on; not kept up to date while the frame runs
	Base, SP int
}

// Snapshot is the shape of a stack of frames, without the values of the slots.
type Snapshot struct {
	Frames []FrameShape // the outermost first
}

// FrameShape is one frame of a Snapshot.
type FrameShape struct {
	Code *Code
	PC   int // start of the bytecode to execute
	SP   int // slots in use
}

// Func is a function that guest code calls and that no recorder looks into: a
// residual call. It gets its arguments as they stand on the stack.
type Func struct {
	Name string
	// Do must not keep args, and must not touch the caller's frames.
	Do func(args []heap.Ref) (heap.Ref, error)
}

// Machine is the state of a running guest program.
type Machine struct {
	Heap *heap.Heap
	// Hot is called when a counter has run down: the loop header n of code, at
	// position pc, or FunctionEntry, at 0. It returns whether the interpreter shall stop there.
	Hot func(code *Code, n, pc int) bool
	// MaxDepth bounds the frames above the first.
	MaxDepth int
	// Inlined is how many frames there would be besides if it were not for
	// compiled code that is running now.
	Inlined int

	slots  []heap.Ref // of all frames
	window []heap.Ref // slots of the running frame
	sp     int        // how many of the window are in use
	frames []Frame    // the running one last; its SP is kept in sp
	result heap.Ref   // of the outermost frame, when it has ended
	stop   *atomic.Pointer[error]
}

// ErrOutOfMemory is the guest-level error for a heap that is full.
var ErrOutOfMemory = errors.New("out of memory")

// New returns a machine without frames.
func New(h *heap.Heap, maxDepth int) *Machine {
	m := &Machine{Heap: h, MaxDepth: maxDepth, stop: new(atomic.Pointer[error]), Hot: func(*Code, int, int) bool { return false }}
	h.AddRoots(m.roots)
	return m
}

func (m *Machine) roots(v *heap.Visitor) {
	v.Ref(m.result)
	if len(m.frames) == 0 {
		return
	}
	// Frames lie one behind the other, so all slots in use are one run.
	top := m.frames[len(m.frames)-1]
	for _, r := range m.slots[:top.Base+m.sp] {
		v.Ref(r)
	}
}

// Stop makes the interpreter end with err at its next loop header or call. It
// may be called from any goroutine.
func (m *Machine) Stop(err error) { m.stop.CompareAndSwap(nil, &err) }

// ShareStop makes m stop when other does.
func (m *Machine) ShareStop(other *Machine) { m.stop = other.stop }

// Result returns what the outermost frame returned.
func (m *Machine) Result() heap.Ref { return m.result }

// Stopped returns the error that Stop was given, or nil.
func (m *Machine) Stopped() error {
	if p := m.stop.Load(); p != nil {
		return *p
	}
	return nil
}

// Frames returns the frames with their SP up to date. The slice is the
// machine's own.
func (m *Machine) Frames() []Frame {
	if n := len(m.frames); n > 0 {
		m.frames[n-1].SP = m.sp
	}
	return m.frames
}

// Slots returns the slots of all frames, as they lie behind one another.
func (m *Machine) Slots() []heap.Ref { return m.slots }

// DepthLeft returns how many calls may still be made inside the running one.
func (m *Machine) DepthLeft() int { return m.MaxDepth - (len(m.frames) - 1) - m.Inlined }

// Top returns the running frame's code and the position where it goes on.
func (m *Machine) Top() (*Code, int) {
	f := &m.frames[len(m.frames)-1]
	return f.Code, f.PC
}

// SetPC notes where the running frame goes on.
func (m *Machine) SetPC(pc int) { m.frames[len(m.frames)-1].PC = pc }

// PushFrame adds a frame that goes on at pc with sp slots in use, which start
// where the frame below ends. They are null until the caller sets them (SetSlot).
func (m *Machine) PushFrame(code *Code, pc, sp int) {
	base := 0
	if n := len(m.frames); n > 0 {
		f := &m.frames[n-1]
		f.SP = m.sp
		base = f.Base + f.SP
	}
	m.frames = append(m.frames, Frame{Code: code, PC: pc, Base: base})
	m.show(base, code)
	clear(m.window[:sp])
	m.sp = sp
}

// PopFrame drops the running frame.
func (m *Machine) PopFrame() {
	n := len(m.frames) - 1
	m.frames = m.frames[:n]
	if n == 0 {
		m.window, m.sp = nil, 0
		return
	}
	f := &m.frames[n-1]
	m.show(f.Base, f.Code)
	m.sp = f.SP
}

// show makes the slots from base on the window, growing the stack if need be.
func (m *Machine) show(base int, code *Code) {
	if need := base + code.Slots; need > len(m.slots) {
		m.slots = append(m.slots, make([]heap.Ref, need+len(m.slots)+64)...)
	}
	m.window = m.slots[base : base+code.Slots]
}

// SetSlot sets slot i of the running frame.
func (m *Machine) SetSlot(i int, r heap.Ref) { m.window[i] = r }
