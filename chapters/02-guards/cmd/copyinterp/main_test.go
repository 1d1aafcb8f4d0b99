package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCopiesAreCurrent fails when the interpreter was changed and go generate
// was not run: the recorder would record another interpreter than the one that
// runs.
func TestCopiesAreCurrent(t *testing.T) {
	tiny := filepath.Join("..", "..", "tiny")
	for _, name := range []string{"interp.go", "numbers.go", "objects.go"} {
		src, err := os.ReadFile(filepath.Join(tiny, from, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(tiny, to, name))
		require.NoError(t, err)
		require.Equal(t, string(translate(src, name)), string(got), "run go generate ./...")
	}
}
