package bridges

import (
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// expects says in words what a guard expects, for those who do not see its trace: the
// operation that it asks is part of the text.
func expects(guard *ir.Op) string {
	switch guard.Code {
	case ir.GuardTrue:
		return made(guard.Args[0]) + " to hold"
	case ir.GuardFalse:
		return made(guard.Args[0]) + " not to hold"
	case ir.GuardValue:
		return made(guard.Args[0]) + " to be " + text(guard.Args[1])
	case ir.GuardClass, ir.GuardNonnullClass:
		return made(guard.Args[0]) + " to be a " + strings.TrimSuffix(strings.TrimPrefix(text(guard.Args[1]), "ConstClass("), ")")
	case ir.GuardNonnull:
		return made(guard.Args[0]) + " not to be NULL"
	case ir.GuardIsnull:
		return made(guard.Args[0]) + " to be NULL"
	case ir.GuardNoOverflow:
		return "no overflow"
	case ir.GuardOverflow:
		return "an overflow"
	case ir.GuardNotInvalidated:
		return "nothing to be redefined that the code takes for constant"
	case ir.GuardNotForced:
		return "the call to come back"
	case ir.GuardAlwaysFails:
		return "code to go on with, and there was none"
	}
	return textOf(guard)
}

// deep is how many operations within one another a text shows.
const deep = 2

// made returns the operation that makes v, with those that make its arguments:
// "int_lt(p2.value, 20)".
func made(v *ir.Op) string { return madeOf(v, deep) }

func madeOf(v *ir.Op, levels int) string {
	if v.IsConst() || v.Code == ir.OpInput || levels == 0 {
		return text(v)
	}
	if field, ok := v.Descr.(*heap.Field); ok && len(v.Args) == 1 {
		return madeOf(v.Args[0], 0) + "." + field.Name
	}
	operation := v.Format(func(arg *ir.Op) string {
		if arg == v {
			return ""
		}
		return madeOf(arg, levels-1)
	})
	return strings.TrimPrefix(operation, " = ")
}

// text returns v as an argument.
func text(v *ir.Op) string {
	name := (&ir.Op{Code: ir.Finish, Args: []*ir.Op{v}}).String()
	return strings.TrimSuffix(strings.TrimPrefix(name, "finish("), ")")
}

// textOf returns a guard without its failargs.
func textOf(guard *ir.Op) string {
	text, _, _ := strings.Cut(guard.String(), " [")
	return text
}
