package backend

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// An object is a header word, class below and length above, and its words.
const (
	lengthOffset = 4
	wordsOffset  = 8
)

// heap adds the instruction of an operation on objects.
func (l *lowerer) heap(op *ir.Op) {
	if class := classOf(op); class != nil && class.Immediate != nil {
		// Its objects are in no memory that could be read.
		l.err = fmt.Errorf("objects of the immediate class %s are in no memory", class)
		return
	}
	switch op.Code {
	case ir.GetfieldGcI, ir.GetfieldGcF, ir.GetfieldGcR:
		l.define(op, Inst{Code: Load, Imm: displacement(op)}, l.of(op.Args[0]))
	case ir.SetfieldGc:
		l.effect(op, Inst{Code: Store, Imm: displacement(op)}, l.of(op.Args[0]), l.of(op.Args[1]))
	case ir.GetarrayitemGcI, ir.GetarrayitemGcF, ir.GetarrayitemGcR:
		base, index, disp := l.item(op)
		if index == None {
			l.define(op, Inst{Code: Load, Imm: disp}, base)
		} else {
			l.define(op, Inst{Code: LoadIndex, Imm: disp}, base, index)
		}
	case ir.SetarrayitemGc:
		base, index, disp := l.item(op)
		if index == None {
			l.effect(op, Inst{Code: Store, Imm: disp}, base, l.of(op.Args[2]))
		} else {
			l.effect(op, Inst{Code: StoreIndex, Imm: disp}, base, index, l.of(op.Args[2]))
		}
	case ir.ArraylenGc:
		l.define(op, Inst{Code: LoadLength, Imm: lengthOffset}, l.of(op.Args[0]))
	case ir.New, ir.NewWithVtable:
		class := op.Descr.(*heap.Class)
		in := Inst{Code: New, Imm: class.Bytes(), Exit: l.resumable(ExitAlloc, op)}
		l.define(op, in, None, l.int(int64(class.ID)))
	case ir.NewArray, ir.NewArrayClear:
		n := l.of(op.Args[0])
		in := Inst{Code: NewArray, Imm: int64(op.Descr.(*heap.Class).ID), Exit: l.resumable(ExitAlloc, op, n)}
		l.define(op, in, n)
	default:
		l.err = fmt.Errorf("the backend has no such operation")
	}
}

// classOf returns the class whose objects op works on, or nil.
func classOf(op *ir.Op) *heap.Class {
	switch descr := op.Descr.(type) {
	case *heap.Field:
		return descr.Owner
	case *heap.Class:
		return descr
	}
	return nil
}

// displacement returns how far behind the address of its object a field is, in
// bytes.
func displacement(op *ir.Op) int64 { return wordsOffset + 8*int64(op.Descr.(*heap.Field).Index) }

// item returns where the array item of op is: at base + 8*index + disp, or without
// an index at base + disp.
func (l *lowerer) item(op *ir.Op) (base, index Value, disp int64) {
	base = l.of(op.Args[0])
	i := op.Args[1]
	if i.Code == ir.OpConstInt && 0 <= i.Int() && i.Int() < 1<<20 {
		return base, None, wordsOffset + 8*i.Int()
	}
	if !i.IsConst() && l.at[i.ID] >= 0 && l.skip[l.at[i.ID]] {
		x, n, _ := l.indexSum(i)
		return base, l.of(x), wordsOffset + 8*n
	}
	return base, l.of(i), wordsOffset
}
