package backend_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

// checkRandom allocates a random trace with k and executes the allocation by name.
func checkRandom(t exercise.TB, k *backend.Kit, seed uint64, size int, m backend.Machine) {
	l := randomLowered(rand.New(rand.NewPCG(seed, 5)), size, m)
	a, err := k.Allocate(m, l)
	if err == nil {
		err = checkAllocation(m, a)
	}
	if err == nil {
		return
	}
	text := ""
	if a != nil {
		text = allocationText(a)
	}
	t.Fatalf("seed %d, size %d, %s with %d and %d registers: %v\n%s\n%s", seed, size, m.Name(), len(m.Ints()), len(m.Floats()), err, l, text)
}

// allocMachines have few registers, or more.
var allocMachines = []backend.Machine{
	fakeMachine{3, 2}, fakeMachine{4, 2}, fakeMachine{5, 3}, fakeMachine{8, 4},
	amd64Machine, backend.NewARM64(&backendsolution.Kit, -1),
}

func TestAllocateRandomTraces(t *testing.T) {
	rounds := 4000
	if testing.Short() {
		rounds = 500
	}
	for seed := range uint64(rounds) {
		size := 3 + int(seed%60)
		checkRandom(t, &backendsolution.Kit, seed, size, allocMachines[int(seed)%len(allocMachines)])
	}
}

func FuzzAllocate(f *testing.F) {
	f.Add(uint64(1), uint8(10), uint8(0))
	f.Add(uint64(77), uint8(60), uint8(1))
	f.Add(uint64(402), uint8(200), uint8(4))
	f.Fuzz(func(t *testing.T, seed uint64, size, machine uint8) {
		checkRandom(t, &backendsolution.Kit, seed, 1+int(size), allocMachines[int(machine)%len(allocMachines)])
	})
}

// What the checker does not find, the tests above do not, either: in most of the
// places where an allocation can be made wrong, it has to notice.
func TestCheckerNotices(t *testing.T) {
	if testing.Short() {
		t.Skip("it is the same on every machine")
	}
	m := fakeMachine{4, 2}
	spoils := map[string]func(s *backend.Step) bool{
		"a move before is missing": func(s *backend.Step) bool {
			n := len(s.Before)
			s.Before = s.Before[:max(0, n-1)]
			return n > 0
		},
		"a store is missing": func(s *backend.Step) bool {
			n := len(s.After)
			s.After = nil
			return n > 0
		},
		"another register has the result": func(s *backend.Step) bool {
			s.Dst.N ^= 1
			return s.Dst.Kind != backend.Nowhere
		},
		"an argument is elsewhere": func(s *backend.Step) bool {
			s.Args[0].N ^= 1
			return s.Args[0].Kind != backend.Nowhere
		},
		"a register is forgotten on resuming": func(s *backend.Step) bool {
			if x := s.Inst.Exit; x != nil && x.Live != 0 {
				x.Live &= x.Live - 1
				return true
			}
			return false
		},
		"an exit looks elsewhere": func(s *backend.Step) bool {
			if x := s.Inst.Exit; x != nil && len(x.Locs) > 0 && x.Locs[0].Kind != backend.IsConst {
				x.Locs[0].N ^= 1
				return true
			}
			return false
		},
	}
	for name, spoil := range spoils {
		spoiled, noticed := 0, 0
		for seed := range uint64(400) {
			r := rand.New(rand.NewPCG(seed, 5))
			l := randomLowered(r, 20, m)
			a := mustAllocate(t, m, l)
			if i := r.IntN(len(a.Steps)); spoil(&a.Steps[i]) {
				spoiled++
				if checkAllocation(m, a) != nil {
					noticed++
				}
			}
		}
		if spoiled < 10 || noticed*3 < spoiled*2 {
			t.Errorf("%s: noticed %d of %d times", name, noticed, spoiled)
		}
	}
}

func mustAllocate(t testing.TB, m backend.Machine, l *backend.Lowered) *backend.Allocation {
	t.Helper()
	a, err := backendsolution.Kit.Allocate(m, l)
	require.NoError(t, err)
	require.NoError(t, checkAllocation(m, a), "%s", allocationText(a))
	return a
}

// BenchmarkAllocate reports the time for one instruction, which does not grow with the
// length of the trace.
func BenchmarkAllocate(b *testing.B) {
	for _, size := range []int{100, 1000, 6000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			l := longLoop(size, 30)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := backendsolution.Kit.Allocate(fakeMachine{14, 15}, l); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(l.Insts)), "ns/inst")
		})
	}
}

// longLoop is a loop of size instructions that keep more values alive than there are
// registers, with a guard at every fourth whose exit wants exits values.
func longLoop(size, exits int) *backend.Lowered {
	r := rand.New(rand.NewPCG(1, 1))
	l := &backend.Lowered{}
	add := func(in backend.Inst, args ...backend.Value) {
		in.Args = [3]backend.Value{backend.None, backend.None, backend.None}
		copy(in.Args[:], args)
		l.Insts = append(l.Insts, in)
	}
	for i := range 30 {
		l.Values = append(l.Values, backend.Info{})
		l.Inputs = append(l.Inputs, backend.Value(i))
	}
	args := append([]backend.Value{}, l.Inputs...)
	add(backend.Inst{Code: backend.LabelHere, Dst: backend.None, List: args})
	near := func(n int) backend.Value {
		return backend.Value(len(l.Values) - 1 - r.IntN(min(n, len(l.Values))))
	}
	for len(l.Insts) < size {
		if r.IntN(4) > 0 {
			a, b := near(12), near(12)
			l.Values = append(l.Values, backend.Info{})
			add(backend.Inst{Code: backend.Add, Dst: backend.Value(len(l.Values) - 1)}, a, b)
			continue
		}
		x := &backend.Exit{Number: len(l.Exits)}
		for range exits {
			x.Values = append(x.Values, near(40))
		}
		l.Exits = append(l.Exits, x)
		add(backend.Inst{Code: backend.Guard, Dst: backend.None, Exit: x}, near(12), near(12))
	}
	next := make([]backend.Value, len(args))
	for i := range next {
		next[i] = near(30)
	}
	add(backend.Inst{Code: backend.Jump, Dst: backend.None, List: next})
	return l
}
