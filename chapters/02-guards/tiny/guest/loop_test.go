package guest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/space"
)

// compiledLoop returns the names of the operations behind the label of the one
// trace of a program, sorted; without the jump.
func compiledLoop(t *testing.T, boxes space.Boxes, name string) []string {
	var log strings.Builder
	opt := suite.JIT(50)
	opt.Log = &log
	_, stats := suite.Named(t, name).Run(t, setup{Boxes: boxes, Opt: opt})
	require.Equal(t, 1, stats.Loops)
	_, loop, found := strings.Cut(log.String(), "\nlabel(")
	require.True(t, found, log.String())
	var ops []string
	for _, m := range regexp.MustCompile(`(?m)^(?:\w+ = )?(\w+)\(`).FindAllStringSubmatch("("+loop, -1) {
		if m[1] != "jump" {
			ops = append(ops, m[1])
		}
	}
	slices.Sort(ops)
	return ops
}

// What the guest program has as objects costs its loop nothing.
func TestLoopsWithoutObjects(t *testing.T) {
	sum := compiledLoop(t, space.HeapBoxes, "sum")
	require.LessOrEqual(t, len(sum), 8, "%v", sum)
	centroid := compiledLoop(t, space.HeapBoxes, "centroid")
	require.Equal(t, compiledLoop(t, space.HeapBoxes, "centroid_flat"), centroid)
	for _, op := range slices.Concat(sum, centroid) {
		require.NotRegexp(t, "^(new|.etfield|.etarrayitem|guard_.*class)", op)
	}
}

// A number that was made in the loop is no word there: it is not tagged, and nobody
// asks whether it is.
func TestLoopsWithoutTags(t *testing.T) {
	for _, name := range []string{"sum", "centroid", "centroid_flat"} {
		for _, op := range compiledLoop(t, space.TaggedBoxes, name) {
			require.NotRegexp(t, "^(cast_ptr_to_int|cast_int_to_ptr|int_or|int_.shift|.etfield|guard_.*class)", op, name)
		}
	}
}
