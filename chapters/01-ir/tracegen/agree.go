package tracegen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// ints and floats are values on which passes go wrong.
var (
	ints = []int64{
		0, 1, -1, 2, 3, math.MinInt64, math.MaxInt64, 63, 5, 8, -2, 64, 1 << 62, math.MaxInt64 - 1,
		math.MinInt64 + 1, 255, 256, 1 << 31, 1 << 32, math.MaxUint32, -8, 7, 10,
	}
	floats = []float64{
		0, math.Copysign(0, -1), 1, -1, 2, 0.5, math.NaN(), math.Inf(1), math.Inf(-1), 3, 0.1, 1.5,
		math.SmallestNonzeroFloat64, math.MaxFloat64, 1 + 0x1p-52, -4, 0x1p-1022,
	}
)

// Inputs returns a word for each input of t, decided by seed. The word of a
// reference is the number of an object: 0 is NULL, see Agree.
func Inputs(t *ir.Trace, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(seed, 7))
	words := make([]uint64, len(t.Inputs))
	for i, in := range t.Inputs {
		switch in.Type {
		case ir.Ref:
			words[i] = uint64(r.IntN(12))
		case ir.Float:
			words[i] = math.Float64bits(floats[r.IntN(len(floats))])
			if r.IntN(3) == 0 {
				words[i] = math.Float64bits(r.NormFloat64() * 100)
			}
		default:
			words[i] = uint64(ints[r.IntN(len(ints))])
			switch r.IntN(4) {
			case 0:
				words[i] = uint64(r.IntN(20) - 5)
			case 1:
				words[i] = r.Uint64() >> r.IntN(64)
			}
		}
	}
	return words
}

// AgreeOn compares the two traces on n inputs; see Agree.
func AgreeOn(kit *ir.Kit, before, after *ir.Trace, n int) error {
	for seed := range n {
		if err := Agree(kit, before, after, Inputs(before, uint64(seed))); err != nil {
			return err
		}
	}
	return nil
}

// NeverEnds returns an error if one of n runs of t gets to the end: then a pass
// was wrong to call t impossible.
func NeverEnds(kit *ir.Kit, t *ir.Trace, n int) error {
	for seed := range n {
		inputs := Inputs(t, uint64(seed))
		r, err := run(kit, t, inputs, maxSteps)
		if err == nil && !strings.HasPrefix(r.exit, "guard") {
			return fmt.Errorf("the trace was called impossible, but with %s it gets to the end", show(t, inputs))
		}
	}
	return nil
}

// Agree runs both traces on inputs and returns how they differ, or nil. They
// agree if they leave through the same operation with the same values, and
// called and changed the same on the way. References are compared by what they
// lead to, since addresses may differ; all NaNs are equal. Guards are told apart
// by Exit.Resume or, if that is nil, by their line.
//
// Where the trace before is in error (it reads a field of NULL, say), the other
// one may do as it likes.
//
// The inputs of type ref are numbers: 0 is NULL, the others objects of the
// classes that the trace declares, with contents that depend on the number.
func Agree(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error {
	want, err := run(kit, before, inputs, maxSteps)
	if err != nil {
		return nil
	}
	got, err := run(kit, after, inputs, 2*maxSteps)
	with := show(before, inputs)
	switch {
	case err != nil:
		return fmt.Errorf("with %s the trace before runs, the one after is in error: %w", with, err)
	case want.exit != got.exit:
		return fmt.Errorf("with %s the trace before leaves by %s, the one after by %s", with, want.exit, got.exit)
	case !slices.Equal(want.log, got.log):
		return fmt.Errorf("with %s the traces differ\nbefore: %s\nafter:  %s", with,
			strings.Join(want.log, "\n        "), strings.Join(got.log, "\n        "))
	}
	return nil
}

func show(t *ir.Trace, inputs []uint64) string {
	var list []string
	for i, in := range t.Inputs {
		text := fmt.Sprintf("object %d", inputs[i])
		switch {
		case in.Type != ir.Ref:
			text = ir.ConstBits(in.Type, inputs[i]).String()
		case inputs[i] == 0:
			text = "NULL"
		}
		list = append(list, in.String()+"="+text)
	}
	if list == nil {
		return "no inputs"
	}
	return strings.Join(list, ", ")
}

// A result is what can be seen of a run from outside.
type result struct {
	exit string
	log  []string
}

// maxSteps bounds the runs of the trace before; one that takes longer is left
// alone. The trace after may need some more: a copy for each value at a label.
const maxSteps = 3000

func run(kit *ir.Kit, t *ir.Trace, inputs []uint64, steps int) (result, error) {
	classes := &heap.Classes{}
	if t.Decls != nil {
		classes = t.Decls.Classes
	}
	h, err := heap.New(classes, heap.Options{Limit: 1 << 20})
	if err != nil {
		return result{}, err
	}
	defer h.Close()
	w := &world{heap: h, number: map[heap.Ref]int{}}
	w.populate(classes)
	words := slices.Clone(inputs)
	for i, in := range t.Inputs {
		if in.Type == ir.Ref {
			words[i] = w.object(inputs[i])
		}
	}
	e := &ir.Evaluator{Kit: kit, Heap: h, Escape: w.escape, Call: w.call, Steps: steps}
	out, err := e.Run(t, words)
	if err != nil {
		return result{}, err
	}
	r := result{exit: "its last operation"}
	if out.Op == nil {
		return result{r.exit, w.log}, nil
	}
	r.exit = out.Op.Code.String()
	values := out.Op.Args
	if exit := out.Op.Exit; exit != nil {
		values = exit.Failargs
		if r.exit = fmt.Sprintf("%s on line %d", r.exit, out.Op.Line); exit.Resume != nil {
			r.exit = fmt.Sprintf("guard number %v", exit.Resume)
		}
	}
	w.note("exit", values, out.Values)
	r.log = w.log
	return r, nil
}
