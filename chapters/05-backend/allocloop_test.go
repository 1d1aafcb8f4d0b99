package backend_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	backend "metatrace/chapters/05-backend"
	backendsolution "metatrace/solutions/05-backend"
)

// amd64Machine is for cases about the registers of a real machine.
var amd64Machine = backend.NewAMD64(&backendsolution.Kit, -1)

// allocated lowers the text of a trace and allocates its registers.
func allocated(t *testing.T, m backend.Machine, text string) *backend.Allocation {
	t.Helper()
	trace, err := ir.Parse("case", text)
	require.NoError(t, err)
	l, err := backend.Lower(trace, backend.LowerOptions{})
	require.NoError(t, err)
	return mustAllocate(t, m, l)
}

// inLoop returns the moves in the loop, those of the jump apart.
func inLoop(a *backend.Allocation) (inside, jump []string) {
	text := func(list []backend.Move) (words []string) {
		for _, m := range list {
			words = append(words, locText(m.Dst)+"="+locText(m.Src))
		}
		return words
	}
	last := len(a.Steps) - 1
	inside = text(a.Steps[a.Label].After)
	for _, s := range a.Steps[a.Label+1 : last] {
		inside = append(append(inside, text(s.Before)...), text(s.After)...)
	}
	return inside, text(a.Steps[last].Before)
}

func TestAllocateLoops(t *testing.T) {
	cases := []struct {
		name, trace  string
		machine      backend.Machine
		inside, jump int // moves
	}{
		{
			name: "the exit wants the old sum, so the new one moves", machine: amd64Machine, jump: 1,
			trace: `[i0, i1, i2]
				label(i0, i1, i2)
				i3 = int_mul(i2, i2)
				i4 = int_add_ovf(i1, i3)
				guard_no_overflow() [i0, i1, i2]
				i5 = int_add(i2, 1)
				i6 = int_lt(i5, i0)
				guard_true(i6) [i0, i4, i5]
				jump(i0, i4, i5)`,
		},
		{
			name: "nothing moves if the old values die first", machine: amd64Machine,
			trace: `[i0, f1, i2, f3]
				label(i0, f1, i2)
				f4 = float_add(f1, f3)
				i5 = int_add(i2, 1)
				i6 = int_lt(i5, i0)
				guard_true(i6) [i0, f4, i5]
				jump(i0, f4, i5)`,
		},
		{
			name: "what leads to the next value is computed in its register", machine: amd64Machine,
			trace: `[i0, i1]
				label(i0, i1)
				i2 = int_mul(i1, 3)
				i3 = int_xor(i2, 5)
				i4 = int_add(i3, i0)
				i5 = int_lt(i4, i0)
				guard_true(i5) [i0, i4]
				jump(i0, i4)`,
		},
		{
			name: "two values and their sum", machine: amd64Machine, jump: 2,
			trace: `[i0, i1, i2]
				label(i0, i1, i2)
				i3 = int_add(i0, i1)
				i4 = int_lt(i3, i2)
				guard_true(i4) [i1]
				jump(i1, i3, i2)`,
		},
		{
			name: "two that change places go through scratch", machine: amd64Machine, jump: 3,
			trace: `[i0, i1]
				label(i0, i1)
				i2 = int_lt(i0, i1)
				guard_true(i2) []
				jump(i1, i0)`,
		},
		{
			name: "what only exits want, and passes through, stays in its slot", machine: amd64Machine,
			trace: `[i0, i1, i2]
				label(i0, i1, i2)
				i3 = int_sub(i0, 1)
				guard_true(i3) [i1, i2]
				jump(i3, i1, i2)`,
		},
		{
			name: "constants that need a register have it from the label on", machine: amd64Machine,
			trace: `[f0]
				label(f0)
				f1 = float_mul(f0, 1.5)
				f2 = float_add(f1, 0.5)
				i3 = float_lt(f2, 100.0)
				guard_true(i3) [f2]
				jump(f2)`,
		},
		{
			name: "invariants keep out of the registers that a product destroys", machine: amd64Machine,
			trace: `[i0, i1, i2, i3]
				i4 = int_add(i0, i1)
				i5 = int_add(i2, i3)
				label(i0)
				i6 = uint_mul_high(i0, i4)
				i7 = int_add(i6, i5)
				i8 = int_lt(i7, i2)
				guard_true(i8) []
				jump(i7)`,
		},
		{
			name: "two invariants that share a register are loaded, and stored before the loop", machine: fakeMachine{3, 2}, inside: 1, jump: 1,
			trace: `[i0, i1, i2]
				i3 = int_add(i1, i2)
				label(i0)
				i4 = int_add(i0, i1)
				i5 = int_xor(i4, i2)
				i6 = int_sub(i5, i3)
				jump(i6)`,
		},
		{
			name: "the argument of a label is stored in each iteration if it has to be", machine: fakeMachine{3, 2}, inside: 2,
			trace: `[i0]
				label(i0)
				i1 = int_add(i0, i0)
				i2 = int_mul(i1, i1)
				i3 = int_sub(i2, i1)
				i4 = int_xor(i3, i2)
				i5 = int_and(i4, i3)
				i6 = int_or(i5, i1)
				i7 = int_add(i6, i0)
				jump(i7)`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := allocated(t, c.machine, strings.ReplaceAll(c.trace, "\t", ""))
			inside, jump := inLoop(a)
			if len(inside) > c.inside || len(jump) > c.jump {
				t.Errorf("%d moves inside %v and %d at the jump %v, expected %d and %d\n%s", len(inside), inside, len(jump), jump, c.inside, c.jump, allocationText(a))
			}
		})
	}
}

func TestAllocateStoresOnceBehindTheDefinition(t *testing.T) {
	a := allocated(t, fakeMachine{3, 2}, `[i0, i1]
i2 = int_add(i0, i1)
i3 = int_add(i2, i1)
i4 = int_add(i3, i2)
i5 = int_add(i4, i3)
i6 = int_add(i5, i4)
i7 = int_add(i6, i2)
i8 = int_add(i7, i2)
finish(i2, i8)`)
	stores := 0
	for i, s := range a.Steps {
		if stores += len(s.After); len(s.After) > 0 {
			assert.Equal(t, s.Dst, s.After[0].Src, "step %d", i)
		}
	}
	assert.LessOrEqual(t, stores, 1, "%s", allocationText(a))
}

func TestAllocateExitsTakeSlots(t *testing.T) {
	a := allocated(t, amd64Machine, "[i0, i1]\ni2 = int_lt(i0, 5)\nguard_true(i2) [i0, i1, 7]\nfinish(i0)")
	locs := a.Exits[0].Locs
	assert.Equal(t, []backend.Loc{slotAt(0), slotAt(1)}, locs[:2])
	assert.Equal(t, backend.IsConst, locs[2].Kind)
	require.Len(t, a.Steps[0].Before, 1, "one of two inputs is needed in a register")
	assert.Equal(t, slotAt(0), a.Steps[0].Before[0].Src)
}

// After a call only slots are left, and a slot is used again when its value is dead.
func TestAllocateCallsFindEverythingInSlots(t *testing.T) {
	l := &backend.Lowered{Label: -1, Values: make([]backend.Info, 22), Inputs: []backend.Value{0}}
	none := [3]backend.Value{backend.None, backend.None, backend.None}
	for i := range backend.Value(20) {
		call := &backend.Exit{Number: int(i), Kind: backend.ExitCall, Values: []backend.Value{i}}
		l.Insts = append(l.Insts,
			backend.Inst{Code: backend.Add, Dst: i + 1, Args: [3]backend.Value{i, i, backend.None}},
			backend.Inst{Code: backend.Call, Dst: backend.None, Args: none, Exit: call})
		l.Exits = append(l.Exits, call)
	}
	x := &backend.Exit{Number: 20, Kind: backend.ExitFinish, Values: []backend.Value{20}}
	l.Exits = append(l.Exits, x)
	l.Insts = append(l.Insts, backend.Inst{Code: backend.Leave, Dst: backend.None, Args: none, Exit: x})
	a := mustAllocate(t, fakeMachine{3, 2}, l)
	assert.LessOrEqual(t, a.Slots, 3, "%s", allocationText(a))
}

func TestAllocateRefuses(t *testing.T) {
	none := [3]backend.Value{backend.None, backend.None, backend.None}
	inst := func(code backend.Opcode, list ...backend.Value) backend.Inst {
		return backend.Inst{Code: code, Dst: backend.None, Args: none, List: list}
	}
	wrong := func(change func(k *backend.Kit)) backend.Kit {
		k := backendsolution.Kit
		change(&k)
		return k
	}
	good := func() *backend.Lowered { return longLoop(100, 3) }
	cases := []struct {
		name, want string
		kit        backend.Kit
		lowered    *backend.Lowered
		machine    fakeMachine
	}{
		{"few registers", "expected at least 3", backendsolution.Kit, good(), fakeMachine{2, 2}},
		{"no label", "instruction 0: expected the only jump", backendsolution.Kit, &backend.Lowered{Label: -1, Insts: []backend.Inst{inst(backend.Jump)}}, fakeMachine{3, 2}},
		{"two labels", "instruction 1: a label, but", backendsolution.Kit, &backend.Lowered{Insts: []backend.Inst{inst(backend.LabelHere), inst(backend.LabelHere)}}, fakeMachine{3, 2}},
		{"another label", "expected a label at", backendsolution.Kit, &backend.Lowered{Label: 3, Insts: []backend.Inst{inst(backend.Leave)}}, fakeMachine{3, 2}},
		{"a value from nowhere", "value 0 is wanted, but it is nowhere", backendsolution.Kit, &backend.Lowered{
			Label: -1, Values: make([]backend.Info, 2),
			Insts: []backend.Inst{{Code: backend.Neg, Dst: 1, Args: [3]backend.Value{0, backend.None, backend.None}}},
		}, fakeMachine{3, 2}},
		{"no ranges", "LiveRanges: 0 ranges", wrong(func(k *backend.Kit) {
			k.LiveRanges = func(*backend.Lowered) []backend.LiveRange { return nil }
		}), good(), fakeMachine{5, 2}},
		{"a register that is taken", "ChooseRegister: register 9 is not free", wrong(func(k *backend.Kit) {
			k.ChooseRegister = func([]backend.FreeRegister, int32, []backend.Reg) backend.Reg { return 9 }
		}), good(), fakeMachine{5, 2}},
		{"a victim from nowhere", "Victim: -1 is none of", wrong(func(k *backend.Kit) {
			k.Victim = func([]backend.Candidate) int { return -1 }
		}), good(), fakeMachine{5, 2}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.kit.Allocate(c.machine, c.lowered)
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}
