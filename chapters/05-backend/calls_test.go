package backend_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

const fibText = `[i0]
i1 = int_lt(i0, 2)
guard_false(i1) [i0]
i2 = int_sub(i0, 1)
i3 = call_assembler_i(ConstClass(fib), i2)
guard_not_forced() [i0]
i4 = int_sub(i0, 2)
i5 = call_assembler_i(ConstClass(fib), i4)
guard_not_forced() [i0, i3]
i6 = int_add(i3, i5)
finish(i6)`

// chainText is a recursion that ends with a guard.
const chainText = `[i0]
i1 = int_gt(i0, 0)
guard_true(i1) [i0]
i2 = int_sub(i0, 1)
i3 = call_assembler_i(ConstClass(chain), i2)
guard_not_forced() [i0, i2, 77]
i4 = int_add(i3, i0)
finish(i4)`

func TestCalleeReturns(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		s.load("double", "[i0]\ni1 = int_add(i0, i0)\nfinish(i1)", 0)
		p := s.load("main", "[i0, i1]\ni2 = call_assembler_i(ConstClass(double), i1)\nguard_not_forced() [i0, i1]\n"+
			"i3 = call_assembler_i(ConstClass(double), i2)\nguard_not_forced() [i0, i1]\n"+
			"i4 = int_add(i3, i0)\nfinish(i4)", 1)
		s.expect("finish [45]", p, 5, 10)
	})
}

func TestExitsOfCalleesGiveUpTheirCallers(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		p := s.load("chain", chainText, 1)
		s.expect("[3 2 77] [2 1 77] [1 0 77] guard_true [0]", p, 3)
		s.expect("guard_true [0]", p, 0)
	})
}

func TestRefusedCalls(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		p := s.load("chain", chainText, 3)
		s.function("chain").Target = nil
		s.exec.Link(s.function("chain"))
		s.expect("call_assembler_i [3 2 77 2]", p, 3)

		s.machine.MaxDepth = 100
		s.load("chain", chainText, 3)
		s.machine.PushFrame(&machine.Code{Slots: 1}, 0, 0)
		// 100 are left; each call takes 3, and 7 inlined ones and 2 more have to be possible.
		calls := 0
		for left := 100; left-3 >= recorder.MaxInline+2; left -= 3 {
			calls++
		}
		assert.Equal(t, calls, s.refusal(p, 200))
	})
}

// refusal runs a chain of n calls, one of which has to be refused, and returns how many
// callers that one has.
func (s *stage) refusal(p guards.Program, n int) (callers int) {
	s.t.Helper()
	left, values := s.run(p, uint64(n))
	callers = len(s.suspended)
	at := uint64(n - callers)
	assert.Equal(s.t, ir.CallAssemblerI, left.Code)
	assert.Equal(s.t, []uint64{at, at - 1, 77, at - 1}, values)
	assert.Equal(s.t, fmt.Sprintf("[%d %d 77]", n, n-1), s.suspended[0])
	return callers
}

// The stack of machine code has an end as well.
func TestDeepCalls(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		s.machine.MaxDepth = 1 << 30
		assert.Greater(t, s.refusal(s.load("chain", chainText, 1), 1<<20), 1000)
	})
}

// A recursion that takes years is stopped.
func TestRecursionStops(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		p, stop := s.loadFib(), errors.New("stop")
		go func() {
			time.Sleep(20 * time.Millisecond)
			s.machine.Stop(stop)
		}()
		_, _, err := p.Run(s.machine, []uint64{90})
		assert.ErrorIs(t, err, stop)
	})
}

// Values of all kinds, more than there are registers, are what they were behind a call.
func TestCallsKeepValues(t *testing.T) {
	const n = 40
	var b, failargs strings.Builder
	b.WriteString("[i0, f0]\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "i%d = int_add(i0, %d)\nf%d = float_add(f0, %d.5)\n", i, i, i, i)
		fmt.Fprintf(&failargs, ", i%d, f%d", i, i)
	}
	b.WriteString("i100 = call_assembler_i(ConstClass(chop), i3, f5, i0, f0, i7, i8, i9, i10, i11, i12, i13, i14, i15, i16, i17, i18, f1, f2)\n")
	fmt.Fprintf(&b, "guard_not_forced() [i0, f0%s]\n", failargs.String())
	b.WriteString("f100 = call_assembler_f(ConstClass(floats), f3, f4, i3, i4)\nguard_not_forced() [i100]\n")
	b.WriteString("call_assembler_n(ConstClass(nothing))\nguard_not_forced() [i100]\n")
	fmt.Fprintf(&b, "guard_always_fails() [i100, f100%s]\n", failargs.String())
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		s.load("chop", `[i0, f0, i2, f3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15, f16, f17]
i30 = int_sub(i0, i2)
i31 = int_mul(i30, i4)
i32 = int_mul(i15, i14)
i33 = int_sub(i31, i32)
i34 = int_sub(i33, i13)
i35 = int_sub(i34, i12)
i36 = int_sub(i35, i11)
f30 = float_sub(f0, f3)
f31 = float_mul(f30, f16)
f32 = float_sub(f31, f17)
i37 = cast_float_to_int(f32)
i38 = int_sub(i36, i37)
i40 = int_lt(i2, 50)
guard_true(i40) [i38]
finish(i38)`, 1)
		s.load("floats", "[f0, f1, i2, i3]\nf2 = float_sub(f0, f1)\ni4 = int_sub(i2, i3)\nf4 = cast_int_to_float(i4)\nf3 = float_add(f2, f4)\nfinish(f3)", 1)
		s.load("nothing", "[]\nfinish()", 1)
		p := s.load("main", b.String(), 1)
		i0, f0 := int64(20), 0.25
		a := func(i int) int64 { return i0 + int64(i) }
		f := func(i int) float64 { return f0 + float64(i) + 0.5 }
		chop := func() int64 {
			return (a(3)-i0)*a(7) - a(18)*a(17) - a(16) - a(15) - a(14) - int64((f(5)-f0)*f(1)-f(2))
		}
		want := []uint64{uint64(chop()), floatBits(f(3) - f(4) + float64(a(3)-a(4)))}
		values := []uint64{uint64(i0), floatBits(f0)}
		for i := 1; i <= n; i++ {
			want = append(want, uint64(a(i)), floatBits(f(i)))
		}
		s.expect(fmt.Sprint("guard_always_fails ", want), p, uint64(i0), floatBits(f0))
		i0 = 60
		values[0] = uint64(i0)
		for i := 1; i <= n; i++ {
			values = append(values, uint64(a(i)), floatBits(f(i)))
		}
		s.expect(fmt.Sprint(values, " guard_true ", []uint64{uint64(chop())}), p, uint64(i0), floatBits(f0))
	})
}

// Objects that wait on the stack are kept, and virtual ones made when callers are given up.
func TestCallsKeepObjects(t *testing.T) {
	eachExecutor(t, heap.Options{Stress: true}, func(t *testing.T, s *stage) {
		p := s.load("list", `[i0, p0]
p1 = new(descr=P)
setfield_gc(p1, i0, descr=P.x)
setfield_gc(p1, p0, descr=P.y)
i1 = int_sub(i0, 1)
i2 = int_ge(i1, 0)
guard_true(i2) [p0, p1]
p2 = call_assembler_r(ConstClass(list), i1, p1)
guard_not_forced() [p0, p1, P{x=i0, y=P{x=i1, y=p1}}]
setfield_gc(p2, i0, descr=P.x)
finish(p2)`, 1)
		class := s.classes.Named("P")
		x := func(r heap.Ref) int64 { return int64(s.heap.Word(r, class.Field("x").Index)) }
		y := func(r heap.Ref) heap.Ref { return s.heap.Word(r, class.Field("y").Index) }
		length := func(r heap.Ref) (n int) {
			for ; r != 0; r = y(r) {
				n++
			}
			return n
		}
		calls := 0
		s.look = func(values []uint64) {
			assert.Equal(t, calls, length(values[0]))
			assert.Equal(t, calls+1, length(values[1]))
			assert.EqualValues(t, 10-calls, x(values[2]))
			assert.EqualValues(t, 9-calls, x(y(values[2])))
			assert.Equal(t, values[1], y(y(values[2])))
			calls++
		}
		left, values := s.run(p, 10, 0)
		assert.Equal(t, ir.GuardTrue, left.Code)
		assert.Equal(t, 10, calls)
		assert.Equal(t, 10, length(values[0]))
		assert.Equal(t, 11, length(values[1]))
	})
}

func TestRecursion(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		s.expect("finish [610]", s.loadFib(), 15)
	})
}

func BenchmarkFib(b *testing.B) {
	for name, makeExecutor := range callExecutors {
		b.Run(name, func(b *testing.B) {
			s := newStage(b, heap.Options{}, makeExecutor)
			p := s.loadFib()
			const calls = 2*28657 - 1 // of fib(22)
			for b.Loop() {
				_, _, err := p.Run(s.machine, []uint64{22})
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/calls, "ns/call")
		})
	}
}

// The first trace that calls others may be loaded while a run waits in a call, and be a
// bridge of where it waits.
func TestCallsComeWhileARunWaits(t *testing.T) {
	eachExecutor(t, heap.Options{}, func(t *testing.T, s *stage) {
		const text = "call note args=i result=i effect=any\n[i0]\nlabel(i0)\ni1 = call_i(ConstClass(note), i0, descr=note)\n" +
			"i2 = int_add(i1, 1)\ni3 = int_lt(i2, 10)\nguard_true(i3) [i2]\njump(i2)"
		trace, err := ir.Parse("main", text)
		require.NoError(t, err)
		var p guards.Program
		trace.Ops[1].Args[0].Name.Func = &recorder.Residual{Func: &machine.Func{Name: "note", Do: func(args []heap.Ref) (heap.Ref, error) {
			if args[0] == 5 {
				s.load("double", "[i0]\ni1 = int_add(i0, i0)\nfinish(i1)", 0)
				guard := trace.Ops[4]
				bridge, err := s.exec.Load(s.parse("bridge", "[i0]\ni1 = call_assembler_i(ConstClass(double), i0)\nguard_not_forced() [i0]\n"+
					"i2 = int_add(i1, i0)\nfinish(i2)", 1), guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: guard}, Returns: true})
				require.NoError(t, err)
				require.NoError(t, p.Attach(guard, &guards.Switch{Bridge: bridge}))
			}
			return args[0], nil
		}}}
		p, err = s.exec.Load(trace, guards.LoadOptions{})
		require.NoError(t, err)
		s.expect("finish [30]", p, 0)
		s.expect("finish [30]", p, 0)
	})
}
