package knownbits_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	knownbits "metatrace/chapters/04-knownbits"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// boxChain returns the optimizer without what this chapter knows of numbers, so
// that the cases show what the pass "boxes" makes.
func boxChain(t testing.TB, passes string, pending bool) ir.Chain {
	t.Helper()
	fold, cse, err := irsolution.Kit.Passes()
	require.NoError(t, err)
	unmerged := guardssolution.Kit
	unmerged.Merge = func(*ir.Optimizer, *ir.Op, *ir.Op) bool { return false }
	virtual, store := virtualssolution.Kit.Passes(pending)
	all := []ir.NamedPass{fold, unmerged.Pass(), virtual, knownbits.Boxes(), cse, store}
	chain := ir.Chain{Kit: &irsolution.Kit, Passes: all, Dead: true, Verify: true, Peel: virtualssolution.Kit.Peel}
	if pending {
		chain.Peel = virtualssolution.Kit.PeelStable
	}
	chain, err = chain.Select(passes)
	require.NoError(t, err)
	chain.Verify = true
	return chain
}

const boxDeclarations = `
struct W_Int vtable=W_Int_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!
struct W_Float vtable=W_Float_vtable value:f!
struct CELL item:r
object five W_Int value=5
object cell CELL
`

var (
	boxShort = []string{"INT", "ConstClass(W_Int_vtable)", "FLOAT", "ConstClass(W_Float_vtable)",
		".value", "W_Int.value"}
	boxes    = tracetest.Suite{Declarations: boxDeclarations, Short: boxShort, Kit: &irsolution.Kit, Agree: numbered(straightAgree)}
	boxLoops = tracetest.Suite{Declarations: boxDeclarations, Short: boxShort, Kit: &irsolution.Kit, Agree: numbered(loopsAgree), Kind: &tracetest.Loop}
)

// numbered makes agree tell guards apart by their line alone: here they become other
// guards.
func numbered(agree func(before, after *ir.Trace) error) func(before, after *ir.Trace) error {
	return func(before, after *ir.Trace) error {
		for _, op := range slices.Concat(before.Ops, after.Ops) {
			if op.Exit != nil {
				op.Exit.Resume = op.Line
			}
		}
		return agree(before, after)
	}
}

var boxCases = []tracetest.Case{
	{Rule: "a class check and the read of the value become operations on the word, which is looked at once",
		Before: "[p0]; guard_nonnull_class(p0, INT) [p0]; i1 = getfield_gc_i(p0, descr=.value); guard_class(p0, INT) []; finish(i1)",
		After:  "[p0]; i1 = cast_ptr_to_int(p0); i2 = int_and(i1, 1); guard_true(i2) [p0]; i3 = int_rshift(i1, 1); finish(i3)"},
	{Rule: "other classes are asked for as before",
		Before: "[p0]; guard_nonnull_class(p0, FLOAT) []; finish()",
		After:  "same"},
	{Rule: "what escapes is a word",
		Before: "[i0]; i1 = int_and(i0, 7); p2 = new_with_vtable(descr=W_Int); setfield_gc(p2, i1, descr=.value); escape_n(p2); finish()",
		After:  "[i0]; i1 = int_and(i0, 7); i2 = int_lshift(i1, 1); i3 = int_or(i2, 1); p4 = cast_int_to_ptr(i3); escape_n(p4); finish()"},
	{Rule: "of a constant, too",
		Before: "[]; p2 = new_with_vtable(descr=W_Int); setfield_gc(p2, -3, descr=.value); escape_n(p2); finish()",
		After:  "[]; p2 = cast_int_to_ptr(-5); escape_n(p2); finish()"},
	{Rule: "an object that was never written to holds 0",
		Before: "[]; p2 = new_with_vtable(descr=W_Int); escape_n(p2); i3 = getfield_gc_i(p2, descr=.value); finish(i3)",
		After:  "[]; p2 = cast_int_to_ptr(1); escape_n(p2); finish(0)"},
	{Rule: "what stands in an exit only is described there",
		Before: "[i0]; i1 = int_and(i0, 7); p2 = new_with_vtable(descr=W_Int); setfield_gc(p2, i1, descr=.value); i3 = int_is_true(i0); guard_true(i3) [p2]; finish()",
		After:  "[i0]; i1 = int_and(i0, 7); i3 = int_is_true(i0); guard_true(i3) [W_Int{value=i1}]; finish()"},
	{Rule: "two that hold the same are one reference: what they hold is compared",
		Before: "[i0, i1]; i2 = int_and(i0, 1); i3 = int_and(i1, 1); p4 = new_with_vtable(descr=W_Int); setfield_gc(p4, i2, descr=.value); p5 = new_with_vtable(descr=W_Int); setfield_gc(p5, i3, descr=.value); i6 = ptr_eq(p4, p5); i7 = instance_ptr_ne(p4, p5); finish(i6, i7)",
		After:  "[i0, i1]; i2 = int_and(i0, 1); i3 = int_and(i1, 1); i6 = int_eq(i2, i3); i7 = int_ne(i2, i3); finish(i6, i7)"},
	{Rule: "a word is compared with a word",
		Before: "[i0, p1]; i2 = int_and(i0, 1); p4 = new_with_vtable(descr=W_Int); setfield_gc(p4, i2, descr=.value); i6 = ptr_eq(p4, p1); finish(i6)",
		After:  "[i0, p1]; i2 = int_and(i0, 1); i3 = int_lshift(i2, 1); i4 = int_or(i3, 1); p5 = cast_int_to_ptr(i4); i6 = ptr_eq(p5, p1); finish(i6)"},
	{Rule: "but no object in memory equals it",
		Before: "[i0]; i2 = int_and(i0, 1); p4 = new_with_vtable(descr=W_Int); setfield_gc(p4, i2, descr=.value); p5 = new_with_vtable(descr=W_Float); i6 = ptr_eq(p4, p5); i7 = ptr_ne(p4, ConstPtr(cell)); finish(i6, i7)",
		After:  "[i0]; i2 = int_and(i0, 1); i3 = int_lshift(i2, 1); i4 = int_or(i3, 1); p5 = cast_int_to_ptr(i4); i7 = ptr_ne(p5, ConstPtr(cell)); finish(0, i7)"},
	{Rule: "guard_value of two that are not in memory compares what they hold",
		Before: "[i0]; p4 = new_with_vtable(descr=W_Int); setfield_gc(p4, 5, descr=.value); i1 = int_and(i0, 7); p5 = new_with_vtable(descr=W_Int); setfield_gc(p5, i1, descr=.value); guard_value(p5, p4) [i0]; finish(i1)",
		After:  "[i0]; i1 = int_and(i0, 7); i2 = int_eq(i1, 5); guard_true(i2) [i0]; finish(5)"},
	{Rule: "guard_value of one that is not",
		Before: "[i0]; i1 = int_and(i0, 7); p5 = new_with_vtable(descr=W_Int); setfield_gc(p5, i1, descr=.value); guard_value(p5, ConstPtr(five)) [i0]; finish(p5)",
		After:  "[i0]; i1 = int_and(i0, 7); i2 = int_lshift(i1, 1); i3 = int_or(i2, 1); p5 = cast_int_to_ptr(i3); guard_value(p5, ConstPtr(five)) [i0]; finish(ConstPtr(five))"},
	{Rule: "the word of a declared object is known",
		Before: "[]; i0 = cast_ptr_to_int(ConstPtr(five)); i1 = getfield_gc_i(ConstPtr(five), descr=.value); i2 = cast_ptr_to_int(NULL); finish(i0, i1, i2)",
		After:  "[]; finish(11, 5, 0)"},
	{Rule: "that of an object in memory is not",
		Before: "[]; i0 = cast_ptr_to_int(ConstPtr(cell)); i1 = int_and(i0, 7); finish(i1)", // where it is, nobody promises
		After:  "same"},
	{Rule: "a cast of a cast is what was there",
		Before: "[p0]; i1 = cast_ptr_to_int(p0); p2 = cast_int_to_ptr(i1); i3 = cast_ptr_to_int(p2); i4 = int_and(i3, 7); finish(p2, i4)",
		After:  "[p0]; i1 = cast_ptr_to_int(p0); i2 = int_and(i1, 7); finish(p0, i2)"},
	{Rule: "a cast of what is not in memory does not make it: the bits are computed",
		Before: "[i0]; i1 = int_and(i0, 7); p2 = new_with_vtable(descr=W_Int); setfield_gc(p2, i1, descr=.value); i3 = cast_ptr_to_int(p2); finish(i3)",
		After:  "[i0]; i1 = int_and(i0, 7); i2 = int_lshift(i1, 1); i3 = int_or(i2, 1); finish(i3)"},
	{Rule: "no guard is made to ask for the class as well",
		Before: "[p0]; guard_nonnull(p0) []; guard_class(p0, INT) []; finish()",
		After:  "[p0]; guard_nonnull(p0) []; i1 = cast_ptr_to_int(p0); i2 = int_and(i1, 1); guard_true(i2) []; finish()"},
}

func TestBoxes(t *testing.T) { boxes.Check(t, boxChain(t, "all", false), boxCases...) }

// TestBoxesAlone wants the same of the pass without the one before it.
func TestBoxesAlone(t *testing.T) {
	boxes.Check(t, boxChain(t, "none", false),
		tracetest.Case{Rule: "an allocation and the store behind it make a word",
			Before: "[i0]; i1 = int_rshift(i0, 1); p2 = new_with_vtable(descr=W_Int); setfield_gc(p2, i1, descr=.value); guard_class(p2, INT) [p2]; finish(p2)",
			After:  "[i0]; i1 = int_rshift(i0, 1); i2 = int_lshift(i1, 1); i3 = int_or(i2, 1); p4 = cast_int_to_ptr(i3); i5 = int_and(i3, 1); guard_true(i5) [p4]; finish(p4)"},
		tracetest.Case{Rule: "an allocation without a store makes the word of 0",
			Before: "[i0]; p2 = new_with_vtable(descr=W_Int); i3 = int_is_true(i0); guard_true(i3) [p2]; finish(p2)",
			After:  "[i0]; i1 = int_lshift(0, 1); i2 = int_or(i1, 1); p2 = cast_int_to_ptr(i2); i3 = int_is_true(i0); guard_true(i3) [p2]; finish(p2)"})
}

// TestBoxLoops looks at loops whose counter is a box.
func TestBoxLoops(t *testing.T) {
	boxLoops.Check(t, boxChain(t, "all", false),
		tracetest.Case{Rule: "the counter goes round as a number: the cast that the first walk has left does not make a word of it",
			Before: "[p0, p1]; guard_class(p0, INT) [p0]; i1 = getfield_gc_i(p0, descr=.value); i2 = int_lt(i1, 100); guard_true(i2) [p0]; i3 = int_add(i1, 1); p4 = new_with_vtable(descr=W_Int); setfield_gc(p4, i3, descr=.value); jump(p4, p1)",
			After: "[p0, p1]; i1 = cast_ptr_to_int(p0); i2 = int_and(i1, 1); guard_true(i2) [p0]; i3 = int_rshift(i1, 1); i4 = int_lt(i3, 100); guard_true(i4) [p0]; i5 = int_add(i3, 1); label(i5); " +
				"i6 = int_lshift(i5, 1); i7 = int_or(i6, 1); i9 = int_rshift(i7, 1); i10 = int_lt(i9, 100); guard_true(i10) [W_Int{value=i5}]; i11 = int_add(i9, 1); jump(i11)"})
}

// TestBoxesAgree compares random traces with an immediate class, whatever passes
// stand around "boxes", and how they are left.
func TestBoxesAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 3))
	lists := []string{"all", "none", "virtuals", "-virtuals", "heap", "fold,cse", "-cse", "virtuals,heap,peel", "all", "all"}
	for n := range 400 {
		kind := &tracetest.Tagged
		if n%2 == 1 {
			kind = &tracetest.TaggedLoop
		}
		data := tracetest.Random(r, 20+r.IntN(300))
		list := lists[r.IntN(len(lists))]
		chain := boxChain(t, list, n%4 < 2)
		before := kind.Generate(&irsolution.Kit, data)
		after, rule, err := kind.Compare(&irsolution.Kit, chain, before, 6, 1)
		require.NoError(t, err, "%s\npasses %s\n%s\nbecame\n%s", rule, list, before, after)
		if after != nil {
			require.NotRegexp(t, `ConstClass\(tag_vtable\)|descr=TAG\b`, after.Body())
		}
	}
}

// TestAllocationAtTheEnd is about an object that nothing is written to: when the walk ends,
// the operation that would say what it holds has not come.
func TestAllocationAtTheEnd(t *testing.T) {
	trace, err := ir.Parse("end", boxDeclarations+"[p0]\np1 = new_with_vtable(descr=W_Int)\njump(p1)\n")
	require.NoError(t, err)
	target := &ir.Target{Name: "there", Inputs: []ir.Type{ir.Ref}}
	out, err := virtualssolution.Kit.OptimizeJump(boxChain(t, "-virtuals", false), trace, virtuals.JumpOptions{
		Choose: func(values, _ []*ir.Op) (*ir.Target, []*ir.Op) { return target, values }})
	require.NoError(t, err)
	require.NoError(t, ir.Verify(out))
	require.Equal(t, "[p0]\np1 = cast_int_to_ptr(1)\njump(p1, descr=there)\n", out.Body())
}
