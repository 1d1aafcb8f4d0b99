package ir_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
)

type cse = func(map[ir.CSEKey]*ir.Op, *ir.Op) *ir.Op

func TestExercise1_8_CSE(t *testing.T) {
	// keyed is a wrong implementation that makes another key.
	keyed := func(name string, key func(op *ir.Op, k ir.CSEKey) ir.CSEKey) exercise.Mutant[cse] {
		return exercise.Wrong[cse](name, func(seen map[ir.CSEKey]*ir.Op, op *ir.Op) *ir.Op {
			k := ir.CSEKey{Code: op.Code, A: op.Args[0], Descr: op.Descr}
			if len(op.Args) > 1 {
				k.B = op.Args[1]
			}
			if op.Code.Has(ir.Commutative) && k.A.ID > k.B.ID {
				k.A, k.B = k.B, k.A
			}
			k = key(op, k)
			if earlier := seen[k]; earlier != nil {
				return earlier
			}
			seen[k] = op
			return nil
		})
	}
	exercise.Run(t, ex("1.8"), ir.Yours.CSE, irsolution.Kit.CSE, checkCSE,
		keyed("arguments-in-given-order", func(op *ir.Op, k ir.CSEKey) ir.CSEKey {
			k.A = op.Args[0]
			if len(op.Args) > 1 {
				k.B = op.Args[1]
			}
			return k
		}),
		keyed("orders-all-operations", func(op *ir.Op, k ir.CSEKey) ir.CSEKey {
			if k.B != nil && k.A.ID > k.B.ID {
				k.A, k.B = k.B, k.A
			}
			return k
		}),
		keyed("without-descr", func(_ *ir.Op, k ir.CSEKey) ir.CSEKey { k.Descr = nil; return k }),
		keyed("without-opcode", func(_ *ir.Op, k ir.CSEKey) ir.CSEKey { k.Code = 0; return k }),
		keyed("without-second-argument", func(_ *ir.Op, k ir.CSEKey) ir.CSEKey { k.B = nil; return k }),
		exercise.Wrong[cse]("notes-nothing", func(seen map[ir.CSEKey]*ir.Op, op *ir.Op) *ir.Op { return nil }),
		exercise.Wrong[cse]("the-latest-wins", func(seen map[ir.CSEKey]*ir.Op, op *ir.Op) *ir.Op {
			earlier := irsolution.CSE(seen, op)
			for k, v := range seen {
				if v == earlier {
					seen[k] = op
				}
			}
			return earlier
		}),
	)
}

func checkCSE(t exercise.TB, share cse) {
	kit := with(func(k *ir.Kit) { k.CSE = share })
	checkCases(t, kit, "cse", []traceCase{
		{Rule: "what was computed before is not computed again",
			Before: "[i0, i1]; i2 = int_add(i0, i1); i3 = int_add(i0, i1); finish(i2, i3)",
			After:  "[i0, i1]; i2 = int_add(i0, i1); finish(i2, i2)"},
		{Rule: "arguments of commutative operations count in either order",
			Before: "[i0, i1]; i2 = int_add(i0, i1); i3 = int_add(i1, i0); i4 = int_eq(i1, i0); i5 = int_eq(i0, i1); finish(i2, i3, i4, i5)",
			After:  "[i0, i1]; i2 = int_add(i0, i1); i3 = int_eq(i1, i0); finish(i2, i2, i3, i3)"},
		{Rule: "arguments of other operations count in their order",
			Before: "[i0, i1]; i2 = int_sub(i0, i1); i3 = int_sub(i1, i0); i4 = int_lt(i0, i1); i5 = int_lt(i1, i0); finish(i2, i3, i4, i5)",
			After:  "[i0, i1]; i2 = int_sub(i0, i1); i3 = int_sub(i1, i0); i4 = int_lt(i0, i1); i5 = int_lt(i1, i0); finish(i2, i3, i4, i5)"},
		{Rule: "two operations on the same arguments are two",
			Before: "[i0, i1]; i2 = int_add(i0, i1); i3 = int_mul(i0, i1); i4 = int_neg(i0); i5 = int_invert(i0); finish(i2, i3, i4, i5)",
			After:  "[i0, i1]; i2 = int_add(i0, i1); i3 = int_mul(i0, i1); i4 = int_neg(i0); i5 = int_invert(i0); finish(i2, i3, i4, i5)"},
		{Rule: "both arguments count",
			Before: "[i0, i1, i2]; i3 = int_sub(i0, i1); i4 = int_sub(i0, i2); finish(i3, i4)",
			After:  "[i0, i1, i2]; i3 = int_sub(i0, i1); i4 = int_sub(i0, i2); finish(i3, i4)"},
		{Rule: "equal constants are one argument",
			Before: "[i0]; i1 = int_add(i0, 5); i2 = int_add(5, i0); i3 = int_add(i0, 6); finish(i1, i2, i3)",
			After:  "[i0]; i1 = int_add(i0, 5); i2 = int_add(i0, 6); finish(i1, i1, i2)"},
		{Rule: "operations on what was shared are shared, too",
			Before: "[i0]; i1 = int_neg(i0); i2 = int_neg(i0); i3 = int_mul(i1, i1); i4 = int_mul(i2, i2); finish(i3, i4)",
			After:  "[i0]; i1 = int_neg(i0); i2 = int_mul(i1, i1); finish(i2, i2)"},
		{Rule: "of three the second and the third are the first",
			Before: "[i0]; i1 = int_neg(i0); i2 = int_neg(i0); i3 = int_neg(i0); finish(i1, i2, i3)",
			After:  "[i0]; i1 = int_neg(i0); finish(i1, i1, i1)"},
		{Rule: "a checked operation that passed its guard needs no second check",
			Before: "[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; i2 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i1, i2)",
			After:  "[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i1, i1)"},
		{Rule: "a checked operation can't both overflow and not",
			Before: "[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; i2 = int_add_ovf(i0, 1); guard_overflow() []; finish(i1, i2)",
			After:  "impossible"},
		{Rule: "what reads the heap is not pure",
			Before: "[]; i0 = getfield_gc_i(ConstPtr(first), descr=NODE.value); setfield_gc(ConstPtr(first), 7, descr=NODE.value); i1 = getfield_gc_i(ConstPtr(first), descr=NODE.value); finish(i0, i1)",
			After:  "[]; i0 = getfield_gc_i(ConstPtr(first), descr=NODE.value); setfield_gc(ConstPtr(first), 7, descr=NODE.value); i1 = getfield_gc_i(ConstPtr(first), descr=NODE.value); finish(i0, i1)"},
	})
	if t.Failed() {
		return
	}
	checkCSECalls(t, share)
	agreeOnGenerated(t, kit, "cse,dce")
}

// checkCSECalls calls the function itself.
func checkCSECalls(t exercise.TB, share cse) {
	seen := map[ir.CSEKey]*ir.Op{}
	p := &ir.Op{Code: ir.OpInput, Type: ir.Ref, ID: 0}
	length := func(id int32, class *heap.Class) *ir.Op {
		return &ir.Op{Code: ir.ArraylenGc, Type: ir.Int, ID: id, Args: []*ir.Op{p}, Descr: class}
	}
	first, second := &heap.Class{Name: "A"}, &heap.Class{Name: "B"}
	one, same, other := length(1, first), length(2, first), length(3, second)
	if got := share(seen, one); got != nil {
		t.Errorf("rule: the first of its kind has no earlier one\nCSE gave %s, want nil", got)
	}
	if got := share(seen, other); got != nil {
		t.Errorf("rule: the descr belongs to what an operation computes\nCSE of %s gave %s, want nil: the descr is another", other, got)
	}
	for range 2 {
		if got := share(seen, same); got != one {
			t.Errorf("rule: the earliest is the one to use\nCSE of %s gave %v, want %s", same, got, one)
		}
	}
}

type removeDead = func(*ir.Trace) []*ir.Op

func TestExercise1_9_RemoveDead(t *testing.T) {
	// walk is the solution with parts left out.
	walk := func(name string, droppable func(*ir.Op) bool, uses func(*ir.Op) []*ir.Op) exercise.Mutant[removeDead] {
		return exercise.Wrong[removeDead](name, func(trace *ir.Trace) []*ir.Op {
			used := map[*ir.Op]bool{}
			var kept []*ir.Op
			for i := len(trace.Ops) - 1; i >= 0; i-- {
				op := trace.Ops[i]
				if droppable(op) && !used[op] {
					continue
				}
				for _, a := range uses(op) {
					used[a] = true
				}
				kept = append([]*ir.Op{op}, kept...)
			}
			return kept
		})
	}
	flat := func(op *ir.Op) []*ir.Op {
		list := op.Args
		if op.Exit != nil {
			list = append(list[:len(list):len(list)], op.Exit.Failargs...)
		}
		return list
	}
	exercise.Run(t, ex("1.9"), ir.Yours.RemoveDead, irsolution.Kit.RemoveDead, checkDead,
		walk("forgets-failargs", ir.Droppable, func(op *ir.Op) []*ir.Op { return op.Args }),
		walk("forgets-what-virtuals-hold", ir.Droppable, flat),
		walk("forgets-pending-stores", ir.Droppable, func(op *ir.Op) []*ir.Op {
			if op.Exit != nil {
				plain := *op
				plain.Exit = &ir.Exit{Failargs: op.Exit.Failargs}
				op = &plain
			}
			return deep(op)
		}),
		walk("drops-guards", func(op *ir.Op) bool { return ir.Droppable(op) || op.Code.Has(ir.Guard) }, deep),
		walk("drops-stores", func(op *ir.Op) bool { return ir.Droppable(op) || op.Code == ir.SetfieldGc }, deep),
		walk("drops-all-calls", func(op *ir.Op) bool { return ir.Droppable(op) || op.Code == ir.CallI }, deep),
		walk("keeps-loads", func(op *ir.Op) bool { return op.Code.Has(ir.Pure) }, deep),
		exercise.Wrong[removeDead]("forward", func(trace *ir.Trace) []*ir.Op {
			used := map[*ir.Op]bool{}
			for _, op := range trace.Ops {
				for _, a := range deep(op) {
					used[a] = true
				}
			}
			var kept []*ir.Op
			for _, op := range trace.Ops {
				if used[op] || !ir.Droppable(op) {
					kept = append(kept, op)
				}
			}
			return kept
		}),
		exercise.Wrong[removeDead]("in-the-wrong-order", func(trace *ir.Trace) []*ir.Op {
			var list []*ir.Op
			for _, op := range irsolution.RemoveDead(trace) {
				list = append([]*ir.Op{op}, list...)
			}
			return list
		}),
	)
}

// deep returns everything that op uses, also through virtual objects.
func deep(op *ir.Op) []*ir.Op {
	var list []*ir.Op
	seen := map[*ir.Op]bool{}
	var visit func(args []*ir.Op)
	visit = func(args []*ir.Op) {
		for _, a := range args {
			if !seen[a] {
				seen[a] = true
				list = append(list, a)
				if a.Code == ir.OpVirtual {
					visit(a.Args)
				}
			}
		}
	}
	visit(op.Args)
	if op.Exit != nil {
		visit(op.Exit.Values())
	}
	return list
}

func checkDead(t exercise.TB, remove removeDead) {
	kit := with(func(k *ir.Kit) { k.RemoveDead = remove })
	same := func(rule, text string) traceCase { return traceCase{Rule: rule, Before: text, After: text} }
	checkCases(t, kit, "dce", []traceCase{
		{Rule: "an operation that nobody uses is left out",
			Before: "[i0]; i1 = int_add(i0, 1); i2 = int_add(i0, 2); finish(i2)",
			After:  "[i0]; i1 = int_add(i0, 2); finish(i1)"},
		{Rule: "what only dead operations use is dead",
			Before: "[i0]; i1 = int_add(i0, 1); i2 = int_neg(i1); i3 = int_mul(i2, i1); finish()",
			After:  "[i0]; finish()"},
		same("what a needed operation uses is needed", "[i0]; i1 = int_add(i0, 1); i2 = int_neg(i1); finish(i2)"),
		same("a guard is needed, and so is its argument", "[i0]; i1 = int_lt(i0, 9); guard_true(i1) []; finish()"),
		same("failargs are uses", "[i0, i1]; i2 = int_add(i0, 1); i3 = int_lt(i0, i1); guard_true(i3) [i2, i1]; finish()"),
		same("what stands in a virtual object in failargs is used",
			"[i0, i1]; i2 = int_add(i0, 1); i3 = int_lt(i0, i1); guard_true(i3) [NODE{value=i2, next=NULL}]; finish()"),
		same("a virtual object may hold another, and even itself",
			"[i0]; i1 = int_add(i0, 1); i2 = int_add(i0, 2); i3 = int_lt(i0, 9); guard_true(i3) [v1:NODE{value=i1, next=NODE{value=i2, next=v1}}]; finish()"),
		same("a store changes the heap, so it is needed",
			"[i0]; setfield_gc(ConstPtr(first), i0, descr=NODE.value); finish()"),
		{Rule: "a load that nobody uses is left out",
			Before: "[]; i0 = getfield_gc_i(ConstPtr(first), descr=NODE.value); finish()", After: "[]; finish()"},
		{Rule: "an object that nobody uses is not allocated",
			Before: "[]; p0 = new_with_vtable(descr=NODE); finish()", After: "[]; finish()"},
		same("an object that is written to is used",
			"[]; p0 = new_with_vtable(descr=NODE); setfield_gc(p0, 3, descr=NODE.value); finish()"),
		{Rule: "calls without effect may be left out, others not",
			Before: "[i0]; i1 = call_i(ConstClass(pure), i0, descr=pure); i2 = call_i(ConstClass(look), NULL, descr=look); i3 = call_i(ConstClass(act), i0, descr=act); finish()",
			After:  "[i0]; i1 = call_i(ConstClass(act), i0, descr=act); finish()"},
		same("a checked operation belongs to its guard", "[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; finish()"),
		same("escape operations are needed", "[i0]; i1 = escape_i(i0); escape_n(i0); finish()"),
	})
	text := "[p0, i1]; i2 = int_add(i1, 1); guard_nonnull(p0) [] {setfield_gc(p0, NODE{value=i2}, descr=NODE.next)}; finish()"
	if kept := remove(read(t, text)); len(kept) != 3 {
		t.Errorf("rule: what a pending store of an exit stores is used\nin %s, %d of 3 operations are kept", text, len(kept))
	}
	checkCases(t, kit, "fold,dce", []traceCase{
		{Rule: "what other passes made superfluous is left out",
			Before: "[i0]; i1 = int_add(i0, 0); i2 = int_add(i1, 1); i3 = int_mul(i2, 1); i4 = int_neg(i3); finish(i3)",
			After:  "[i0]; i1 = int_add(i0, 1); finish(i1)"},
	})
	if !t.Failed() {
		agreeOnGenerated(t, kit, "fold,cse,dce")
	}
}
