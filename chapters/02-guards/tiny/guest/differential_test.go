package guest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// some returns list, or with -short, which is for slow machines, its first n.
func some[T any](n int, list ...T) []T {
	if testing.Short() {
		return list[:n]
	}
	return list
}

// TestThresholds runs every program as it stands. What it prints and how it
// fails is in the files beside it, whoever executes it.
func TestThresholds(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"../../testdata/", "../../testdata/errors/"} {
		each(t, folderPrograms(t, folder), func(t *testing.T, p program) {
			file := folder + p.name[:len(p.name)-len(".tiny")]
			want := outcome{Out: read(t, file+".out"), Err: read(t, file+".err")}
			for _, boxes := range kinds {
				for _, threshold := range some(3, 0, 1, guards.DefaultThreshold, 2, 3, 7) {
					got, stats := p.runWith(t, boxes, heap.Options{}, jit(t, threshold))
					require.Zero(t, stats.Aborts[string(guards.NotCompiled)], "the optimizer finds no fault with what happened")
					if got.Err != "" {
						got.Err += "\n"
					}
					require.Equal(t, want, got, "threshold %d, boxes %d", threshold, boxes)
				}
			}
		})
	}
}

// TestStress collects garbage at every allocation: a root that somebody forgot
// is an object that changes its contents.
func TestStress(t *testing.T) {
	t.Parallel()
	each(t, programs(t), func(t *testing.T, p program) {
		p = p.small()
		want, _ := p.run(t, heap.Options{}, jit(t, 0))
		for _, boxes := range kinds {
			for _, threshold := range some(1, 1, 0, 3) {
				got, _ := p.runWith(t, boxes, heap.Options{Stress: true}, jit(t, threshold))
				require.Equal(t, want, got, "threshold %d, boxes %d", threshold, boxes)
			}
		}
	})
}

// TestPasses runs the programs with every pass of the optimizer alone, with all
// but one, and with none.
func TestPasses(t *testing.T) {
	t.Parallel()
	lists := []string{"none", "all"}
	for _, name := range passes(t, "all").Names() {
		lists = append(lists, name, "-"+name)
	}
	each(t, programs(t), func(t *testing.T, p program) {
		p = p.small()
		want, _ := p.run(t, heap.Options{}, jit(t, 0))
		for _, list := range some(4, lists...) {
			opt := jit(t, 2)
			opt.Chain = passes(t, list)
			for _, boxes := range kinds {
				got, _ := p.runWith(t, boxes, heap.Options{}, opt)
				require.Equal(t, want, got, "passes %s, boxes %d", list, boxes)
			}
		}
	})
}

// forced makes one guard fail once although it holds. Guards are numbered in
// the order in which they are executed first, which is the same in every run up
// to the failure.
type forced struct {
	guard, time int // the guard with this number fails when executed this often
	numbers     map[*ir.Op]int
	times       int // that the guard was executed
}

func (f *forced) fail(guard *ir.Op) bool {
	n, known := f.numbers[guard]
	if !known {
		n = len(f.numbers)
		f.numbers[guard] = n
	}
	if n != f.guard {
		return false
	}
	f.times++
	return f.times == f.time
}

// force runs p with one failure forced and reports whether there is such a
// guard.
func (p program) force(t testing.TB, boxes space.Boxes, opt guards.Options, mem heap.Options, guard, time int) (outcome, bool) {
	f := &forced{guard: guard, time: time, numbers: map[*ir.Op]int{}}
	opt.ForceFail = f.fail
	got, _ := p.runWith(t, boxes, mem, opt)
	return got, guard < len(f.numbers)
}

// forcing says at which of its executions a guard fails, and how memory works.
type forcing struct {
	time   int
	stress bool
	boxes  space.Boxes
}

// TestForcedFailures lets every guard of every trace fail once, at its first
// execution and, in another run, at its third; with the collector in stress mode,
// too, which sees the objects that exits make. The interpreter has to find the
// state of the program as if it had executed it all itself.
func TestForcedFailures(t *testing.T) {
	t.Parallel()
	each(t, programs(t), func(t *testing.T, p program) {
		p = p.small()
		want, _ := p.run(t, heap.Options{}, jit(t, 0))
		opt, stride := jit(t, 3), 1
		if testing.Short() {
			stride = 4
		}
		for _, mode := range some(2,
			forcing{1, true, space.HeapBoxes}, forcing{3, false, space.TaggedBoxes},
			forcing{1, false, space.HeapBoxes}, forcing{3, false, space.HeapBoxes},
			forcing{3, true, space.HeapBoxes}, forcing{1, true, space.TaggedBoxes},
		) {
			for guard, there := 0, true; there; guard += stride {
				var got outcome
				got, there = p.force(t, mode.boxes, opt, heap.Options{Stress: mode.stress}, guard, mode.time)
				require.Equal(t, want, got, "guard %d, %+v", guard, mode)
			}
		}
	})
}

// TestForcedStorm lets guards fail again and again: every 2nd, 3rd, 5th
// execution of any guard.
func TestForcedStorm(t *testing.T) {
	t.Parallel()
	each(t, programs(t), func(t *testing.T, p program) {
		p = p.small()
		want, _ := p.run(t, heap.Options{}, jit(t, 0))
		for _, every := range some(2, 1, 3, 2, 5) {
			for _, boxes := range kinds {
				opt, n := jit(t, 2), 0
				opt.ForceFail = func(*ir.Op) bool { n++; return n%every == 0 }
				got, _ := p.runWith(t, boxes, heap.Options{}, opt)
				require.Equal(t, want, got, "every %d, boxes %d", every, boxes)
			}
		}
	})
}

// TestProgramsAreIndependent runs programs at the same time, on one Kit: the
// race detector sees what they share.
func TestProgramsAreIndependent(t *testing.T) {
	t.Parallel()
	opt := jit(t, 3)
	var all sync.WaitGroup
	for i := range 3 {
		for _, p := range programs(t) {
			p = p.small()
			want, _ := p.run(t, heap.Options{}, jit(t, 0))
			all.Go(func() {
				got, _ := p.run(t, heap.Options{}, opt)
				assert.Equal(t, want, got, fmt.Sprint(p.name, i))
			})
		}
	}
	all.Wait()
}
