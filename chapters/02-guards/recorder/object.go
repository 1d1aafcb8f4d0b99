package recorder

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// New allocates an object and records that.
func (r *Recorder) New(c *heap.Class) Ref {
	v := r.Machine.New(c)
	r.fresh[v] = true
	return Ref{v, r.b.Op(ir.NewWithVtable, c)}
}

// NewArray allocates an array of n items and records that.
func (r *Recorder) NewArray(c *heap.Class, n Int) Ref {
	v := r.Machine.NewArray(c, n.V)
	r.fresh[v] = true
	return Ref{v, r.b.Op(ir.NewArrayClear, c, n.Op)}
}

// Tag records how an object of the immediate class c is made: like any other.
// Which word it is, if there has to be one, is the optimizer's business.
func (r *Recorder) Tag(c *heap.Class, v Int) Ref {
	op := r.b.Op(ir.NewWithVtable, c)
	r.b.Op(ir.SetfieldGc, c.Fields[0], op, v.Op)
	return Ref{r.Machine.Tag(c, v.V), op}
}

// constant reports whether a field of x is read while recording already: x is a
// prebuilt object, and what a constant contains for ever is constant.
func constant(x Ref, f *heap.Field) bool {
	return x.Op.IsConst() && f.Immutable && f.Kind != heap.KindRef
}

// GetInt records the read of an int field.
func (r *Recorder) GetInt(x Ref, f *heap.Field) Int {
	v := r.Machine.GetInt(x.V, f)
	if constant(x, f) {
		return r.IntConst(v)
	}
	return Int{v, r.b.Op(ir.GetfieldGcI, f, x.Op)}
}

// GetFloat records the read of a float field.
func (r *Recorder) GetFloat(x Ref, f *heap.Field) Float {
	v := r.Machine.GetFloat(x.V, f)
	if constant(x, f) {
		return r.FloatConst(v)
	}
	return Float{v, r.b.Op(ir.GetfieldGcF, f, x.Op)}
}

// GetRef records the read of a reference field.
func (r *Recorder) GetRef(x Ref, f *heap.Field) Ref {
	return Ref{r.Machine.GetRef(x.V, f), r.b.Op(ir.GetfieldGcR, f, x.Op)}
}

// SetInt records the write of an int field.
func (r *Recorder) SetInt(x Ref, f *heap.Field, v Int) {
	r.Machine.SetInt(x.V, f, v.V)
	r.write(x, ir.SetfieldGc, f, x.Op, v.Op)
}

// SetFloat records the write of a float field.
func (r *Recorder) SetFloat(x Ref, f *heap.Field, v Float) {
	r.Machine.SetFloat(x.V, f, v.V)
	r.write(x, ir.SetfieldGc, f, x.Op, v.Op)
}

// SetRef records the write of a reference field.
func (r *Recorder) SetRef(x Ref, f *heap.Field, v Ref) {
	r.Machine.SetRef(x.V, f, v.V)
	r.write(x, ir.SetfieldGc, f, x.Op, v.Op)
}

// write records a write to x. Nobody else sees an object made in this bytecode,
// and a second execution makes another: such a write changes nothing.
func (r *Recorder) write(x Ref, code ir.Opcode, descr any, args ...*ir.Op) {
	if !r.fresh[x.V] {
		r.change("a write to an object")
	}
	r.b.Op(code, descr, args...)
}

// Len records the length of an array.
func (r *Recorder) Len(x Ref, c *heap.Class) Int {
	return Int{r.Machine.Len(x.V, c), r.b.Op(ir.ArraylenGc, c, x.Op)}
}

// GetItem records the read of an item.
func (r *Recorder) GetItem(x Ref, c *heap.Class, i Int) Ref {
	return Ref{r.Machine.GetItem(x.V, c, i.V), r.b.Op(ir.GetarrayitemGcR, c, x.Op, i.Op)}
}

// SetItem records the write of an item.
func (r *Recorder) SetItem(x Ref, c *heap.Class, i Int, v Ref) {
	r.Machine.SetItem(x.V, c, i.V, v.V)
	r.write(x, ir.SetarrayitemGc, c, x.Op, i.Op, v.Op)
}
