package backend_test

import (
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
	solution "metatrace/solutions/05-backend"
)

var (
	rax = x86InReg(backend.Reg(amd64.RAX))
	rbx = x86InReg(backend.Reg(amd64.RBX))
	rcx = x86InReg(backend.Reg(amd64.RCX))
	r12 = x86InReg(backend.Reg(amd64.R12))
	x0  = x86InFloat(0)
	x9  = x86InFloat(9)
)

func x86slot(n int32) backend.Loc  { return backend.Loc{Kind: backend.InSlot, N: n} }
func x86const(n int32) backend.Loc { return backend.Loc{Kind: backend.IsConst, N: n} }

// TestX86Moves moves from everywhere to everywhere.
func TestX86Moves(t *testing.T) {
	r := x86NewRunner(t)
	for _, k := range []uint64{0, 1, 1<<31 - 1, 1 << 31, ^uint64(0), 1 << 32, 1<<63 | 5, 0x3FF0_0000_0000_0000} {
		for _, src := range []backend.Loc{rax, r12, rcx, x0, x9, x86InFloat(15), x86slot(x86Cell), x86slot(native.MaxSlots - 1), x86const(0)} {
			for _, dst := range []backend.Loc{rax, r12, rcx, x0, x9, x86InFloat(15), x86slot(x86Cell + 1), x86slot(native.MaxSlots - 2)} {
				exit := &backend.Exit{Kind: backend.ExitFinish}
				in := backend.Inst{Code: backend.Leave, Exit: exit}
				s := backend.Step{Inst: &in, Before: []backend.Move{
					{Dst: src, Src: x86const(0)}, {Dst: dst, Src: src}, {Dst: x86slot(3), Src: dst}}}
				if src.Kind == backend.IsConst {
					s.Before = s.Before[1:]
				}
				entry, done := r.load(&backend.Allocation{
					Lowered: &backend.Lowered{Values: []backend.Info{{Const: true, Bits: k}}, Exits: []*backend.Exit{exit}},
					Steps:   []backend.Step{s}})
				r.context.SetSlot(3, 99)
				native.Enter(entry, r.context.Addr())
				done()
				if got := r.context.Slot(3); got != k {
					t.Fatalf("%v = %v: %#x, want %#x", dst, src, got, k)
				}
			}
		}
	}
}

// x86Loop returns a loop that adds RBX to RAX until it is at least R12, and polls.
func x86Loop() *backend.Allocation {
	regs := []backend.Loc{rax, rbx, r12}
	exits := []*backend.Exit{
		{Number: 0, Kind: backend.ExitGuard, Locs: regs},
		{Number: 1, Kind: backend.ExitPoll, Live: 1<<amd64.RAX | 1<<amd64.RBX | 1<<amd64.R12},
	}
	insts := []backend.Inst{
		{Code: backend.LabelHere},
		{Code: backend.Add},
		{Code: backend.Guard, Cond: backend.Less, Exit: exits[0]},
		{Code: backend.Jump, Exit: exits[1]},
	}
	steps := []backend.Step{
		{Inst: &insts[0], Before: []backend.Move{{Dst: rax, Src: x86slot(0)}, {Dst: rbx, Src: x86slot(1)}, {Dst: r12, Src: x86slot(2)}},
			After: []backend.Move{{Dst: x86slot(5), Src: rax}}},
		{Inst: &insts[1], Dst: rax, Args: [3]backend.Loc{rax, rbx}},
		{Inst: &insts[2], Args: [3]backend.Loc{rax, r12}},
		{Inst: &insts[3]},
	}
	return &backend.Allocation{Lowered: &backend.Lowered{Insts: insts, Exits: exits}, Steps: steps, Slots: 6}
}

// TestX86PollBudget counts the polls of a loop that leaves for each seventh.
func TestX86PollBudget(t *testing.T) {
	r := x86NewRunner(t)
	r.machine = backend.NewAMD64(&solution.Kit, -1)
	entry, _ := r.load(x86Loop())
	for i, w := range []uint64{0, 3, 3000} {
		r.context.SetSlot(i, w)
	}
	const budget = 7
	polls := 0
	r.context.SetWord(native.BudgetAt, budget)
	for native.Enter(entry, r.context.Addr()); r.context.Exit() == 1; native.Enter(r.context.Resume(), r.context.Addr()) {
		polls++
		r.context.SetWord(native.BudgetAt, budget)
	}
	if got := r.context.Saved(int(amd64.RAX)); got != 3000 || polls != 999/(budget+1) {
		t.Errorf("sum %d, %d polls", got, polls)
	}
	if got := r.context.Slot(5); got != 2997 { // what the label stored in the last round
		t.Errorf("slot 5 is %d", got)
	}
}

// TestX86PollGuard runs a loop for several time slices.
func TestX86PollGuard(t *testing.T) {
	if native.GuardOffset() < 0 {
		t.Skip("polls count")
	}
	r := x86NewRunner(t)
	entry, _ := r.load(x86Loop())
	const rounds = 300_000_000
	for i, w := range []uint64{0, 1, rounds} {
		r.context.SetSlot(i, w)
	}
	polls := 0
	for native.Enter(entry, r.context.Addr()); r.context.Exit() == 1; native.Enter(r.context.Resume(), r.context.Addr()) {
		polls++
	}
	if got := r.context.Saved(int(amd64.RAX)); got != rounds {
		t.Errorf("counted to %d", got)
	}
	t.Logf("%d polls", polls)
}

// TestX86Call exits with a sum, and goes on with twice that.
func TestX86Call(t *testing.T) {
	r := x86NewRunner(t)
	for _, dst := range []backend.Loc{rax, r12, x9, {}} {
		call := &backend.Exit{Number: 0, Kind: backend.ExitCall, Locs: []backend.Loc{rax, x86slot(1), rax, x0}}
		finish := &backend.Exit{Number: 1, Kind: backend.ExitFinish, Locs: []backend.Loc{dst}}
		insts := []backend.Inst{{Code: backend.Call, Exit: call}, {Code: backend.Leave, Exit: finish}}
		entry, done := r.load(&backend.Allocation{
			Lowered: &backend.Lowered{Insts: insts, Exits: []*backend.Exit{call, finish}},
			Steps: []backend.Step{
				{Inst: &insts[0], Dst: dst, Before: []backend.Move{{Dst: rax, Src: x86slot(0)}, {Dst: x0, Src: x86slot(1)}}},
				{Inst: &insts[1]},
			}})
		r.context.SetSlot(0, 20)
		r.context.SetSlot(1, 22)
		native.Enter(entry, r.context.Addr())
		if r.context.Exit() != 0 {
			t.Fatalf("exit %d", r.context.Exit())
		}
		sum := r.context.Saved(int(amd64.RAX)) + r.context.Saved(32)
		r.context.SetResult(2 * sum)
		native.Enter(r.context.Resume(), r.context.Addr())
		if r.context.Exit() != 1 || dst.Kind != backend.Nowhere && r.context.Saved(x86RegBit(dst)) != 84 {
			t.Fatalf("%v: exit %d, %d", dst, r.context.Exit(), r.context.Saved(x86RegBit(dst)))
		}
		done()
	}
}

// TestX86Ask answers both ways, and attaches a bridge to the guard's exit.
func TestX86Ask(t *testing.T) {
	r := x86NewRunner(t)
	guard := &backend.Exit{Number: 0, Kind: backend.ExitGuard, Locs: []backend.Loc{rbx}}
	ask := &backend.Exit{Number: 1, Kind: backend.ExitAsk, Then: guard, Locs: []backend.Loc{rax}, Live: 1<<amd64.RBX | 1<<(32+9)}
	finish := &backend.Exit{Number: 2, Kind: backend.ExitFinish, Locs: []backend.Loc{rbx, x9}}
	insts := []backend.Inst{{Code: backend.Ask, Exit: ask}, {Code: backend.Leave, Exit: finish}}
	a := &backend.Allocation{
		Lowered: &backend.Lowered{Insts: insts, Exits: []*backend.Exit{guard, ask, finish}},
		Steps: []backend.Step{
			{Inst: &insts[0], Before: []backend.Move{{Dst: rax, Src: x86slot(0)}, {Dst: rbx, Src: x86slot(1)}, {Dst: x9, Src: x86slot(2)}}},
			{Inst: &insts[1]},
		}}
	out, err := r.machine.Emit(a)
	if err != nil {
		t.Fatal(err)
	}
	region, err := r.memory.Add(out.Code)
	if err != nil {
		t.Fatal(err)
	}
	run := func(answer uint64) uint64 {
		for i := range 3 {
			r.context.SetSlot(i, uint64(10*i))
		}
		native.Enter(region.Addr, r.context.Addr())
		if r.context.Exit() != 1 || r.context.Saved(int(amd64.RAX)) != 0 {
			t.Fatalf("exit %d", r.context.Exit())
		}
		r.context.SetResult(answer)
		native.Enter(r.context.Resume(), r.context.Addr())
		if r.context.Saved(int(amd64.RBX)) != 10 {
			t.Fatalf("RBX is %d", r.context.Saved(int(amd64.RBX)))
		}
		return r.context.Exit()
	}
	if got := run(0); got != 2 || r.context.Saved(32+9) != 20 {
		t.Errorf("no: exit %d", got)
	}
	if got := run(1); got != 0 {
		t.Errorf("yes: exit %d", got)
	}
	// The jump at the stub of the guard's exit goes to that of finish.
	distance := out.Stubs[2] - (out.Stubs[0] + 5)
	if err := r.memory.Patch(region, out.Stubs[0]+1, []byte{byte(distance), byte(distance >> 8), byte(distance >> 16), byte(distance >> 24)}); err != nil {
		t.Fatal(err)
	}
	if got := run(1); got != 2 {
		t.Errorf("yes, with a bridge: exit %d", got)
	}
}

func BenchmarkX86Emit(b *testing.B) {
	m := backend.NewAMD64(&solution.Kit, 16)
	a := x86Loop()
	body := a.Steps[1:3]
	steps := a.Steps[:1:1]
	for range 500 {
		steps = append(steps, body...)
	}
	a.Steps = append(steps, a.Steps[3])
	for b.Loop() {
		if _, err := m.Emit(a); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(a.Steps)), "ns/step")
}
