package course

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	irsolution "metatrace/solutions/01-ir"
)

// TestWhyOfGeneratedTraces holds a Journal to what it promises, whatever the trace:
// that the output is the same with it, and that nothing goes without a reason.
func TestWhyOfGeneratedTraces(t *testing.T) {
	chain, err := Solved().Chain()
	require.NoError(t, err)
	engine, err := Solved().EngineChain()
	require.NoError(t, err)
	for name, generate := range map[string]func(*ir.Kit, []byte) *ir.Trace{
		"integers": tracegen.Generate, "heap": tracegen.GenerateHeap, "loop": tracegen.GenerateLoop,
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(4, 4))
			for n := range 150 {
				data := tracetest.Random(random, 30+n)
				trace, err := ir.Parse("generated", generate(&irsolution.Kit, data).String())
				require.NoError(t, err)
				checkWhy(t, trace, chain, ir.Chain.Optimize)
				if name == "loop" {
					checkWhy(t, trace, chain, ir.Chain.OptimizeLoop)
					checkWhy(t, trace, engine, ir.Chain.OptimizeLoop)
				}
				if t.Failed() {
					t.Fatal(trace)
				}
			}
		})
	}
}

func checkWhy(t *testing.T, trace *ir.Trace, chain ir.Chain, optimize func(ir.Chain, *ir.Trace) (*ir.Trace, error)) {
	t.Helper()
	plain, err := optimize(chain, trace)
	chain.Journal = &ir.Journal{}
	out, err2 := optimize(chain, trace)
	if err != nil || err2 != nil {
		require.Equal(t, errors.Is(err, ir.ErrImpossible), errors.Is(err2, ir.ErrImpossible), "%v, with a journal %v", err, err2)
		return
	}
	require.Equal(t, plain.String(), out.String())
	text, why := out.Format(chain.Journal.Name), chain.Journal.Explain()
	if !strings.Contains(text, "] {") { // pending stores
		again, err := ir.Parse("explained", trace.Decls.String()+text+why)
		require.NoError(t, err, text)
		require.Equal(t, plain.String(), again.String())
	}
	for line := range strings.Lines(why) {
		assert.Regexp(t, "^# .*[^ ]\n$", line)
		assert.NotContains(t, line, "%!", line)
		assert.NotRegexp(t, `: ;|; ;|\( |\(;|; \)|[^ #]  |: $`, line)
	}
	checkMentioned(t, trace, out, why)
}

// checkMentioned complains about operations that are gone without a word, and
// guards that stay without one.
func checkMentioned(t *testing.T, trace, out *ir.Trace, why string) {
	t.Helper()
	first, loop, _ := strings.Cut(why, "# The loop")
	mentions := func(why string, line int32) bool {
		return regexp.MustCompile(fmt.Sprintf(`(?m)^# line %d: `, line)).MatchString(why)
	}
	stays, made := map[int32]bool{}, map[ir.Opcode]int{}
	label := out.LabelAt()
	for i, op := range out.Ops {
		stays[op.Line] = true
		if op.Line == 0 {
			made[op.Code]++ // by an object that is allocated after all
		}
		section := first
		if trace.LabelAt() < 0 && label >= 0 && i > label {
			section = loop
		}
		if op.Code.Has(ir.Guard) && op.Exit != nil {
			assert.True(t, mentions(section+loop, op.Line), "nothing says why %s of line %d stays:\n%s", op.Code, op.Line, why)
		}
	}
	for _, op := range trace.Ops {
		switch {
		case stays[op.Line] || mentions(first, op.Line) || op.Code == ir.Jump && label >= 0:
		case made[op.Code] > 0:
			made[op.Code]--
		default:
			t.Errorf("nothing says why %s of line %d is gone:\n%s", op.Code, op.Line, why)
		}
	}
}
