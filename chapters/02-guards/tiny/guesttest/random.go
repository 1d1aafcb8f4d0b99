package guesttest

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// Fuzz runs generated programs in every way there is, and compares them with a walk
// over the program's tree. One argument of the fuzzer chooses the threshold, the
// passes, which guards fail, and what an int of the program is; the other one the
// program.
func (s *Suite) Fuzz(f *testing.F) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 2))
		f.Add(random.Uint32(), noise(random, 40+20*int(seed)))
	}
	f.Fuzz(func(t *testing.T, settings uint32, data []byte) {
		s.agree(t, settings, generate(data))
	})
}

// Random does the same for some hundred programs.
func (s *Suite) Random(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range some(s, 40, make([]int, 300)...) {
		data := noise(random, 20+random.IntN(600))
		s.agree(t, random.Uint32(), generate(data))
	}
}

// Generated returns the program that data makes: any bytes make one that ends.
func Generated(data []byte) Program { return Program{"fuzz", generate(data)} }

// Noise returns n random bytes.
func Noise(random *rand.Rand, n int) []byte { return noise(random, n) }

// noise returns n random bytes.
func noise(random *rand.Rand, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}

// agree runs a program as settings say.
func (s *Suite) agree(t *testing.T, settings uint32, src string) {
	p := Program{"fuzz", src}
	want, ended := p.walk()
	if !ended {
		return
	}
	choose := func(n uint32) int {
		c := settings % n
		settings /= n
		return int(c)
	}
	setup := Setup{Boxes: space.Boxes(settings >> 31), Opt: s.JIT(0)}
	got, _ := p.Run(t, setup)
	require.Equal(t, want, got, "interpreter, boxes %d\n%s", setup.Boxes, src)

	setup.Opt = s.JIT(1 + choose(8))
	setup.Opt.Chain = s.Passes(t, []string{"all", "all", "all", "none", "guards", "-guards", "fold", "guards,cse", "-fold", "-dce"}[choose(10)])
	got, _ = p.Run(t, setup)
	require.Equal(t, want, got, "threshold %d, boxes %d\n%s", setup.Opt.Threshold, setup.Boxes, src)

	guard, time := choose(64), 1+choose(4)
	got, _ = p.force(t, setup, guard, time)
	require.Equal(t, want, got, "threshold %d, boxes %d, guard %d fails at execution %d\n%s", setup.Opt.Threshold, setup.Boxes, guard, time, src)

	every := 1 + choose(12)
	setup.Opt.ForceFail, setup.Mem = FailEvery(every), heap.Options{Stress: true}
	got, _ = p.Run(t, setup)
	require.Equal(t, want, got, "threshold %d, boxes %d, stress, every guard number %d fails\n%s", setup.Opt.Threshold, setup.Boxes, every, src)
}
