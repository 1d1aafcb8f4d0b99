package tracetest

import (
	"math/rand/v2"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Fuzz compares generated traces of this kind before and after an optimizer.
// whole returns that: as the engine uses it, or as opt does. lists are for
// Chain.Select: one of them is taken each time, so a list that stands there twice
// is tried more often. n is how many random seeds there are.
func (k *Kind) Fuzz(f *testing.F, kit *ir.Kit, n int, lists []string, whole func(t exercise.TB, engine bool) ir.Chain) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		f.Add(Random(r, 4*i), byte(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, mode byte) {
		chain, err := whole(t, mode&1 != 0).Select(lists[int(mode/2)%len(lists)])
		if err != nil {
			t.Fatal(err)
		}
		before := k.Generate(kit, data)
		if after, rule, err := k.Compare(kit, chain, before, 8, 2); err != nil {
			t.Fatalf("%s\n%s\nbecame\n%s\n%v", rule, before, after, err)
		}
	})
}

// Random returns n bytes that a trace can be generated from.
func Random(r *rand.Rand, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}
