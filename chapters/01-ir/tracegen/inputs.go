package tracegen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	ir "metatrace/chapters/01-ir"
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
//
// Every second seed gives inputs that are near those of seed 0, so that guards
// which hold there mostly hold: the objects have the same classes, but may be
// others.
func Inputs(t *ir.Trace, seed uint64) []uint64 {
	return nearInputs(t, seed, seed%2 == 1)
}

func nearInputs(t *ir.Trace, seed uint64, near bool) []uint64 {
	words := anyInputs(t, seed)
	if near {
		n := numClasses(t)
		r := rand.New(rand.NewPCG(seed, 11))
		for i, word := range anyInputs(t, 0) {
			switch {
			case r.IntN(6) == 0:
			case t.Inputs[i].Type == ir.Ref && word != 0 && n > 0:
				words[i] = (word-1)%n + 1 + n*uint64(r.IntN(2))
			default:
				words[i] = word
			}
		}
	}
	return words
}

// maxTurns is how often a loop goes round on LoopInputs, at most.
const maxTurns = 6

// LoopInputs is Inputs for a loop of GenerateLoop: the first input counts down,
// so it is small, and 4 for seed 0. Most seeds give inputs near those.
func LoopInputs(t *ir.Trace, seed uint64) []uint64 {
	words := nearInputs(t, seed, seed%4 > 0)
	if len(words) > 0 && t.Inputs[0].Type == ir.Int {
		words[0] = 1 + (seed+3)%maxTurns
	}
	return words
}

// numClasses returns how many classes there are objects of in the pool.
func numClasses(t *ir.Trace) uint64 {
	if t.Decls == nil {
		return 0
	}
	return uint64(len(declared(t.Decls.Classes)))
}

func anyInputs(t *ir.Trace, seed uint64) []uint64 {
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
