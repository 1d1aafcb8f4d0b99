package guards

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// The portable executor decodes a trace once: every value gets a register, every
// argument becomes the number of one, constants included, so that executing an
// operation is reading two registers and writing one. decode.go translates, exec.go
// runs the code, run.go goes from trace to trace. exit.go and leave.go say how a trace is
// left, by any executor.

// instr is a decoded operation: dst = code(a, b).
type instr struct {
	code      ir.Opcode
	dst, a, b int32
	c         int32       // third argument of setarrayitem_gc
	word      int32       // field: which word of the object
	class     *heap.Class // allocations, class guards

	exit *way // guards and finish: how to leave; call_assembler: how its guard_not_forced does
	fits bool // checked operations, with the exit of their guard: what that asks for
	jump *jump
	call *call
}

// jump says how to begin the next iteration, or another trace.
type jump struct {
	out *program // the other trace, whose inputs are in the registers from; or nil
	// from are the registers whose values go to the registers of the label's
	// arguments, or of the inputs; what stays as it is, is not listed.
	from, to []int32
	inOrder  bool // they can be moved one after the other
	pc       int  // of the instruction before the one to go on with
}

// call says what is called, and with which registers.
type call struct {
	args []int32
	Callee
	// For call_assembler:
	fn    *recorder.Function
	depth int // how many frames the trace stands for while it is suspended
	op    *ir.Op
}

// program is a decoded trace.
type program struct {
	exec   *portable // set when it is loaded
	code   []instr
	inputs int
	init   []uint64 // registers at the start: 0 for inputs and operations, then the constants
	refs   []int32  // registers that hold references, for the collector
	exits  []*way
	values []uint64 // that the last run left

	from    ExitOf // bridges: where they start
	invalid bool   // all guard_not_invalidated fail
}

// decode translates a trace. own is the Target that stands for its start, or nil. An
// operation that no trace of a recorder has is an error.
func decode(t *ir.Trace, own *ir.Target) (*program, error) {
	d := &decoder{p: &program{inputs: len(t.Inputs), init: make([]uint64, t.NumIDs())},
		consts: map[uint64]int32{}, target: t.Inputs, start: -1, own: own}
	for _, in := range t.Inputs {
		d.define(in)
	}
	for _, op := range t.Ops {
		d.define(op)
		if d.waits() && op.Code != ir.GuardNotForced {
			d.err = fmt.Errorf("%s stands behind a call, expected %s", op.Code, ir.GuardNotForced)
		}
		switch op.Code {
		case ir.DebugMergePoint:
		case ir.GuardNoOverflow, ir.GuardOverflow:
			d.overflow(op)
		case ir.GuardNotForced:
			d.notForced(op)
		case ir.Label:
			d.label(op)
		default:
			in := instr{code: op.Code, dst: op.ID}
			d.operands(&in, op)
			d.p.code = append(d.p.code, in)
		}
	}
	if d.err == nil && !ends(t) {
		d.err = errors.New("the trace has no end: expected a jump or finish")
	}
	return d.p, d.err
}

// ends reports whether nothing can come behind the last operation of t.
func ends(t *ir.Trace) bool {
	if len(t.Ops) == 0 {
		return false
	}
	last := t.Ops[len(t.Ops)-1].Code
	return last == ir.Jump || last == ir.Finish || last == ir.GuardAlwaysFails
}

// decoder is the state of decode.
type decoder struct {
	p      *program
	consts map[uint64]int32
	target []*ir.Op // what a jump sets
	start  int      // and the instruction before the one that it goes to
	own    *ir.Target
	err    error
}

// define notes an input or operation. Its register is its ID.
func (d *decoder) define(op *ir.Op) {
	if op.Type == ir.Ref {
		d.p.refs = append(d.p.refs, op.ID)
	}
}

// overflow makes a guard part of the checked operation before it.
func (d *decoder) overflow(guard *ir.Op) {
	n := len(d.p.code)
	if n == 0 || !d.p.code[n-1].code.Has(ir.Checked) {
		d.err = fmt.Errorf("no checked operation stands before %s", guard.Code)
		return
	}
	d.p.code[n-1].exit, d.p.code[n-1].fits = d.exit(guard), guard.Code == ir.GuardNoOverflow
}

// label decodes a label: the place that jumps go to. It is an instruction only where it
// ends an iteration.
func (d *decoder) label(op *ir.Op) {
	if len(d.p.code) > 0 {
		d.p.code = append(d.p.code, instr{code: ir.Label})
	}
	d.target, d.start = op.Args, len(d.p.code)-1
}

// operands decodes what op works on into in.
func (d *decoder) operands(in *instr, op *ir.Op) {
	args := op.Args
	switch c := op.Code; {
	case c == ir.Jump:
		if to, ok := op.Descr.(*ir.Target); ok {
			in.jump = d.jumpOut(args, to)
		} else {
			in.jump = d.jump(args)
		}
		return
	case c == ir.Finish:
		in.exit = d.exit(op)
		return
	case c.Has(ir.Guard):
		in.exit = d.exit(op)
	case c.IsCall():
		callee, err := CalleeOf(op)
		if err != nil {
			d.err = err
		}
		in.call = &call{args: d.regs(args[1:]), Callee: callee}
		args = nil
	case c.IsTraceCall():
		in.call = d.traceCall(op)
		return
	case c > ir.ArraylenGc: // escape
		d.err = fmt.Errorf("the executor has no %s", c)
		return
	}
	switch descr := op.Descr.(type) {
	case *heap.Field:
		in.word, in.class = int32(descr.Index), descr.Owner
	case *heap.Class:
		in.class = descr
	}
	if in.class != nil && in.class.Immediate != nil {
		// Its objects are in no memory that could be read.
		d.err = fmt.Errorf("the executor has no %s of the immediate class %s", op.Code, in.class)
		return
	}
	for i, reg := range []*int32{&in.a, &in.b, &in.c}[:len(args)] {
		if args[i].Code == ir.OpConstClass {
			if in.class = args[i].Name.Class; in.class == nil {
				d.err = fmt.Errorf("the executor knows no class with the vtable %s", args[i].Name.Name)
			}
			continue
		}
		*reg = d.reg(args[i])
	}
}

// jump decodes a jump with args: to the label, if there was one, else to the
// start. The label's arguments keep the registers that they have, so that what
// stands behind the label finds them where it found them the first time.
func (d *decoder) jump(args []*ir.Op) *jump {
	j := &jump{pc: d.start}
	if len(args) != len(d.target) {
		d.err = fmt.Errorf("jump has %d arguments, expected %d", len(args), len(d.target))
		return j
	}
	for i, a := range args {
		if reg := d.reg(a); reg != d.target[i].ID {
			j.from, j.to = append(j.from, reg), append(j.to, d.target[i].ID)
		}
	}
	j.inOrder = true
	for i, to := range j.to {
		if slices.Contains(j.from[i+1:], to) {
			j.inOrder = false
		}
	}
	return j
}

func (d *decoder) regs(list []*ir.Op) []int32 {
	regs := make([]int32, len(list))
	for i, a := range list {
		regs[i] = d.reg(a)
	}
	return regs
}

// exit decodes how op leaves the trace.
func (d *decoder) exit(op *ir.Op) *way {
	e := DecodeExit(op, func(a *ir.Op) int32 {
		if a.Code != ir.OpVirtual {
			return d.reg(a)
		}
		d.p.init = append(d.p.init, 0)
		return int32(len(d.p.init) - 1)
	})
	w := &way{Exit: e, leaves: d.regs(op.Leaves())}
	d.p.exits = append(d.p.exits, w)
	return w
}

// reg returns the register of a value.
func (d *decoder) reg(a *ir.Op) int32 {
	switch {
	case a.Code == ir.OpVirtual:
		d.err = fmt.Errorf("a virtual object stands where the executor needs a real one")
		return 0
	case a.IsConst():
		return d.constant(ConstWord(a))
	}
	return a.ID
}

// constant returns the register of a constant. Equal ones share one; it is
// behind those of the operations.
func (d *decoder) constant(bits uint64) int32 {
	reg, ok := d.consts[bits]
	if !ok {
		reg = int32(len(d.p.init))
		d.p.init = append(d.p.init, bits)
		d.consts[bits] = reg
	}
	return reg
}
