package guards

import (
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// The executor runs optimized traces. It decodes a trace once: every value gets
// a register, every argument becomes the number of one, constants included, so
// that executing an operation is reading two registers and writing one. decode.go
// translates, exec.go runs the code, exit.go leaves it.
// (Chapter 5 puts machine code in its place.)

// instr is a decoded operation: dst = code(a, b).
type instr struct {
	code      ir.Opcode
	dst, a, b int32
	c         int32       // third argument of setarrayitem_gc
	word      int32       // field: which word of the object
	class     *heap.Class // allocations, class guards

	exit *exit // guards: how to leave
	fits bool  // checked operations, with the exit of their guard: what that asks for
	jump *jump
	call *call
}

// jump says how to begin the next iteration.
type jump struct {
	// from are the registers whose values go to the registers of the label's
	// arguments, or of the inputs; what stays as it is, is not listed.
	from, to []int32
	inOrder  bool // they can be moved one after the other
	pc       int  // of the instruction before the one to go on with
}

// call says what is called: one of the two functions.
type call struct {
	args     []int32
	elidable *recorder.Elidable
	residual *recorder.Residual
}

// program is a decoded trace.
type program struct {
	code    []instr
	inputs  int
	init    []uint64 // registers at the start: 0 for inputs and operations, then the constants
	refs    []int32  // registers that hold references, for the collector
	virtual bool     // an exit has objects to make
	idle    *run     // the last run, if it is over: its memory can be used again
}

// decode translates a trace. An operation that no trace of a recorder has is an
// error.
func decode(t *ir.Trace) (*program, error) {
	d := &decoder{p: &program{inputs: len(t.Inputs), init: make([]uint64, t.NumIDs())},
		consts: map[uint64]int32{}, target: t.Inputs, start: -1}
	for _, in := range t.Inputs {
		d.define(in)
	}
	for _, op := range t.Ops {
		d.define(op)
		if op.Code == ir.DebugMergePoint {
			continue
		}
		if op.Code == ir.GuardNoOverflow || op.Code == ir.GuardOverflow {
			d.overflow(op)
			continue
		}
		in := instr{code: op.Code, dst: op.ID}
		d.operands(&in, op)
		d.p.code = append(d.p.code, in)
	}
	return d.p, d.err
}

// decoder is the state of decode.
type decoder struct {
	p      *program
	consts map[uint64]int32
	target []*ir.Op // what a jump sets
	start  int      // and the instruction before the one that it goes to
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

// operands decodes what op works on into in.
func (d *decoder) operands(in *instr, op *ir.Op) {
	args := op.Args
	switch c := op.Code; {
	case c == ir.Label:
		d.target, d.start = args, len(d.p.code)
		return
	case c == ir.Jump:
		in.jump = d.jump(args)
		return
	case c.Has(ir.Guard):
		in.exit = d.exit(op)
	case c.IsCall():
		in.call = d.call(args[0].Name)
		in.call.args = d.regs(args[1:])
		args = nil
	case c > ir.ArraylenGc: // call_assembler, escape, finish
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
			in.class = args[i].Name.Class
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

// call decodes which function is called.
func (d *decoder) call(fn *ir.Symbol) *call {
	c := &call{}
	c.elidable, _ = fn.Func.(*recorder.Elidable)
	c.residual, _ = fn.Func.(*recorder.Residual)
	if c.residual == nil && c.elidable == nil {
		d.err = fmt.Errorf("the executor can't call %s", fn.Name)
	}
	return c
}

func (d *decoder) regs(list []*ir.Op) []int32 {
	regs := make([]int32, len(list))
	for i, a := range list {
		regs[i] = d.reg(a)
	}
	return regs
}

// reg returns the register of a value.
func (d *decoder) reg(a *ir.Op) int32 {
	switch {
	case a.Code == ir.OpVirtual:
		d.err = fmt.Errorf("a virtual object stands where the executor needs a real one")
		return 0
	case a.Code == ir.OpConstPtr && a.Name != nil:
		return d.constant(a.Name.Addr)
	case a.IsConst():
		return d.constant(a.Bits)
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
