package bridgessolution

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// Assume tells o what is known where a bridge begins: the facts that were noted in the
// exit of its guard. leaves are the values of the exit, inputs[i] is the input of the
// bridge that stands for leaves[i]. Each fact is about one of the leaves; what an object
// holds (ir.Fact.Contents) is one as well, or a constant. Say the same of the inputs, by
// o.Believe. The facts themselves must stay as they are: the exit may get more bridges.
//
// For example, if leaves are [p7, i9] and inputs [p0, i1], then that p7 is a NODE whose
// value is i9 becomes that p0 is a NODE whose value is i1.
func Assume(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
	stands := make(map[*ir.Op]*ir.Op, len(leaves))
	for i, v := range leaves {
		stands[v] = inputs[i]
	}
	for _, f := range facts {
		f.Value, f.Contents = stands[f.Value], slices.Clone(f.Contents)
		for i, c := range f.Contents {
			if !c.Value.IsConst() {
				f.Contents[i].Value = stands[c.Value]
			}
		}
		o.Believe(&f)
	}
}
