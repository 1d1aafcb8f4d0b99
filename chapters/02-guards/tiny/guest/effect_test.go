package guest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// countdown is a guest whose author did not know the effect rule. Its program
// counts local 0 down to zero, in one bytecode; if early is false, this decides
// whether to go on after it has set the local. A guard behind the effect would
// make the interpreter count twice.
type countdown struct {
	classes *heap.Classes
	class   *heap.Class
	value   *heap.Field
	early   bool
}

// Interpret is the guest's interpreter. Record is the same; a real guest would
// have it made by copyinterp.
func (g *countdown) Interpret(m *machine.Machine) (bool, error) {
	code, pc := m.Top()
	for {
		if m.MergePoint(pc) {
			m.SetPC(pc)
			return false, nil
		}
		switch pc {
		case 0: // the bytecode at position 0 only looks
			m.GetInt(m.Local(0), g.value)
			pc = 1
		case 1:
			n := m.IntSub(m.GetInt(m.Local(0), g.value), m.IntConst(1))
			box := m.New(g.class)
			m.SetInt(box, g.value, n)
			end := g.early && m.If(m.IntLt(n, m.IntConst(1)))
			m.SetLocal(0, box)
			if end || !g.early && m.If(m.IntLt(n, m.IntConst(1))) {
				m.Leave(box)
				return true, nil
			}
			pc = 2
		case 2:
			if pc = 0; m.Loop(code, 0, pc) {
				return false, nil
			}
		}
	}
}

func (g *countdown) Record(m *recorder.Recorder) (bool, error) {
	code, pc := m.Top()
	for {
		if m.MergePoint(pc) {
			m.SetPC(pc)
			return false, nil
		}
		switch pc {
		case 0:
			m.GetInt(m.Local(0), g.value)
			pc = 1
		case 1:
			n := m.IntSub(m.GetInt(m.Local(0), g.value), m.IntConst(1))
			box := m.New(g.class)
			m.SetInt(box, g.value, n)
			end := g.early && m.If(m.IntLt(n, m.IntConst(1)))
			m.SetLocal(0, box)
			if end || !g.early && m.If(m.IntLt(n, m.IntConst(1))) {
				m.Leave(box)
				return true, nil
			}
			pc = 2
		case 2:
			if pc = 0; m.Loop(code, 0, pc) {
				return false, nil
			}
		}
	}
}

func (g *countdown) Call(*machine.Code, []heap.Ref) (heap.Ref, error) { panic("nothing is called") }

func (g *countdown) Classes() *heap.Classes { return g.classes }

func (g *countdown) Position(code *machine.Code, pc int) string { return code.Name }

// TestEffectBeforeGuardIsRefused wants a message that names the bytecode, and a
// program that comes out right all the same.
func TestEffectBeforeGuardIsRefused(t *testing.T) {
	for _, early := range []bool{true, false} {
		g := &countdown{classes: &heap.Classes{}, early: early}
		class, err := g.classes.Struct("Box", "Box_vtable", nil, heap.Field{Name: "value", Kind: heap.KindInt, Immutable: true})
		require.NoError(t, err)
		g.class, g.value = class, class.Fields[0]
		h, err := heap.New(g.classes, heap.Options{})
		require.NoError(t, err)
		defer h.Close()

		var log strings.Builder
		opt := suite.JIT(3)
		opt.Log = &log
		d, err := guards.NewDriver(g, h, opt)
		require.NoError(t, err)
		m := machine.New(h, 10)
		code := &machine.Code{Name: "countdown", Locals: 1, Slots: 2, Loops: make([]machine.Counter, 1)}
		d.Attach(m, []*machine.Code{code})
		m.PushFrame(code, 0, 1)
		start := h.New(class)
		h.SetWord(start, 0, 1000)
		m.SetSlot(0, start)
		require.NoError(t, d.Execute(m))
		require.Equal(t, uint64(0), h.Word(m.Result(), 0))
		if early {
			require.Equal(t, 1, d.Stats().Loops)
			continue
		}
		require.Equal(t, int64(1001), d.Stats().HeapObjects, "a box for each number: none was counted twice")
		require.Equal(t, map[string]int{string(recorder.EffectGuard): guards.MaxAborts}, d.Stats().Aborts)
		require.Contains(t, log.String(), "abort at countdown: effect before guard, the bytecode at position 1 of countdown "+
			"decides (guard_false) after setting a local: decisions come first")
	}
}
