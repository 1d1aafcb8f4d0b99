package heap

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// immediateWorld is a world whose immediate class is tagged like t.
func immediateWorld(t *testing.T, tagging Tagging, opt Options) (*world, *Class) {
	t.Helper()
	w := newWorld(t, opt)
	lo, hi := tagging.Bounds()
	c, err := w.heap.Classes().Struct("small", "small_vtable", nil,
		Field{Name: "value", Kind: KindInt, Immutable: true, Lo: lo, Hi: hi})
	require.NoError(t, err)
	require.NoError(t, w.heap.Classes().SetImmediate(c, tagging))
	return w, c
}

func TestImmediateObjectsAreWords(t *testing.T) {
	for _, tagging := range []Tagging{{1, 1}, {2, 1}, {2, 3}, {3, 6}, {4, 9}, {32, 5}} {
		w, small := immediateWorld(t, tagging, Options{})
		h := w.heap
		lo, hi := tagging.Bounds()
		for _, v := range []int64{0, 1, -1, 5, lo, lo + 1, hi - 1, hi} {
			r := tagging.Word(v)
			require.True(t, IsTagged(r))
			require.Equal(t, v, tagging.Value(r))
			require.Equal(t, v, h.Int(r, small.Fields[0]))
			require.Equal(t, uint64(v), h.Load(r, 0))
			require.Equal(t, tagging.Tag, r&tagging.Mask())
			require.Same(t, small, h.Class(r))
			require.True(t, h.Is(r, small))
			require.False(t, h.Is(r, w.leaf))
			require.Equal(t, 1, h.Words(r))
		}
		require.NotEqual(t, hi+1, tagging.Value(tagging.Word(hi+1)), "what does not fit")
		leaf := h.New(w.leaf)
		h.SetWord(leaf, 0, 17)
		require.False(t, IsTagged(leaf) || IsTagged(0))
		require.Equal(t, uint64(17), h.Load(leaf, 0))
		require.False(t, h.Is(leaf, small))
		require.False(t, h.Is(0, small))
	}
	lo, hi := Tagging{1, 1}.Bounds()
	require.Equal(t, int64(math.MinInt64/2), lo)
	require.Equal(t, int64(math.MaxInt64/2), hi)
}

// TestCollectImmediateObjects has words where a collection looks for objects.
func TestCollectImmediateObjects(t *testing.T) {
	w, small := immediateWorld(t, Tagging{1, 1}, Options{Stress: true})
	h := w.heap
	var node, array, root Ref
	for _, r := range []*Ref{&node, &array, &root} {
		w.root(r)
	}
	node = h.New(w.node)
	array = h.NewArray(w.refs, 3)
	root = small.Immediate.Word(-7)
	h.SetWord(node, 0, array)
	h.SetWord(node, 1, small.Immediate.Word(8))
	h.SetWord(array, 0, node+1) // a number that looks nearly like an address
	h.SetWord(array, 2, small.Immediate.Word(math.MaxInt64/2))
	h.Collect()
	require.Equal(t, int64(2), h.Stats().LiveObjects)
	require.Equal(t, uint64(8), h.Load(h.Word(node, 1), 0))
	require.Equal(t, node+1, h.Word(array, 0))
}

func TestImmediateObjectsAreNotAllocated(t *testing.T) {
	w, small := immediateWorld(t, Tagging{1, 1}, Options{})
	require.PanicsWithValue(t, "heap: objects of the immediate class small are not allocated", func() { w.heap.New(small) })
}

func TestSetImmediateRefuses(t *testing.T) {
	one := Tagging{1, 1}
	field := Field{Name: "x", Kind: KindInt, Immutable: true, Lo: 0, Hi: 9}
	for _, c := range []struct {
		declare func(cs *Classes) (*Class, error)
		tagging Tagging
		want    string
	}{
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "v", nil, field) }, Tagging{0, 1}, "the shift of S is 0, expected 1 to 32"},
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "v", nil, field) }, Tagging{33, 1}, "the shift of S is 33, expected 1 to 32"},
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "v", nil, field) }, Tagging{1, 0}, "the tag of S is 0, expected one below 2 that has one of the lowest three bits set"},
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "v", nil, field) }, Tagging{1, 2}, "the tag of S is 2, expected one below 2 that has one of the lowest three bits set"},
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "v", nil, field) }, Tagging{5, 16}, "the tag of S is 16, expected one below 32 that has one of the lowest three bits set"},
		{func(cs *Classes) (*Class, error) { return cs.Array("A", field) }, one, "A can't be immediate, expected a struct with a vtable, without a base, and with one field"},
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "", nil, field) }, one, "S can't be immediate, expected a struct with a vtable, without a base, and with one field"},
		{func(cs *Classes) (*Class, error) { return cs.Struct("S", "v", nil) }, one, "S can't be immediate, expected a struct with a vtable, without a base, and with one field"},
		{func(cs *Classes) (*Class, error) {
			c, _ := cs.Struct("S", "v", nil, field)
			_, err := cs.Struct("T", "w", c)
			return c, err
		}, one, "S can't be immediate, T inherits from it"},
		{func(cs *Classes) (*Class, error) {
			return cs.Struct("S", "v", nil, Field{Name: "x", Kind: KindInt, Immutable: true})
		}, one, "S.x can't be the value of an immediate object, expected x:i[-4611686018427387904,4611686018427387903]! or a smaller range"},
	} {
		cs := new(Classes)
		class, err := c.declare(cs)
		require.NoError(t, err)
		require.EqualError(t, cs.SetImmediate(class, c.tagging), c.want)
		require.Nil(t, cs.Immediate())
	}

	cs := new(Classes)
	first, err := cs.Struct("S", "v", nil, field)
	require.NoError(t, err)
	require.NoError(t, cs.SetImmediate(first, one))
	second, err := cs.Struct("T", "w", nil, field)
	require.NoError(t, err)
	require.EqualError(t, cs.SetImmediate(second, one), "S is immediate already, expected one such class at most")
	_, err = cs.Struct("U", "u", first)
	require.EqualError(t, err, "struct U: its base S is immediate")
}
