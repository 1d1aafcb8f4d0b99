package virtuals_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// TestWrongFunctions wants a message that names the function where one of the
// reader's goes wrong in a way that would show somewhere else.
func TestWrongFunctions(t *testing.T) {
	const (
		forced = "[i0]\np1 = new_with_vtable(descr=NODE)\nsetfield_gc(p1, i0, descr=NODE.value)\n" +
			"i2 = getfield_gc_i(p1, descr=NODE.value)\nguard_true(i0) [p1]\nescape_n(p1, i2)\njump(i2)"
		counted = "[i0]\ni1 = int_add(i0, 1)\nescape_n(i1)\njump(i1)"
		stored  = "[p0, i1]\nsetfield_gc(p0, i1, descr=NODE.value)\njump(p0, i1)"
	)
	solved := virtualssolution.Kit
	for _, c := range []struct {
		trace, message string
		edit           func(k *virtuals.Kit)
	}{
		{forced, "Delay: the Object has 0 Words, which is not what p1 = new_with_vtable(descr=NODE) makes", func(k *virtuals.Kit) {
			k.Delay = func(op *ir.Op) *virtuals.Object { obj := solved.Delay(op); obj.Words = nil; return obj }
		}},
		{forced, "Delay: Op of the Object is not the allocation that was given", func(k *virtuals.Kit) {
			k.Delay = func(op *ir.Op) *virtuals.Object { obj := solved.Delay(op); obj.Op = nil; return obj }
		}},
		{forced, "Access: getfield_gc_i was not replaced by a value", func(k *virtuals.Kit) {
			k.Access = func(*ir.Optimizer, *virtuals.Object, int, *ir.Op) {}
		}},
		{forced, "Emit: there is no operation", func(k *virtuals.Kit) {
			k.Stores = func(*ir.Optimizer, *virtuals.Object) []*ir.Op { return make([]*ir.Op, 1) }
		}},
		{forced, "Force: the NODE is not Forced afterwards", func(k *virtuals.Kit) {
			k.Force = func(*ir.Optimizer, *virtuals.Object, storesFunc) {}
		}},
		{forced, "Force: the allocation of the NODE was not emitted", func(k *virtuals.Kit) {
			k.Force = func(_ *ir.Optimizer, obj *virtuals.Object, _ storesFunc) { obj.Forced = true }
		}},
		{forced, "Describe returned nil for the value of new_with_vtable", func(k *virtuals.Kit) {
			k.Describe = func(*ir.Optimizer, virtuals.Objects, *ir.Op, map[*virtuals.Object]*ir.Op) *ir.Op { return nil }
		}},
		{stored, "Store: at.Waiting was set by hand, which loses the store: c.Wait puts it off", func(k *virtuals.Kit) {
			k.Store = func(_ *virtuals.Cache, _ *ir.Optimizer, at *virtuals.Place, op *ir.Op) { at.Waiting = op }
		}},
		{stored, "Wait: a store waits at this place already, Drop it or Flush it first", func(k *virtuals.Kit) {
			k.Store = func(c *virtuals.Cache, _ *ir.Optimizer, at *virtuals.Place, op *ir.Op) {
				c.Wait(at, op)
				c.Wait(at, op)
			}
		}},
		{counted, "Carry returned 1 values for the label and 0 for the jump", func(k *virtuals.Kit) {
			k.Carry = func(l *virtuals.Loop) (label, jump []*ir.Op) { label, _ = solved.Carry(l); return label, nil }
		}},
		{counted, "Carry: value 0 of the label, of int_add, is not one of the preamble", func(k *virtuals.Kit) {
			k.Carry = func(l *virtuals.Loop) (label, jump []*ir.Op) { _, jump = solved.Carry(l); return jump, jump }
		}},
		{counted, "the optimized trace is malformed: op 2, label(i1, i1): argument 2 of label stands there twice, expected different variables", func(k *virtuals.Kit) {
			k.Carry = func(l *virtuals.Loop) (label, jump []*ir.Op) {
				label, jump = solved.Carry(l)
				return append(label, label...), append(jump, jump...)
			}
		}},
	} {
		trace, err := ir.Parse("", declarations+c.trace)
		require.NoError(t, err)
		require.Equal(t, c.message, failure(chainOf(t, with(c.edit), false), trace))
	}
}

// failure returns what a chain says when it optimizes a loop.
func failure(chain ir.Chain, t *ir.Trace) (message string) {
	defer func() {
		if p := recover(); p != nil {
			message = fmt.Sprint(p)
		}
	}()
	_, err := chain.OptimizeLoop(t)
	return fmt.Sprint(err)
}
