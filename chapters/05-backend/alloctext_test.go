package backend_test

import (
	"fmt"

	backend "metatrace/chapters/05-backend"
)

// The text of an allocation, for messages.

func locText(loc backend.Loc) string {
	switch loc.Kind {
	case backend.InReg:
		return fmt.Sprintf("R%d", loc.N)
	case backend.InFloat:
		return fmt.Sprintf("F%d", loc.N)
	case backend.InSlot:
		return fmt.Sprintf("[%d]", loc.N)
	case backend.IsConst:
		return fmt.Sprintf("const v%d", loc.N)
	}
	return "-"
}

func stepText(a *backend.Allocation, i int) string {
	in, s := &a.Insts[i], &a.Steps[i]
	text := ""
	for _, m := range s.Before {
		text += locText(m.Dst) + "=" + locText(m.Src) + "; "
	}
	if in.Dst != backend.None {
		text += fmt.Sprintf("v%d@%s = ", in.Dst, locText(s.Dst))
	}
	text += fmt.Sprint("op", in.Code)
	for k, v := range in.Args {
		if v != backend.None {
			text += fmt.Sprintf(" v%d@%s", v, locText(s.Args[k]))
		}
	}
	if in.List != nil {
		text += fmt.Sprint(in.List)
	}
	if x := in.Exit; x != nil {
		text += " ->"
		for k, v := range x.Values {
			if k < len(x.Locs) {
				text += fmt.Sprintf(" v%d@%s", v, locText(x.Locs[k]))
			}
		}
	}
	for _, m := range s.After {
		text += "; " + locText(m.Dst) + "=" + locText(m.Src)
	}
	return text
}

func allocationText(a *backend.Allocation) string {
	text := fmt.Sprint("inputs")
	for i, v := range a.Inputs {
		text += fmt.Sprintf(" v%d@%s", v, locText(a.Place(i)))
	}
	for _, m := range a.Enter {
		text += "; " + locText(m.Dst) + "=" + locText(m.Src)
	}
	text += "\n"
	for i := range a.Steps {
		text += fmt.Sprintf("%3d  %s\n", i, stepText(a, i))
	}
	return text
}
