package bridges_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guesttest"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
)

// suite returns the tests of the engine with an executor. Function entries get hot as
// loops do, and bridges are made at once: at every first, second, third failure.
func suite(t testing.TB, executor string) *guesttest.Suite {
	t.Helper()
	if executor == course.Native && course.NativeAvailable() != nil {
		t.Skipf("no machine code here: %v", course.NativeAvailable())
	}
	kits := course.Solved()
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	opt, err := kits.Options(executor, chain)
	require.NoError(t, err)
	if executor == course.Native {
		opt.Executor = kits.Backend.Native(4 << 20)
	}
	return &guesttest.Suite{Testdata: "../02-guards/testdata", More: "../../06-bridges/testdata", Options: opt,
		Light: os.Getenv("METATRACE_LONG") == "", // in full it takes some minutes
		Engine: func(opt guards.Options, threshold int) guards.Options {
			var l bridges.Limits
			if threshold < guards.DefaultThreshold {
				l = bridges.Limits{Function: threshold, Eagerness: 1 + threshold%3}
			}
			return kits.Bridged(opt, bridges.Options{Limits: l})
		}}
}

// TestPrograms runs tiny programs in all the ways that chapter 2 does, in machine code
// where there is any. On the portable executor beside it, it runs them in some ways only.
// (FuzzEngine has more of them, with other settings of the engine each.)
func TestPrograms(t *testing.T) {
	native := course.NativeAvailable() == nil
	if native {
		t.Run(course.Native, func(t *testing.T) { everyWay(t, suite(t, course.Native)) })
	}
	if !native || os.Getenv("METATRACE_LONG") != "" {
		t.Run(course.Portable, func(t *testing.T) { everyWay(t, suite(t, course.Portable)) })
	} else if !testing.Short() {
		s := suite(t, course.Portable)
		t.Run("portable/Thresholds", s.Thresholds)
		t.Run("portable/ForcedFailures", s.ForcedFailures)
		t.Run("portable/Depth", s.Depth)
	}
}

func everyWay(t *testing.T, s *guesttest.Suite) {
	for i, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Thresholds", s.Thresholds},
		{"ForcedFailures", s.ForcedFailures},
		{"Corners", s.Corners},
		{"Timeout", s.Timeout},
		{"Depth", s.Depth},
		{"Stress", s.Stress},
		{"Passes", s.EachPass},
		{"ForcedStorm", s.ForcedStorm},
		{"Independent", s.Independent},
		{"Edges", s.Edges},
		{"Random", s.Random},
		{"OutOfMemory", s.OutOfMemory},
		{"ScarceMemory", s.ScarceMemory},
	} {
		if i < 5 || !testing.Short() { // chapter 5 has all of them, for the same machine code
			t.Run(test.name, test.run)
		}
	}
}
