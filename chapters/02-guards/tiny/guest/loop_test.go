package guest_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/internal/heap"
)

// compiledLoop returns the names of the operations behind the label of the one
// trace of a program, sorted; without the jump.
func compiledLoop(t *testing.T, name string) []string {
	var log strings.Builder
	opt := jit(t, 50)
	opt.Log = &log
	p := program{name, read(t, filepath.Join("..", "..", "testdata", name+".tiny"))}
	_, stats := p.run(t, heap.Options{}, opt)
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
	sum := compiledLoop(t, "sum")
	require.LessOrEqual(t, len(sum), 8, "%v", sum)
	centroid := compiledLoop(t, "centroid")
	require.Equal(t, compiledLoop(t, "centroid_flat"), centroid)
	for _, op := range slices.Concat(sum, centroid) {
		require.NotRegexp(t, "^(new|.etfield|.etarrayitem|guard_.*class)", op)
	}
}
