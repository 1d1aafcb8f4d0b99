package guest_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/chapters/02-guards/tiny/treewalk"
	"metatrace/internal/heap"
)

// fuel is how many nodes the second opinion may evaluate: enough for loops to
// get hot, little enough that a run takes milliseconds.
const fuel = 60000

// FuzzPrograms runs generated programs in every way there is, and compares them
// with a walk over the program's tree, which shares no code with any of them.
// settings chooses the threshold, the passes, which guards fail, and what an int
// of the program is.
func FuzzPrograms(f *testing.F) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 2))
		data := make([]byte, 40+20*seed)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		f.Add(random.Uint32(), data)
	}
	f.Fuzz(func(t *testing.T, settings uint32, data []byte) {
		checkProgram(t, settings, generate(data))
	})
}

// TestRandomPrograms does the same for some hundred programs.
func TestRandomPrograms(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		data := make([]byte, 20+random.IntN(600))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkProgram(t, random.Uint32(), generate(data))
	}
}

func checkProgram(t *testing.T, settings uint32, src string) {
	p := program{"fuzz", src}
	var out strings.Builder
	err := treewalk.Run(p.name, src, &out, fuel)
	if err == treewalk.ErrFuel {
		return
	}
	want := outcome{Out: out.String()}
	if err != nil {
		want.Err = err.Error()
	}
	choose := func(n uint32) int {
		c := settings % n
		settings /= n
		return int(c)
	}
	boxes := space.Boxes(settings >> 31)
	got, _ := p.runWith(t, boxes, heap.Options{}, jit(t, 0))
	require.Equal(t, want, got, "interpreter, boxes %d\n%s", boxes, src)

	opt := jit(t, 1+choose(8))
	opt.Chain = passes(t, []string{"all", "all", "all", "none", "guards", "-guards", "fold", "guards,cse", "-fold", "-dce"}[choose(10)])
	got, _ = p.runWith(t, boxes, heap.Options{}, opt)
	require.Equal(t, want, got, "threshold %d, boxes %d\n%s", opt.Threshold, boxes, src)

	guard, time := choose(64), 1+choose(4)
	got, _ = p.force(t, boxes, opt, heap.Options{}, guard, time)
	require.Equal(t, want, got, "threshold %d, boxes %d, guard %d fails at execution %d\n%s", opt.Threshold, boxes, guard, time, src)

	every, n := 1+choose(12), 0
	opt.ForceFail = func(*ir.Op) bool { n++; return n%every == 0 }
	got, _ = p.runWith(t, boxes, heap.Options{Stress: true}, opt)
	require.Equal(t, want, got, "threshold %d, boxes %d, stress, every guard number %d fails\n%s", opt.Threshold, boxes, every, src)
}
