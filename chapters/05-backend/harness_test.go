package backend_test

import (
	"testing"

	"metatrace/internal/exercise"

	backend "metatrace/chapters/05-backend"
	backendsolution "metatrace/solutions/05-backend"
)

// This file says how the exercises of this chapter are checked.

func ex(id string) exercise.Exercise { return exercise.ByID(backend.Exercises, id) }

// checkAllocating allocates traces made at random with kit, and executes what comes out
// by name; then in machine code.
func checkAllocating(t exercise.TB, kit *backend.Kit) {
	t.Helper()
	for seed := range uint64(few(200)) {
		checkRandom(t, kit, seed, 3+int(seed%50), allocMachines[int(seed)%len(allocMachines)])
	}
	checkNative(t, kit, "")
}

// few returns n, or with -short, which is for slow machines, a part of it.
func few(n int) int {
	if testing.Short() {
		return n / 5
	}
	return n
}

// with returns the solution's Kit after edit: a reader's function is tested among
// finished ones, so that one mistake shows in one test.
func with(edit func(*backend.Kit)) *backend.Kit {
	kit := backendsolution.Kit
	edit(&kit)
	return &kit
}
