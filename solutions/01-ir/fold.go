package irsolution

import ir "metatrace/chapters/01-ir"

// FoldConst returns the constant that the pure operation op computes, or nil if
// it has to be left to the run: an argument is no constant, or eval says that
// the operation is not defined for these. op.Args are already what Find gives.
// Constants are OpConstInt, OpConstFloat (their words are in Bits), OpConstPtr
// and OpConstClass. Pointers have no words before the run: of ptr_eq and its
// kin (PtrEq, PtrNe, InstancePtrEq, InstancePtrNe) on two OpConstPtr the result
// follows from SameConst. SameAs of a constant, any, is that constant.
//
// For example, int_add(3, 4) gives ConstInt(7), and int_add(i0, 4) gives nil.
// The type of the constant is op.Type: float_lt(1.0, 2.0) gives ConstInt(1).
func FoldConst(op *ir.Op, eval ir.PureFunc) *ir.Op {
	for _, a := range op.Args {
		if !a.IsConst() {
			return nil
		}
	}
	switch op.Code {
	case ir.SameAsI, ir.SameAsF, ir.SameAsR:
		return op.Args[0]
	case ir.PtrEq, ir.InstancePtrEq:
		return truth(ir.SameConst(op.Args[0], op.Args[1]))
	case ir.PtrNe, ir.InstancePtrNe:
		return truth(!ir.SameConst(op.Args[0], op.Args[1]))
	}
	var words [2]uint64
	for i, a := range op.Args {
		if a.Code != ir.OpConstInt && a.Code != ir.OpConstFloat {
			return nil
		}
		words[i] = a.Bits
	}
	result, ok := eval(op.Code, words[0], words[1])
	if !ok {
		return nil
	}
	return ir.ConstBits(op.Type, result)
}

func truth(b bool) *ir.Op {
	if b {
		return ir.ConstInt(1)
	}
	return ir.ConstInt(0)
}
