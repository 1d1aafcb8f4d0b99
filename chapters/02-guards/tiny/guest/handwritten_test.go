package guest_test

import (
	"io"
	"math/bits"

	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/tiny"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// handwritten is what a Go programmer would write who has never heard of
// machines: the same bytecode, the same objects on the same heap, but stack
// pointer, code and position are local variables and every field is read
// directly. It has the operations that sum and fib need, on integers only. The
// benchmarks measure the interpreter against it.
type handwritten struct {
	*space.Space
	slots  []heap.Ref
	sp     int // for the collector, at allocations
	frames []handFrame
}

type handFrame struct {
	code     *space.Code
	pc, base int
}

// newHandwritten loads a program.
func newHandwritten(file, src string, out io.Writer) (*handwritten, error) {
	compiled, err := tiny.Compile(file, src)
	if err != nil {
		return nil, err
	}
	s, err := space.Load(compiled, space.HeapBoxes, heap.Options{}, out, nil)
	if err != nil {
		return nil, err
	}
	h := &handwritten{Space: s, slots: make([]heap.Ref, 4096)}
	s.Heap.AddRoots(func(v *heap.Visitor) {
		for _, r := range h.slots[:h.sp] {
			v.Ref(r)
		}
	})
	return h, nil
}

// box allocates an integer. sp is the end of the stack for the collector.
func (h *handwritten) box(sp int, n int64) heap.Ref {
	h.sp = sp
	r := h.Heap.New(h.Int)
	if r == 0 {
		panic(machine.ErrOutOfMemory)
	}
	h.Heap.SetWord(r, 0, uint64(n))
	return r
}

// run executes the main program.
func (h *handwritten) run() {
	code, pc, base := h.Main, 0, 0
	ops, slots, s := code.Ops, h.slots, h.Space
	sp := code.Locals
	for {
		in := &ops[pc]
		switch in.Op {
		case tiny.OpConst:
			slots[sp] = s.Consts[in.A]
			sp++
		case tiny.OpNil:
			slots[sp] = 0
			sp++
		case tiny.OpLocal:
			slots[sp] = slots[base+int(in.A)]
			sp++
		case tiny.OpSetLocal:
			sp--
			slots[base+int(in.A)] = slots[sp]
		case tiny.OpPop:
			sp--
		case tiny.OpAdd, tiny.OpSub, tiny.OpMul:
			x, y := slots[sp-2], slots[sp-1]
			if !s.Heap.Is(x, s.Int) || !s.Heap.Is(y, s.Int) {
				panic("handwritten: integers only")
			}
			a, b := int64(s.Heap.Word(x, 0)), int64(s.Heap.Word(y, 0))
			var v int64
			var fits bool
			switch in.Op {
			case tiny.OpAdd:
				v = a + b
				fits = (a^v)&(b^v) >= 0
			case tiny.OpSub:
				v = a - b
				fits = (a^b)&(a^v) >= 0
			default:
				high, low := bits.Mul64(uint64(a), uint64(b))
				v = int64(low)
				fits = int64(high)-(a>>63)&b-(b>>63)&a == v>>63
			}
			if !fits {
				panic("handwritten: no overflow")
			}
			r := h.box(sp, v)
			sp--
			slots[sp-1] = r
		case tiny.OpLt:
			x, y := slots[sp-2], slots[sp-1]
			if !s.Heap.Is(x, s.Int) || !s.Heap.Is(y, s.Int) {
				panic("handwritten: integers only")
			}
			r := heap.Ref(0)
			if int64(s.Heap.Word(x, 0)) < int64(s.Heap.Word(y, 0)) {
				r = s.One
			}
			sp--
			slots[sp-1] = r
		case tiny.OpJump, tiny.OpLoop:
			pc = int(in.A)
			continue
		case tiny.OpJumpNil:
			sp--
			if slots[sp] == 0 {
				pc = int(in.A)
				continue
			}
		case tiny.OpCall:
			if len(h.frames) == tiny.MaxDepth {
				panic("handwritten: too deep")
			}
			h.frames = append(h.frames, handFrame{code, pc + 1, base})
			code = s.Funcs[in.A]
			base = sp - int(in.B)
			if base+code.Machine.Slots > len(slots) {
				panic("handwritten: stack too small")
			}
			sp = base + code.Locals
			clear(slots[base+int(in.B) : sp])
			ops, pc = code.Ops, 0
			continue
		case tiny.OpReturn:
			n := len(h.frames)
			if n == 0 {
				return
			}
			slots[base] = slots[sp-1]
			sp = base + 1
			f := h.frames[n-1]
			h.frames = h.frames[:n-1]
			code, pc, base = f.code, f.pc, f.base
			ops = code.Ops
			continue
		case tiny.OpPrint:
			h.sp = sp
			s.Prints.Do(slots[sp-int(in.B) : sp])
			sp -= int(in.B)
		default:
			panic("handwritten: no " + in.Op.String())
		}
		pc++
	}
}
