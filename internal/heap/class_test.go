package heap

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClassesInheritFields(t *testing.T) {
	cs := new(Classes)
	base, err := cs.Struct("Base", "base_vtable", nil,
		Field{Name: "next", Kind: KindRef}, Field{Name: "n", Kind: KindInt, Lo: 0, Hi: 255})
	require.NoError(t, err)
	derived, err := cs.Struct("Derived", "", base, Field{Name: "other", Kind: KindRef}, Field{Name: "i", Kind: KindInt})
	require.NoError(t, err)

	require.Equal(t, []*Class{base, derived}, cs.All())
	require.Same(t, derived, cs.Named("Derived"))
	require.Nil(t, cs.Named("Nobody"))
	require.True(t, derived.Inherits(base))
	require.True(t, base.Inherits(base))
	require.False(t, base.Inherits(derived))

	require.Equal(t, "Base.next", derived.Field("next").String())
	require.Same(t, base.Field("n"), derived.Field("n"))
	require.Equal(t, int64(255), derived.Field("n").Hi)
	require.Equal(t, int64(math.MinInt64), derived.Field("i").Lo)
	require.Equal(t, 3, derived.Field("i").Index)
	require.Nil(t, base.Field("i"))
	require.Same(t, derived.Field("i"), derived.Slot(3))
	require.Equal(t, []int{0, 2}, derived.refs, "the words that a collection looks at")
	require.Equal(t, uint64(8+4*8), derived.bytes)
}

func TestClassesRefuse(t *testing.T) {
	cs := new(Classes)
	array, err := cs.Array("Array", Field{Kind: KindFloat})
	require.NoError(t, err)
	require.Equal(t, "Array.[]", array.Item.String())
	require.Same(t, array.Item, array.Slot(7))

	_, err = cs.Array("Array", Field{Kind: KindRef})
	require.EqualError(t, err, "class Array is declared twice")
	_, err = cs.Struct("S", "", array)
	require.EqualError(t, err, "struct S: its base Array is an array")
	_, err = cs.Struct("S", "", nil, Field{Name: "x"}, Field{Name: "x"})
	require.EqualError(t, err, "struct S: field x is declared twice")
	require.Len(t, cs.All(), 1)
}
