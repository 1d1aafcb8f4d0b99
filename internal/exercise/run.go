package exercise

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// TB is what the check of an exercise sees of a test: the part of testing.TB
// that can be given to a check of a wrong implementation as well. It fits
// testify's assert.TestingT and require.TestingT.
type TB interface {
	Name() string
	Helper()
	Log(args ...any)
	Logf(format string, args ...any)
	Fail()
	Failed() bool
	FailNow()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// A Mutant is a plausible wrong implementation of an exercise.
type Mutant[F any] struct {
	Name string // what is wrong with it, as a subtest's name: "forgets-overflow"
	Fn   F
}

// Wrong makes a Mutant; it spares the reader of a test the type F.
func Wrong[F any](name string, fn F) Mutant[F] { return Mutant[F]{name, fn} }

// mutantLimit ends the check of a mutant that loops. It is far above what an
// honest check takes, also under an emulator or the race detector.
const mutantLimit = 15 * time.Second

// Run tests an exercise, as the subtests
//
//	yours           the reader's function; skipped while it is a stub, and given up
//	                after a minute
//	solution        ours
//	mutants/NAME    wrong ones, each of which the check must reject; not with -short
//
// With METATRACE_STRICT=1 in the environment a stub fails instead.
func Run[F any](t *testing.T, ex Exercise, yours, solution F, check func(t TB, f F), mutants ...Mutant[F]) {
	t.Helper()
	t.Run("yours", func(t *testing.T) {
		t.Helper()
		if IsStub(yours) {
			skipStub(t, ex)
		}
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("hint: go run . hint %s", ex.ID)
			}
		})
		within(t, ex, yoursLimit, func(t TB) { check(t, yours) })
	})
	t.Run("solution", func(t *testing.T) {
		t.Helper()
		if IsStub(solution) {
			t.Fatalf("exercise %s has no solution", ex.ID)
		}
		guarded(t, func() { check(t, solution) })
	})
	if len(mutants) == 0 || testing.Short() { // they test the check, which is the same everywhere
		return
	}
	t.Run("mutants", func(t *testing.T) {
		for _, m := range mutants {
			t.Run(m.Name, func(t *testing.T) { Reject(t, m.Name, m.Fn, check) })
		}
	})
}

func skipStub(t *testing.T, ex Exercise) {
	t.Helper()
	const line = "exercise %s is yours to write: %s (func %s)"
	if os.Getenv("METATRACE_STRICT") == "1" {
		t.Fatalf(line, ex.ID, ex.File, ex.Field)
	}
	t.Skipf(line, ex.ID, ex.File, ex.Field)
}

// guarded turns a panic of f into a failure of this one test: a reader whose
// function panics should still see how the others do.
func guarded(t TB, f func()) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("panic: %v\n\n%s", r, panicStack())
		}
	}()
	f()
}

// panicStack is the stack of the panic that is being recovered from, from
// where it was raised up to the check: without the frames of this package.
func panicStack() string {
	s := string(debug.Stack())
	if _, raised, ok := strings.Cut(s, "\npanic("); ok {
		lines := strings.SplitN(raised, "\n", 3) // the call of panic, its place, the rest
		s = lines[len(lines)-1]
	}
	s, _, _ = strings.Cut(s, "\nmetatrace/internal/exercise.")
	return s
}

// Reject requires that the check fails for a wrong implementation. What the
// check reports goes into the log of t, not into its result. A panic rejects,
// and so does a check that has not ended after 15 seconds; its goroutine is
// left behind, so better give a mutant that ends. A mutant must not recurse
// for ever: Go ends the whole process for that.
func Reject[F any](t TB, name string, mutant F, check func(t TB, f F)) {
	t.Helper()
	verdict := try(t.Name(), mutantLimit, func(t TB) { check(t, mutant) })
	if verdict == "" {
		t.Errorf("mutant %q survives: the check passes for a wrong implementation", name)
		return
	}
	t.Logf("rejected: %s", verdict)
}
