package ir

import "fmt"

// A Builder makes a trace from front to back. It takes memory in chunks, so that
// recording costs little. What it makes is as right as what it is given: Verify
// says whether that is a well-formed trace.
type Builder struct {
	trace *Trace
	ops   slab[Op]
	args  slab[*Op]
	exits slab[Exit]
}

// NewBuilder returns a Builder of a trace with the given declarations, which may
// be nil.
func NewBuilder(d *Decls) *Builder {
	return &Builder{trace: &Trace{Decls: d}}
}

// Input adds an input of type t. All inputs come before all operations.
func (b *Builder) Input(t Type) *Op {
	if len(b.trace.Ops) > 0 {
		panic("ir: Builder: an input comes after an operation")
	}
	op := b.ops.one()
	*op = Op{Code: OpInput, Type: t, ID: int32(len(b.trace.Inputs))}
	b.trace.Inputs = append(b.trace.Inputs, op)
	return op
}

// Op adds an operation that is no guard. descr is nil for those that have none.
func (b *Builder) Op(code Opcode, descr any, args ...*Op) *Op {
	if code.Has(Guard) {
		panic(fmt.Sprintf("ir: Builder: %s is a guard and needs failargs", code))
	}
	op := b.add(code, args)
	op.Descr = descr
	return op
}

// Guard adds a guard. Both lists are copied.
func (b *Builder) Guard(code Opcode, failargs []*Op, args ...*Op) *Op {
	if !code.Has(Guard) {
		panic(fmt.Sprintf("ir: Builder: %s is no guard", code))
	}
	op := b.add(code, args)
	op.Exit = b.exits.one()
	op.Exit.Failargs = b.list(failargs)
	return op
}

// Len returns the number of operations so far.
func (b *Builder) Len() int { return len(b.trace.Ops) }

// Trace returns the trace. The Builder may go on adding to it.
func (b *Builder) Trace() *Trace { return b.trace }

func (b *Builder) add(code Opcode, args []*Op) *Op {
	if code < IntAdd || code >= numOpcodes {
		panic(fmt.Sprintf("ir: Builder: opcode %d is no operation", code))
	}
	op := b.ops.one()
	*op = Op{
		Code: code,
		Type: code.Info().Result,
		ID:   int32(b.trace.NumIDs()),
		Args: b.list(args),
	}
	b.trace.Ops = append(b.trace.Ops, op)
	return op
}

func (b *Builder) list(from []*Op) []*Op {
	list := b.args.many(len(from))
	copy(list, from)
	return list
}
