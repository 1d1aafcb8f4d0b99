package virtuals_test

import (
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type carry = func(*virtuals.Loop) (label, jump []*ir.Op)

// A carrier is Carry with mistakes.
type carrier struct {
	skipsExits     bool // what only exits use is not needed
	scansOnce      bool // what forcing adds is not looked at
	keepsInvariant bool // what does not change goes round as well
	inOrderFound   bool // the jump has its values as they were found
	forcesNot      bool
	stopsInLoop    bool // what makes a value of the loop is not looked at
	stopsAtJump    bool // what makes the next value is not looked at
}

func (m carrier) carry(l *virtuals.Loop) (label, jump []*ir.Op) {
	next, seen := map[*ir.Op]*ir.Op{}, map[*ir.Op]bool{}
	var todo []*ir.Op
	for scanned := 0; ; {
		for ; scanned < len(l.Ops()); scanned++ {
			if op := l.Ops()[scanned]; !ir.Droppable(op) && !(m.scansOnce && len(seen) > 0) {
				todo = append(todo, m.uses(l, op)...)
			}
		}
		if len(todo) == 0 {
			break
		}
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		if !l.InPreamble(v) {
			if !m.stopsInLoop {
				todo = append(todo, m.uses(l, v)...)
			}
			continue
		}
		if n := l.Next(v); n != v || m.keepsInvariant {
			next[v] = n
			if !m.forcesNot {
				l.Force(n)
			}
			label, jump = append(label, v), append(jump, n)
			if !n.IsConst() && !m.stopsAtJump {
				todo = append(todo, n)
			}
		}
	}
	slices.SortFunc(label, func(a, b *ir.Op) int { return int(a.ID - b.ID) })
	for i, v := range label {
		if !m.inOrderFound {
			jump[i] = next[v]
		}
	}
	return label, jump
}

func (m carrier) uses(l *virtuals.Loop, op *ir.Op) []*ir.Op {
	if !m.skipsExits {
		return l.Uses(op)
	}
	return slices.DeleteFunc(slices.Clone(op.Args), (*ir.Op).IsConst)
}

func TestExercise3_11_Carry(t *testing.T) {
	exercise.Run(t, ex("3.11"), virtuals.Yours.Carry, virtualssolution.Carry, checkCarry,
		exercise.Wrong("exits-do-not-count", carrier{skipsExits: true}.carry),
		exercise.Wrong("what-forcing-adds-does-not-count", carrier{scansOnce: true}.carry),
		exercise.Wrong("what-does-not-change-goes-round", carrier{keepsInvariant: true}.carry),
		exercise.Wrong("jump-in-the-order-of-finding", carrier{inOrderFound: true}.carry),
		exercise.Wrong("forces-nothing", carrier{forcesNot: true}.carry),
		exercise.Wrong("stops-at-values-of-the-loop", carrier{stopsInLoop: true}.carry),
		exercise.Wrong("what-the-jump-passes-does-not-count", carrier{stopsAtJump: true}.carry),
	)
}

// carryLimit is far above what Carry takes for the loops of the cases.
const carryLimit = 3 * time.Second

// ending returns f, but panics if it does not come to an end. A search through a
// graph that has cycles easily does not.
func ending(f carry) carry {
	return func(l *virtuals.Loop) (label, jump []*ir.Op) {
		done := make(chan string, 1)
		go func() {
			defer func() {
				if p := recover(); p != nil {
					done <- fmt.Sprintf("%v\n%s", p, debug.Stack())
				}
				close(done)
			}()
			label, jump = f(l)
		}()
		select {
		case failure := <-done:
			if failure != "" {
				panic(failure)
			}
			return label, jump
		case <-time.After(carryLimit):
			*l = virtuals.Loop{} // which is no loop: that ends f, or else it would take all the memory there is
			panic("Carry does not come to an end. The values of a loop use each other in circles: " +
				"one that was looked at must not be looked at again")
		}
	}
}

func checkCarry(t exercise.TB, f carry) {
	const (
		round     = "a value of the preamble that the loop uses and that changes is a variable: label has it, jump its next value"
		invariant = "a value that does not change is no variable: the loop uses it as it is"
		exits     = "the exits of guards use values, too"
		unused    = "what the loop does not need does not go round"
		chained   = "the next value of a variable is needed: what it comes from goes round as well"
		deep      = "what makes a needed value is needed"
		order     = "label has the order of IDs, and jump that of label"
		constant  = "the next value may be a constant"
		forced    = "an object that is virtual at the end, but not at the start, is allocated at the end of the loop"
	)
	const (
		count = "; i9 = int_gt(i8, 0); guard_true(i9) "
		down  = "i8 = int_sub(i0, 1)" + count
	)
	kit := with(func(k *virtuals.Kit) { k.Carry = ending(f) })
	checkLoops(t, kit, []traceCase{
		{round, "[i0]; " + down + "[]; jump(i8)",
			"[i0]; i1 = int_add(i0, -1); i2 = int_gt(i1, 0); guard_true(i2) []; label(i1); i3 = int_add(i1, -1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3)"},
		{invariant, "[i0, i1]; i8 = int_sub(i0, i1)" + count + "[i1]; jump(i8, i1)",
			"[i0, i1]; i2 = int_sub(i0, i1); i3 = int_gt(i2, 0); guard_true(i3) [i1]; label(i2); i4 = int_sub(i2, i1); i5 = int_gt(i4, 0); guard_true(i5) [i1]; jump(i4)"},
		{exits, "[i0, i1]; i2 = int_xor(i1, i0); " + down + "[i2]; jump(i8, i2)",
			"[i0, i1]; i2 = int_xor(i1, i0); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [i2]; label(i2, i3); i5 = int_xor(i2, i3); i6 = int_add(i3, -1); i7 = int_gt(i6, 0); guard_true(i7) [i5]; jump(i5, i6)"},
		{exits, "[i0, i1]; " + node("p2", "i1", "NULL") + "; i3 = int_xor(i1, i0); " + down + "[p2]; jump(i8, i3)",
			"[i0, i1]; i2 = int_xor(i1, i0); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [NODE{value=i1, next=NULL}]; label(i2, i3); " +
				"i5 = int_xor(i2, i3); i6 = int_add(i3, -1); i7 = int_gt(i6, 0); guard_true(i7) [NODE{value=i2, next=NULL}]; jump(i5, i6)"},
		{unused, "[i0, i1]; i2 = int_xor(i1, i0); " + down + "[]; jump(i8, i2)",
			"[i0, i1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) []; label(i2); i4 = int_add(i2, -1); i5 = int_gt(i4, 0); guard_true(i5) []; jump(i4)"},
		{chained, "[i0, i1, i2]; " + down + "[i1]; i3 = int_xor(i2, i0); jump(i8, i2, i3)",
			"[i0, i1, i2]; i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [i1]; i5 = int_xor(i2, i0); label(i2, i3, i5); " +
				"i6 = int_add(i3, -1); i7 = int_gt(i6, 0); guard_true(i7) [i2]; i8 = int_xor(i5, i3); jump(i5, i6, i8)"},
		{deep, "[i0, i1]; i2 = int_mul(i1, i1); i3 = int_neg(i2); escape_n(i3); i4 = int_xor(i1, i0); " + down + "[]; jump(i8, i4)",
			"[i0, i1]; i2 = int_mul(i1, i1); i3 = int_neg(i2); escape_n(i3); i4 = int_xor(i1, i0); i5 = int_add(i0, -1); i6 = int_gt(i5, 0); guard_true(i6) []; label(i4, i5); " +
				"i7 = int_mul(i4, i4); i8 = int_neg(i7); escape_n(i8); i9 = int_xor(i4, i5); i10 = int_add(i5, -1); i11 = int_gt(i10, 0); guard_true(i11) []; jump(i9, i10)"},
		{order, "[i0, i1, i2, i3]; escape_n(i3, i2); " + down + "[]; jump(i8, i2, i3, i1)",
			"[i0, i1, i2, i3]; escape_n(i3, i2); i4 = int_add(i0, -1); i5 = int_gt(i4, 0); guard_true(i5) []; label(i1, i2, i3, i4); " +
				"escape_n(i1, i3); i6 = int_add(i4, -1); i7 = int_gt(i6, 0); guard_true(i7) []; jump(i2, i3, i1, i6)"},
		{constant, "[i0, i1, i2]; escape_n(i1); " + down + "[]; jump(i8, i2, 5)",
			"[i0, i1, i2]; escape_n(i1); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) []; label(i2, i3); " +
				"escape_n(i2); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) []; jump(5, i5)"},
		{forced, "[i0, p1]; " + down + "[p1]; " + node("p2", "i8", "p1") + "; jump(i8, p2)",
			"[i0, p1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) [p1]; label(p1, i2); i4 = int_add(i2, -1); i5 = int_gt(i4, 0); guard_true(i5) [NODE{value=i2, next=p1}]; " +
				"p6 = new_with_vtable(descr=NODE); setfield_gc(p6, i2, descr=NODE.value); setfield_gc(p6, p1, descr=NODE.next); jump(p6, i4)"},
		{"forcing an object adds operations that use values: those go round as well", "[i0, p1, i2]; p3 = getfield_gc_r(p1, descr=NODE.next); " + down + "[p3]; i4 = int_xor(i2, 6); " + node("p5", "i4", "p1") + "; jump(i8, p5, i4)",
			"[i0, p1, i2]; p3 = getfield_gc_r(p1, descr=NODE.next); i4 = int_add(i0, -1); i5 = int_gt(i4, 0); guard_true(i5) [p3]; i6 = int_xor(i2, 6); label(p1, i4, i6); " +
				"i7 = int_add(i4, -1); i8 = int_gt(i7, 0); guard_true(i8) [p1]; i9 = int_xor(i6, 6); p10 = new_with_vtable(descr=NODE); setfield_gc(p10, i6, descr=NODE.value); setfield_gc(p10, p1, descr=NODE.next); jump(p10, i7, i9)"},
	})
	agreeOnGenerated(t, kit)
}
