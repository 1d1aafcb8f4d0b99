package ir_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

type foldConst = func(*ir.Op, ir.PureFunc) *ir.Op

func TestExercise1_4_FoldConst(t *testing.T) {
	exercise.Run(t, ex("1.4"), ir.Yours.FoldConst, irsolution.Kit.FoldConst, checkFold,
		exercise.Wrong[foldConst]("folds-the-undefined", func(op *ir.Op, eval ir.PureFunc) *ir.Op {
			return irsolution.FoldConst(op, func(c ir.Opcode, a, b uint64) (uint64, bool) {
				w, _ := eval(c, a, b)
				return w, true
			})
		}),
		exercise.Wrong[foldConst]("type-of-the-argument", func(op *ir.Op, eval ir.PureFunc) *ir.Op {
			c := irsolution.FoldConst(op, eval)
			if c != nil && c.Code != ir.OpConstPtr {
				return ir.ConstBits(op.Args[0].Type, c.Bits)
			}
			return c
		}),
		exercise.Wrong[foldConst]("pointers-have-words", func(op *ir.Op, eval ir.PureFunc) *ir.Op {
			if op.Code == ir.PtrEq && op.Args[0].IsConst() && op.Args[1].IsConst() {
				w, _ := eval(op.Code, op.Args[0].Bits, op.Args[1].Bits) // all 0
				return ir.ConstInt(int64(w))
			}
			return irsolution.FoldConst(op, eval)
		}),
		exercise.Wrong[foldConst]("looks-at-one-argument", func(op *ir.Op, eval ir.PureFunc) *ir.Op {
			if !op.Args[0].IsConst() {
				return nil
			}
			words := [2]uint64{}
			for i, a := range op.Args {
				words[i] = a.Bits
			}
			w, ok := eval(op.Code, words[0], words[1])
			if !ok {
				return nil
			}
			return ir.ConstBits(op.Type, w)
		}),
		exercise.Wrong[foldConst]("nothing-but-ints", func(op *ir.Op, eval ir.PureFunc) *ir.Op {
			for _, a := range op.Args {
				if a.Code != ir.OpConstInt {
					return nil
				}
			}
			return irsolution.FoldConst(op, eval)
		}),
	)
}

func checkFold(t exercise.TB, fold foldConst) {
	kit := with(func(k *ir.Kit) {
		k.FoldConst = fold
		k.Identities, k.Reassociations, k.FloatIdentities = noRules, noRules, noRules
	})
	in := "[i0, p1]"
	cases := []traceCase{
		expressions("an operation on constants is a constant", in, "int_add(3, 4)", "7"),
		expressions("an operation on something else than constants stays", in, "int_add(i0, 4)", "int_add(i0, 4)"),
		expressions("all arguments have to be constants", in, "int_sub(4, i0)", "int_sub(4, i0)"),
		expressions("folding goes on with what was folded", in, "int_add(3, 4); int_mul(i2, 2); int_neg(i3)", "-14"),
		expressions("arithmetic wraps", in, "int_add(9223372036854775807, 1)", "-9223372036854775808"),
		expressions("an operation with one argument folds", in, "int_is_zero(0)", "1"),
		expressions("a comparison of floats gives an int", in, "float_lt(1.0, 2.0)", "1"),
		expressions("floats fold exactly", in, "float_add(0.1, 0.2)", "0.30000000000000004"),
		expressions("an int becomes a float", in, "cast_int_to_float(3)", "3.0"),
		expressions("0.0 - 0.0 is 0.0, and -0.0 is another float", in, "float_neg(0.0)", "-0.0"),
		expressions("a pointer is equal to itself", in, "ptr_eq(ConstPtr(first), ConstPtr(first))", "1"),
		expressions("two names are two objects", in, "ptr_eq(ConstPtr(first), ConstPtr(second))", "0"),
		expressions("two names are two objects", in, "instance_ptr_ne(ConstPtr(first), ConstPtr(second))", "1"),
		expressions("no object is NULL", in, "ptr_ne(ConstPtr(first), NULL)", "1"),
		expressions("NULL is NULL", in, "instance_ptr_eq(NULL, NULL)", "1"),
		expressions("an input may be any object", in, "ptr_eq(p1, ConstPtr(first))", "ptr_eq(p1, ConstPtr(first))"),
		expressions("same_as of a constant is that constant", in, "same_as_i(5)", "5"),
		{Rule: "same_as of a constant is that constant, of pointers too", Before: "[]; p0 = same_as_r(ConstPtr(first)); finish(p0)", After: "[]; finish(ConstPtr(first))"},
		expressions("what is not defined is left to the run", in, "cast_float_to_int(1e300)", "cast_float_to_int(1e300)"),
	}
	checkCases(t, kit, "fold", cases)
	if t.Failed() {
		return
	}
	checkFoldAll(t, fold)
	agreeOnGenerated(t, kit, "fold")
}

// checkFoldAll folds every operation on numbers, and asks the evaluator.
func checkFoldAll(t exercise.TB, fold foldConst) {
	eval := irsolution.Kit.EvalPure
	for c := ir.IntAdd; c < ir.PtrEq; c++ {
		if !c.Has(ir.Pure) {
			continue
		}
		for _, a := range telling() {
			for _, b := range []int64{0, 1, 3, 63, 64, -1, a} {
				op := &ir.Op{Code: c, Type: c.Info().Result}
				words := [2]uint64{}
				for i, letter := range c.Info().Args {
					words[i] = uint64([]int64{a, b}[i])
					argType := ir.Int
					if letter == 'f' {
						argType = ir.Float
					}
					op.Args = append(op.Args, ir.ConstBits(argType, words[i]))
				}
				want, ok := eval(c, words[0], words[1])
				switch got := fold(op, eval); {
				case !ok && got != nil:
					t.Fatalf("%s is folded to %s\nrule: what eval says is not defined must be left to the run", op, got)
				case ok && got == nil:
					t.Fatalf("%s is not folded, want %s\nrule: an operation on constants is a constant", op, ir.ConstBits(op.Type, want))
				case ok && !ir.SameConst(got, ir.ConstBits(op.Type, want)):
					t.Fatalf("%s is folded to %s, want %s\nrule: folding gives what eval gives, with the type of the result", op, got, ir.ConstBits(op.Type, want))
				}
			}
		}
	}
}
