package recorder

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
)

// TestFold computes calls of constants as the machine does.
func TestFold(t *testing.T) {
	for _, c := range []struct {
		f         *Elidable
		a, b, out int64
	}{
		{intDiv, 7, 2, 3},
		{intDiv, -7, 2, -3},
		{intMod, -7, 2, -1},
		{intMod, 7, -2, 1},
		{intMod, math.MinInt64, -1, 0},
	} {
		var folder ir.Folder = c.f
		v := folder.Fold([]*ir.Op{ir.ConstInt(c.a), ir.ConstInt(c.b)})
		require.True(t, ir.SameConst(ir.ConstInt(c.out), v), "%s(%d, %d)", c.f.Name, c.a, c.b)
	}
	for _, f := range []*Elidable{intDiv, intMod} {
		require.Nil(t, f.Fold([]*ir.Op{ir.ConstInt(1), ir.ConstInt(0)}), "%s by 0", f.Name)
	}
}
