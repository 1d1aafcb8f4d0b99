package guesttest

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// Thresholds runs every program as it stands. What it prints and how it fails is
// in the files beside it, whoever executes it.
func (s *Suite) Thresholds(t *testing.T) {
	t.Parallel()
	for _, folder := range s.folders() {
		Each(t, s.folder(t, folder), func(t *testing.T, p Program) {
			file := filepath.Join(s.Testdata, folder, strings.TrimSuffix(p.Name, ".tiny"))
			want := Outcome{Out: read(t, file+".out"), Err: strings.TrimSuffix(read(t, file+".err"), "\n")}
			for _, boxes := range kinds {
				for _, threshold := range some(s, 3, 0, 1, guards.DefaultThreshold, 2, 3, 7) {
					got, stats := p.Run(t, Setup{Boxes: boxes, Opt: s.JIT(threshold)})
					require.Zero(t, stats.Aborts[string(guards.NotCompiled)], "nobody finds fault with what happened")
					require.Equal(t, want, got, "threshold %d, boxes %d", threshold, boxes)
				}
			}
		})
	}
}

// Stress collects garbage at every allocation: a root that somebody forgot is an
// object that changes its contents.
func (s *Suite) Stress(t *testing.T) {
	t.Parallel()
	Each(t, s.Programs(t), func(t *testing.T, p Program) {
		p = p.Small()
		want := s.interpret(t, p)
		if _, stats := p.Run(t, Setup{Opt: s.JIT(1)}); s.light() && stats.Loops == 0 {
			return // no trace has a part in it, and deep takes long
		}
		for _, boxes := range kinds {
			for _, threshold := range some(s, 1, 1, 0, 3) {
				got, _ := p.Run(t, Setup{Boxes: boxes, Mem: heap.Options{Stress: true}, Opt: s.JIT(threshold)})
				require.Equal(t, want, got, "threshold %d, boxes %d", threshold, boxes)
			}
		}
	})
}

// EachPass runs the programs with every pass of the optimizer alone, with all but
// one, and with none.
func (s *Suite) EachPass(t *testing.T) {
	t.Parallel()
	lists := []string{"none", "all"}
	for _, name := range s.Passes(t, "all").Names() {
		lists = append(lists, name, "-"+name)
	}
	Each(t, s.Programs(t), func(t *testing.T, p Program) {
		p = p.Small()
		want := s.interpret(t, p)
		for _, list := range some(s, 4, lists...) {
			opt := s.JIT(2)
			opt.Chain = s.Passes(t, list)
			for _, boxes := range kinds {
				got, _ := p.Run(t, Setup{Boxes: boxes, Opt: opt})
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
func (p Program) force(t testing.TB, s Setup, guard, time int) (Outcome, bool) {
	f := &forced{guard: guard, time: time, numbers: map[*ir.Op]int{}}
	s.Opt.ForceFail = f.fail
	got, _ := p.Run(t, s)
	return got, guard < len(f.numbers)
}

// FailEvery returns a ForceFail that makes every nth execution of a guard fail,
// whatever guard that is.
func FailEvery(n int) func(*ir.Op) bool {
	count := 0
	return func(*ir.Op) bool {
		count++
		return count%n == 0
	}
}

// forcing says at which of its executions a guard fails, how memory works, and
// which guards are tried: stride is the distance from one to the next.
type forcing struct {
	time   int
	stress bool
	boxes  space.Boxes
	stride int
}

// ForcedFailures lets every guard of every trace fail once, at its first execution;
// and some of them in other runs at their third, with tagged numbers, and with the
// collector in stress mode, which sees the objects that exits make. The interpreter has to find the state
// of the program as if it had executed it all itself.
func (s *Suite) ForcedFailures(t *testing.T) {
	t.Parallel()
	slow := 1
	if s.light() {
		slow = 8
	}
	Each(t, s.Programs(t), func(t *testing.T, p Program) {
		p = p.Small()
		want := s.interpret(t, p)
		if _, traced := p.force(t, Setup{Opt: s.JIT(3)}, 0, 1); !traced {
			return // nothing to force
		}
		for n, mode := range some(s, 2,
			forcing{1, true, space.HeapBoxes, 3}, forcing{3, false, space.TaggedBoxes, 2},
			forcing{1, false, space.HeapBoxes, 1}, forcing{3, false, space.HeapBoxes, 3},
			forcing{3, true, space.HeapBoxes, 4}, forcing{1, true, space.TaggedBoxes, 4},
		) {
			setup, stride := Setup{Opt: s.JIT(3), Boxes: mode.boxes, Mem: heap.Options{Stress: mode.stress}}, mode.stride*slow
			for guard, there := n%stride, true; there; guard += stride {
				var got Outcome
				got, there = p.force(t, setup, guard, mode.time)
				require.Equal(t, want, got, "guard %d, %+v", guard, mode)
			}
		}
	})
}

// ForcedStorm lets guards fail again and again: every 2nd, 3rd, 5th execution of
// any guard.
func (s *Suite) ForcedStorm(t *testing.T) {
	t.Parallel()
	Each(t, s.Programs(t), func(t *testing.T, p Program) {
		p = p.Small()
		want := s.interpret(t, p)
		for _, every := range some(s, 2, 1, 3, 2, 5) {
			for _, boxes := range kinds {
				opt := s.JIT(2)
				opt.ForceFail = FailEvery(every)
				got, _ := p.Run(t, Setup{Boxes: boxes, Opt: opt})
				require.Equal(t, want, got, "every %d, boxes %d", every, boxes)
			}
		}
	})
}

// Independent runs programs at the same time, on one Kit: the race detector sees
// what they share.
func (s *Suite) Independent(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for i := range 3 {
		for _, p := range s.Programs(t) {
			p = p.Small()
			want := s.interpret(t, p)
			all.Go(func() {
				got, _ := p.Run(t, Setup{Opt: s.JIT(3)})
				assert.Equal(t, want, got, "%s %d", p.Name, i)
			})
		}
	}
	all.Wait()
}
