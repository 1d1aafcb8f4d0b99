package tracegen_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	irsolution "metatrace/solutions/01-ir"
)

var kit = &irsolution.Kit

func randomBytes(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

func TestGeneratedTracesAreWellFormed(t *testing.T) {
	for seed := range 300 {
		trace := tracegen.Generate(kit, randomBytes(uint64(seed), seed))
		require.NoError(t, ir.Verify(trace), trace.String())
		assert.Equal(t, trace.String(), tracegen.Generate(kit, randomBytes(uint64(seed), seed)).String())
		again, err := ir.Parse("again", trace.String())
		require.NoError(t, err, trace.String())
		assert.Equal(t, trace.String(), again.String())
	}
}

// TestGeneratedTracesGetFar holds the generator to its promise: nearly all runs
// on Inputs(t, 0) get to the end, so that what stands there is tested as well.
func TestGeneratedTracesGetFar(t *testing.T) {
	const traces = 200
	ended := 0
	for seed := range traces {
		trace := tracegen.Generate(kit, randomBytes(uint64(seed), 150))
		if tracegen.NeverEnds(kit, trace, 1) != nil {
			ended++
		}
	}
	assert.Greater(t, ended, traces/2, "runs that got to the end")
}

func TestEveryOperationIsGenerated(t *testing.T) {
	counts := map[ir.Opcode]int{}
	defer func() {
		assert.NotZero(t, counts[ir.Label], "label")
	}()
	for seed := range 500 {
		for _, op := range tracegen.Generate(kit, randomBytes(uint64(seed), 300)).Ops {
			counts[op.Code]++
		}
	}
	for c := ir.IntAdd; c <= ir.GuardOverflow; c++ {
		switch c {
		case ir.ConvertFloatBytesToLonglong, ir.CastPtrToInt, ir.CastIntToPtr: // nobody's promise
		default:
			assert.NotZero(t, counts[c], c.String())
		}
	}
}

func TestAgree(t *testing.T) {
	const node = "struct NODE vtable=node_vtable value:i next:r\n"
	for _, tt := range []struct{ before, after, want string }{
		{"[i0]\nfinish(i0)", "[i0]\nfinish(i0)", ""},
		{"[i0]\nfinish(i0)", "[i0]\nfinish(1)", "the traces differ"},
		{"[i0]\nfinish(i0)", "[i0]\njump(i0)", "leaves by finish, the one after by jump"},
		{"[i0]\ni1 = int_lt(i0, 3)\nguard_true(i1) [i0]\nfinish()", "[i0]\nfinish()", "leaves by guard_true"},
		// What is in error before may be anything after.
		{node + "[]\ni1 = getfield_gc_i(NULL, descr=NODE.value)\nfinish(i1)", "[]\nfinish(3)", ""},
		{"[]\nfinish(3)", node + "[]\ni1 = getfield_gc_i(NULL, descr=NODE.value)\nfinish(i1)", "in error"},
		// Objects count by what they hold, not by where they are.
		{node + "[]\np0 = new_with_vtable(descr=NODE)\np1 = new_with_vtable(descr=NODE)\nfinish(p1)",
			node + "[]\np1 = new_with_vtable(descr=NODE)\nfinish(p1)", ""},
		{node + "[]\np0 = new_with_vtable(descr=NODE)\np1 = new_with_vtable(descr=NODE)\nfinish(p0, p1)",
			node + "[]\np1 = new_with_vtable(descr=NODE)\nfinish(p1, p1)", "the traces differ"},
		{node + "[p0]\nsetfield_gc(ConstPtr(x), 1, descr=NODE.value)\nfinish()", "[p0]\nfinish()", ""},
		{node + "[]\np0 = new_with_vtable(descr=NODE)\nsetfield_gc(p0, 1, descr=NODE.value)\nfinish(p0)",
			node + "[]\np0 = new_with_vtable(descr=NODE)\nfinish(p0)", "the traces differ"},
		// What escapes is seen, what is only computed is not.
		{"[i0]\nescape_n(i0)\nfinish()", "[i0]\nfinish()", "the traces differ"},
		{"[i0]\ni1 = int_add(i0, 1)\nfinish()", "[i0]\nfinish()", ""},
		{"[]\nfinish(nan)", "[]\nf0 = float_sub(inf, inf)\nfinish(f0)", ""},
		{"[]\nfinish(0.0)", "[]\nfinish(-0.0)", "the traces differ"},
	} {
		before, err := ir.Parse("before", tt.before)
		require.NoError(t, err)
		after, err := ir.Parse("after", tt.after)
		require.NoError(t, err)
		err = tracegen.AgreeOn(kit, before, after, 20)
		if tt.want == "" {
			assert.NoError(t, err, tt.before)
		} else {
			assert.ErrorContains(t, err, tt.want, tt.before)
		}
	}
}
