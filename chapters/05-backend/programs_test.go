package backend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/internal/course"
)

// nativeSuite returns the tests of machine code, where there is any.
func nativeSuite(t testing.TB) *guesttest.Suite {
	t.Helper()
	if err := course.NativeAvailable(); err != nil {
		t.Skipf("no machine code here: %v", err)
	}
	kits := course.Solved()
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	opt, err := kits.Options(course.Native, chain)
	require.NoError(t, err)
	// Thousands of executors with memory for 64 MiB of code each are too much for the
	// tables of qemu-user.
	opt.Executor = kits.Backend.Native(4 << 20)
	// Chapter 6 runs them on machine code in its own way.
	return &guesttest.Suite{Testdata: "../02-guards/testdata", Options: opt, Light: true}
}

// TestPrograms runs tiny programs in all the ways that chapter 2 does.
func TestPrograms(t *testing.T) {
	s := nativeSuite(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Thresholds", s.Thresholds},
		{"Stress", s.Stress},
		{"Passes", s.EachPass},
		{"ForcedFailures", s.ForcedFailures},
		{"ForcedStorm", s.ForcedStorm},
		{"Independent", s.Independent},
		{"Corners", s.Corners},
		{"Edges", s.Edges},
		{"TaggedIntsNeedNoMemory", s.TaggedIntsNeedNoMemory},
		{"ObjectsCountOnce", s.ObjectsCountOnce},
		{"Random", s.Random},
		{"OutOfMemory", s.OutOfMemory},
		{"ScarceMemory", s.ScarceMemory},
		{"Timeout", s.Timeout},
		{"Depth", s.Depth},
	} {
		t.Run(test.name, test.run)
	}
}

// FuzzPrograms runs generated programs in machine code.
func FuzzPrograms(f *testing.F) { nativeSuite(f).Fuzz(f) }
