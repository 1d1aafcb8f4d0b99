package backend_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/exectest"
	backend "metatrace/chapters/05-backend"
	"metatrace/internal/child"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// This file runs traces in machine code that was made with a function of an exercise:
// in a child process, since what is wrong there ends the process, or never ends.

const (
	// nativeLimit is how long the child may take. What is right takes a second.
	nativeLimit = 20 * time.Second
	// nativePatience is how long a trace may take that polls.
	nativePatience = 5 * time.Second
)

// checkNative runs some traces with the functions of kit, and reports it if they do
// something else than the evaluator, or crash. It runs none if t has failed already:
// that tells more. arch is the machine that the exercise is about; "" is any.
func checkNative(t exercise.TB, kit *backend.Kit, arch string) {
	t.Helper()
	if t.Failed() || backend.Available() != nil || arch != "" && arch != runtime.GOARCH {
		return
	}
	r := child.Run(t, nativeLimit, func(w *child.Writer) { runNative(w, kit, nativeTraces(), nativePatience) })
	if text := nativeReport(r); text != "" {
		t.Errorf("%s", text)
	}
}

// A nativeTrace is a trace with the inputs on which it is run.
type nativeTrace struct {
	name   string
	trace  *ir.Trace
	inputs [][]uint64
}

// nativeCases are small traces, each with something that can go wrong.
var nativeCases = []struct {
	name, text string
	inputs     [][]uint64
}{
	{"sum", `[i0, i1, i2]
i3 = int_lt(i0, i1)
guard_true(i3) [i0, i1, i2]
i4 = int_add_ovf(i2, i0)
guard_no_overflow() [i0, i1, i2]
i5 = int_add(i0, 1)
jump(i5, i1, i4)`, [][]uint64{{0, 10, 0}, {3, 10, math.MaxInt64 - 5}, {1, 0, 7}}},
	{"swap", `[i0, i1, i2, i3]
i4 = int_gt(i0, 0)
guard_true(i4) [i0, i1, i2, i3]
i5 = int_sub(i0, 1)
jump(i5, i3, i1, i2)`, [][]uint64{{0, 1, 2, 3}, {1, 1, 2, 3}, {5, 1, 2, 3}}},
	{"conditions", `[i0, i1]
i2 = int_le(i0, i1)
guard_true(i2) [i0, 2]
i3 = uint_lt(i0, i1)
guard_true(i3) [i0, 3]
i4 = int_and(i0, 1)
guard_false(i4) [i0, 4]
i5 = int_ne(i0, 6)
guard_true(i5) [i0, 5]
i6 = uint_ge(i1, 100)
guard_true(i6) [i0, 6]
finish(i1)`, [][]uint64{{7, 3}, {1<<64 - 5, 5}, {4, 9}, {3, 9}, {6, 9}, {4, 1<<63 - 1}, {1<<64 - 8, 1<<64 - 3}}},
	{"floats", `[f0, f1]
i2 = float_lt(f0, f1)
guard_true(i2) [f0, f1]
i3 = float_eq(f1, 4.0)
guard_false(i3) [f0, f1]
f4 = float_add(f0, 0.5)
i5 = float_ne(f4, 2.5)
guard_true(i5) [f4, f1]
jump(f4, f1)`, floatInputs([][]float64{{0, 2}, {0, 3}, {1, 4}, {math.NaN(), 1}, {0, math.NaN()}, {math.Inf(-1), -7}, {2, 2}})},
	{"bits", `[i0]
i1 = int_and(i0, 4080)
i2 = int_or(i0, 6148914691236517205)
i3 = int_xor(i0, -4096)
i4 = int_and(i0, 9223372036854775807)
i5 = int_or(i4, 2147483649)
i6 = int_and(i0, 12345678901)
finish(i1, i2, i3, i4, i5, i6)`, [][]uint64{{0}, {^uint64(0)}, {0x123456789abcdef0}}},
}

func floatInputs(lists [][]float64) (inputs [][]uint64) {
	for _, list := range lists {
		inputs = append(inputs, floats(list...))
	}
	return inputs
}

// crowd is a loop with more values than registers, all of them wanted by its exit.
func crowd() string {
	const n = 30
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("i%d", i)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "[%s]\ni100 = int_lt(i0, 40)\nguard_true(i100) [%[1]s]\ni200 = int_add(i0, 7)\n", strings.Join(all, ", "))
	next := []string{"i200"}
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "i%d = int_add(i%d, i%d)\n", 200+i, i, i*i%n)
		next = append(next, fmt.Sprintf("i%d", 200+i))
	}
	fmt.Fprintf(&b, "jump(%s)\n", strings.Join(next, ", "))
	return b.String()
}

// nativeTraces returns what is run: the cases, and some traces made at random.
func nativeTraces() (list []nativeTrace) {
	parse := func(name, text string, inputs [][]uint64) {
		trace, err := ir.Parse(name, text)
		if err != nil {
			panic(err)
		}
		list = append(list, nativeTrace{name, trace, inputs})
	}
	for _, c := range nativeCases {
		parse(c.name, c.text, c.inputs)
	}
	var many [2][]uint64
	for i := range uint64(30) {
		many[0], many[1] = append(many[0], i), append(many[1], 33+i*i)
	}
	parse("crowd", crowd(), many[:])
	for _, kind := range exectest.Kinds {
		if strings.HasPrefix(kind.Name, "tagged") {
			continue // some of them no executor takes
		}
		for seed := range 2 {
			random := rand.New(rand.NewPCG(uint64(seed), 55))
			trace := kind.Generate(&irsolution.Kit, tracetest.Random(random, 60+60*seed))
			inputs := [][]uint64{kind.Inputs(trace, 0), kind.Inputs(trace, 1)}
			list = append(list, nativeTrace{"made at random", trace, inputs})
		}
	}
	return list
}

// running is what the child is doing: the Step of a child.Result, as JSON.
type running struct {
	Name, Trace string
	Inputs      []uint64
	Code        []codePlace // of the machine code, if there is one yet
}

// codePlace is an instruction of the machine code.
type codePlace struct {
	At, Size int // bytes
	Text     string
	For      string // what it was made for
}

// runNative runs traces, in the child. What differs from the evaluator it writes.
func runNative(w *child.Writer, kit *backend.Kit, traces []nativeTrace, patience time.Duration) {
	backend.Unprotected()
	for _, n := range traces {
		for i, inputs := range n.inputs {
			now := running{Name: n.name, Trace: n.trace.String(), Inputs: inputs}
			now.tell(w)
			c := &exectest.Comparison{
				Kit: &irsolution.Kit, Materialize: virtualssolution.Kit.Materialize,
				Executor: now.executor(w, kit), Patience: patience,
			}
			_, err := c.Agree(n.trace, inputs)
			if err == nil && i == 0 {
				_, err = c.AgreeForced(n.trace, inputs, 4)
			}
			if err != nil {
				fmt.Fprintf(w, "%v\n\ntrace (%s):\n%s", err, n.name, n.trace)
				return
			}
		}
	}
}

func (now running) tell(w *child.Writer) {
	text, err := json.Marshal(now)
	if err != nil {
		panic(err)
	}
	w.Step("%s", text)
}

// executor returns what makes an executor that tells w what it runs.
func (now running) executor(w *child.Writer, kit *backend.Kit) func(*heap.Heap, guards.Options) (guards.Executor, error) {
	build := kit.Native(1 << 20)
	return func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
		x, err := build(h, opt)
		if err != nil {
			return nil, err
		}
		return tellingExecutor{x, w, now}, nil
	}
}

type tellingExecutor struct {
	guards.Executor
	w   *child.Writer
	now running
}

func (x tellingExecutor) Load(t *ir.Trace, opt guards.LoadOptions) (guards.Program, error) {
	p, err := x.Executor.Load(t, opt)
	if err != nil {
		return nil, err
	}
	l, region, _ := backend.MachineCode(p, t)
	x.now.Code = codePlaces(l)
	x.now.tell(x.w)
	x.w.Code(region.Addr, region.Size)
	return p, nil
}

// codePlaces disassembles the machine code of a listing.
func codePlaces(l backend.Listing) (list []codePlace) {
	end, names := len(l.Code), l.Trace.Names()
	if l.Pool > 0 {
		end = min(l.Pool, end)
	}
	for at := 0; at < end; {
		text, n := l.Machine.Disassemble(l.Code[at:end], uint64(at))
		list = append(list, codePlace{at, n, text, madeFor(l, at, names)})
		at += max(n, 1)
	}
	return list
}

// madeFor says what the instruction at byte at of the machine code is made for.
func madeFor(l backend.Listing, at int, names func(*ir.Op) string) string {
	starts := l.Starts
	if at < starts[len(starts)-1] {
		i := 0
		for starts[i+1] <= at {
			i++
		}
		return stepName(l, &l.Insts[i], names)
	}
	if l.Rare > 0 && at >= l.Rare {
		return "a rare case of one of the operations"
	}
	var exit *backend.Exit
	best := -1
	for i, stub := range l.Stubs {
		if stub <= at && stub > best {
			exit, best = l.Exits[i], stub
		}
	}
	switch {
	case exit == nil:
		return "an exit"
	case exit.Op == nil:
		return fmt.Sprintf("exit %d", exit.Number)
	}
	return fmt.Sprintf("exit %d, that of %s", exit.Number, exit.Op.Format(names))
}

func stepName(l backend.Listing, in *backend.Inst, names func(*ir.Op) string) string {
	switch {
	case in.Op != nil:
		return in.Op.Format(names)
	case in.Code == backend.LabelHere:
		return "the start of the loop"
	}
	return l.Text(in)
}
