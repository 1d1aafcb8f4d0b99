package cli

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// Where there is no memory for code, -jit=auto goes on without.
func TestAutoFallsBack(t *testing.T) {
	refuse := func(*heap.Heap, guards.Options) (guards.Executor, error) { return nil, errors.New("no memory") }
	h, err := heap.New(&heap.Classes{}, heap.Options{Limit: 1 << 20})
	require.NoError(t, err)
	defer h.Close()
	chain, err := course.Solved().EngineChain()
	require.NoError(t, err)
	x, err := elsePortable(refuse)(h, guards.Options{Chain: chain})
	require.NoError(t, err)
	require.NoError(t, x.Close())
}
