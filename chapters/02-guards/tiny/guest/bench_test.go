package guest_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny"
)

// named returns a program of testdata; sum and fib with more to do, so that
// setting up does not count.
func named(t testing.TB, name string) program {
	more := strings.NewReplacer("150000", "1000000", "fib 20", "fib 25")
	p := suite.Named(t, name)
	return program{Name: name, Src: more.Replace(p.Src)}
}

// interpret returns the time that the interpreter takes for p.
func interpret(b *testing.B, p program) time.Duration {
	_, stats := p.Run(b, setup{Opt: suite.JIT(0)})
	return stats.Interpreting
}

// byHand returns the time that the hand-written interpreter takes.
func byHand(b *testing.B, p program) time.Duration {
	h, err := newHandwritten(p.Name, p.Src, io.Discard)
	require.NoError(b, err)
	defer h.Heap.Close()
	start := time.Now()
	h.run()
	return time.Since(start)
}

// BenchmarkInterpreter compares the interpreter, JIT off, with one that is
// written by hand for the same bytecode and the same objects. "ratio" runs them
// by turns, so that a busy machine slows both.
func BenchmarkInterpreter(b *testing.B) {
	for _, name := range []string{"sum", "fib"} {
		p := named(b, name)
		bytecodes := float64(count(b, p))
		perBytecode := func(b *testing.B, run func(*testing.B, program) time.Duration) {
			var total time.Duration
			for b.Loop() {
				total += run(b, p)
			}
			b.ReportMetric(float64(total)/float64(b.N)/bytecodes, "ns/bytecode")
		}
		b.Run(name+"/machine", func(b *testing.B) { perBytecode(b, interpret) })
		b.Run(name+"/handwritten", func(b *testing.B) { perBytecode(b, byHand) })
		b.Run(name+"/ratio", func(b *testing.B) {
			var machine, hand time.Duration
			for b.Loop() {
				machine += interpret(b, p)
				hand += byHand(b, p)
			}
			b.ReportMetric(float64(machine)/float64(hand), "machine/handwritten")
		})
	}
}

// selections are the passes that BenchmarkJIT compares, by the name of the metric:
// all, and all but the ones that remove allocations.
var selections = []struct{ metric, passes string }{
	{"x-interpreter", "all"},
	{"x-no-peel", "-peel"},
	{"x-no-virtuals", "-virtuals"},
	{"x-no-chapter-3", "-virtuals,-heap,-peel"},
}

// BenchmarkJIT compares the portable executor with the interpreter: how many times
// as fast it is, with all passes and without some. The runs take turns, so that a
// busy machine slows all of them.
func BenchmarkJIT(b *testing.B) {
	for _, name := range []string{"sum", "centroid", "centroid_flat", "list", "pi", "pi_opaque", "hash", "optional",
		"collatz", "arrays", "objects", "nested", "overflow", "primes", "square", "fib"} {
		p := named(b, name).Large()
		b.Run(name, func(b *testing.B) {
			var off time.Duration
			with := make([]time.Duration, len(selections))
			for b.Loop() {
				off += interpret(b, p)
				for i, s := range selections {
					opt := suite.JIT(guards.DefaultThreshold)
					opt.Chain = suite.Passes(b, s.passes)
					_, stats := p.Run(b, setup{Opt: opt})
					with[i] += stats.Interpreting + stats.Recording + stats.Optimizing + stats.Compiling + stats.Executing
				}
			}
			for i, s := range selections {
				b.ReportMetric(float64(off)/float64(with[i]), s.metric)
			}
			b.ReportMetric(float64(off.Milliseconds())/float64(b.N), "ms-interpreter")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkRecord measures what it costs to get a trace: to execute and record
// an operation, and to optimize it.
func BenchmarkRecord(b *testing.B) {
	for _, name := range []string{"sum", "centroid", "optional"} {
		p := named(b, name).Small()
		b.Run(name, func(b *testing.B) {
			var recording, optimizing time.Duration
			ops := 0
			for b.Loop() {
				_, stats := p.Run(b, setup{Opt: suite.JIT(3)})
				recording += stats.Recording
				optimizing += stats.Optimizing
				ops += stats.OpsRecorded
			}
			b.ReportMetric(float64(ops)/float64(b.N), "ops")
			b.ReportMetric(float64(recording)/float64(ops), "ns-recording/op")
			b.ReportMetric(float64(optimizing)/float64(ops), "ns-optimizing/op")
		})
	}
}

// count returns how many bytecodes p executes, by an interpreter for counting
// that knows numbers only.
func count(t testing.TB, p program) (n int64) {
	compiled, err := tiny.Compile(p.Name, p.Src)
	require.NoError(t, err)
	var run func(code *tiny.Code, locals []int64) int64
	run = func(code *tiny.Code, args []int64) int64 {
		locals := append(args, make([]int64, code.Locals-len(args))...)
		var stack []int64
		pop := func() int64 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			return v
		}
		for pc := 0; ; pc++ {
			n++
			in := code.Ops[pc]
			v, push := int64(0), true
			switch in.Op {
			case tiny.OpConst:
				v = compiled.Consts[in.A].Int()
			case tiny.OpNil:
			case tiny.OpLocal:
				v = locals[in.A]
			case tiny.OpSetLocal:
				locals[in.A], push = pop(), false
			case tiny.OpAdd:
				v = pop() + pop()
			case tiny.OpSub:
				v = -pop() + pop()
			case tiny.OpMul:
				v = pop() * pop()
			case tiny.OpLt:
				if b, a := pop(), pop(); a < b {
					v = 1
				}
			case tiny.OpJumpNil:
				if push = false; pop() == 0 {
					pc = int(in.A) - 1
				}
			case tiny.OpJump, tiny.OpLoop:
				pc, push = int(in.A)-1, false
			case tiny.OpCall:
				cut := len(stack) - int(in.B)
				v = run(compiled.Funcs[in.A], append([]int64(nil), stack[cut:]...))
				stack = stack[:cut]
			case tiny.OpReturn:
				return pop()
			case tiny.OpPrint, tiny.OpPop:
				pop()
				push = false
			default:
				t.Fatalf("count knows no %s", in.Op)
			}
			if push {
				stack = append(stack, v)
			}
		}
	}
	run(compiled.Main, nil)
	return n
}

// TestHandwrittenAgrees keeps the comparison fair: both print the same.
func TestHandwrittenAgrees(t *testing.T) {
	for _, name := range []string{"sum", "fib"} {
		p := named(t, name).Small()
		want, _ := p.Run(t, setup{Opt: suite.JIT(0)})
		var out strings.Builder
		h, err := newHandwritten(p.Name, p.Src, &out)
		require.NoError(t, err)
		defer h.Heap.Close()
		h.run()
		require.Equal(t, want, outcome{Out: out.String()})
	}
}
