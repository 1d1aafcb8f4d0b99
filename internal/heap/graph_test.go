package heap

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// An object is what the model knows of one guest object: the same graph, kept
// by Go's collector.
type object struct {
	class *Class
	refs  map[int]*object // by word; words not in it are null
	ints  map[int]uint64
	len   int
}

// A graph runs a random program on a heap and on the model.
type graph struct {
	*world
	t     *testing.T
	slots [8]Ref     // the roots: even ones exact, odd ones conservative
	model [8]*object // what they should be
}

func newGraph(t *testing.T, opt Options) *graph {
	g := &graph{world: newWorld(t, opt), t: t}
	g.heap.AddRoots(func(v *Visitor) {
		for i, r := range g.slots {
			if i%2 == 0 {
				v.Ref(r)
				continue
			}
			v.Word(r)
			v.Word(r * 31)
			if r != 0 && g.size(g.model[i]) > 8 {
				v.Word(r + 8) // inside the object
			}
		}
	})
	return g
}

// step executes one instruction: allocate, store, load, forget.
func (g *graph) step(op, a, b byte, n int) {
	h, to, from := g.heap, int(a)%8, int(b)%8
	src, obj := g.slots[from], g.model[from]
	switch op % 8 {
	case 0:
		g.put(to, h.New(g.leaf), &object{class: g.leaf})
	case 1:
		g.put(to, h.New(g.node), &object{class: g.node})
	case 2:
		g.put(to, h.New(g.wide), &object{class: g.wide})
	case 3:
		g.put(to, h.NewArray(g.refs, int64(n)), &object{class: g.refs, len: n})
	case 4:
		g.put(to, h.NewArray(g.ints, int64(n)), &object{class: g.ints, len: n})
	case 5: // slot from = a field of slot to
		if i, ok := g.word(to, KindRef, n); ok {
			g.slots[from], g.model[from] = h.Word(g.slots[to], i), g.model[to].refs[i]
		}
	case 6: // a field of slot to = slot from
		if i, ok := g.word(to, KindRef, n); ok {
			h.SetWord(g.slots[to], i, src)
			g.model[to].refs[i] = obj
		} else if i, ok := g.word(to, KindInt, n); ok {
			v := uint64(n)<<32 | uint64(b)
			h.SetWord(g.slots[to], i, v)
			g.model[to].ints[i] = v
		}
	case 7:
		g.slots[to], g.model[to] = 0, nil
	}
}

// put makes r root i, unless memory was out, which the model must confirm.
func (g *graph) put(i int, r Ref, o *object) {
	if r == 0 {
		g.mustBeFull(g.size(o))
		return
	}
	o.refs, o.ints = map[int]*object{}, map[int]uint64{}
	g.slots[i], g.model[i] = r, o
}

// word picks a word of that kind in slot i.
func (g *graph) word(i int, k Kind, n int) (int, bool) {
	o := g.model[i]
	if o == nil {
		return 0, false
	}
	if o.class.IsArray() {
		return n % max(1, o.len), o.len > 0 && o.class.Item.Kind == k
	}
	var words []int
	for _, f := range o.class.Fields {
		if f.Kind == k {
			words = append(words, f.Index)
		}
	}
	if len(words) == 0 {
		return 0, false
	}
	return words[n%len(words)], true
}

func (g *graph) size(o *object) int64 { return int64(o.class.bytes) + 8*int64(o.len) }

// live walks both graphs side by side. It returns the objects that can be
// reached.
func (g *graph) live() map[Ref]*object {
	seen := map[Ref]*object{}
	var todo []Ref
	visit := func(r Ref, o *object) {
		if o == nil || r == 0 {
			require.True(g.t, o == nil && r == 0, "null on one side only")
			return
		}
		if old := seen[r]; old != nil {
			require.Same(g.t, old, o)
			return
		}
		seen[r] = o
		todo = append(todo, r)
	}
	for i, r := range g.slots {
		visit(r, g.model[i])
	}
	for len(todo) > 0 {
		r := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		o := seen[r]
		require.Same(g.t, o.class, g.heap.Class(r))
		require.Equal(g.t, int64(o.len), g.heap.Len(r))
		for i := range len(o.class.Fields) + o.len {
			if o.class.refItems || o.class.Fields != nil && o.class.Fields[i].Kind == KindRef {
				visit(g.heap.Word(r, i), o.refs[i])
			} else if got := g.heap.Word(r, i); got != o.ints[i] {
				require.Equal(g.t, o.ints[i], got, "word %d of a %s", i, o.class)
			}
		}
	}
	return seen
}

// mustBeFull fails if there was room for size bytes whatever the layout: the
// live objects touch too few lines, or too few blocks, to be in the way.
func (g *graph) mustBeFull(size int64) {
	live := g.live()
	room := int64(g.heap.maxBlocks)
	used := int64(0) // lines that live objects can touch
	blocks := int64(0)
	for _, o := range live {
		if s := g.size(o); s > maxMedium {
			used += (s + blockBytes - 1) / blockBytes * linesPerBlock
			blocks += (s + blockBytes - 1) / blockBytes
		} else {
			used += (s+lineBytes-1)/lineBytes + 1
			blocks++
		}
	}
	need := (size + blockBytes - 1) / blockBytes
	if size <= lineBytes {
		require.GreaterOrEqual(g.t, used, room*linesPerBlock, "no line was left")
	} else {
		// Each object in the way splits the free blocks once more.
		require.Less(g.t, room-blocks, need*(int64(len(live))+1), "no run of blocks was left")
	}
}

// check compares what is left after a collection.
func (g *graph) check() {
	g.heap.Collect()
	live, bytes := g.live(), int64(0)
	for _, o := range live {
		bytes += g.size(o)
	}
	s := g.heap.Stats()
	require.Equal(g.t, int64(len(live)), s.LiveObjects)
	require.Equal(g.t, bytes, s.LiveBytes)
}

func runGraph(t *testing.T, opt Options, program []byte) {
	g := newGraph(t, opt)
	for ; len(program) >= 5; program = program[5:] {
		n := int(binary.LittleEndian.Uint16(program[3:]))
		if program[1]&0x80 == 0 {
			n %= 300 // most arrays are small
		}
		g.step(program[0], program[1], program[2], n)
	}
	g.check()
}

// FuzzGraph runs random programs on heaps under stress and on tiny heaps, and
// compares with the model.
func FuzzGraph(f *testing.F) {
	for seed := range uint64(12) {
		f.Add(randomProgram(seed, 400))
	}
	f.Add([]byte{3, 0, 0, 200, 0, 6, 0, 0, 7, 0, 1, 1, 0, 0, 0, 6, 0, 1, 9, 0, 5, 0, 2, 7, 0})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 5*2000 {
			t.Skip("long")
		}
		runGraph(t, Options{Limit: 256 << 10, Stress: true}, program)
		runGraph(t, Options{Limit: 64 << 10}, program)
		runGraph(t, Options{Limit: 1 << 20}, program)
	})
}

// TestRandomGraphs does the same with longer programs than fuzzing likes.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(20) {
		program := randomProgram(seed, 20_000)
		runGraph(t, Options{Limit: 64 << 10}, program)
		runGraph(t, Options{Limit: 4 << 20}, program)
	}
	runGraph(t, Options{Limit: 4 << 20, Stress: true}, randomProgram(1, 10_000))
}

// randomProgram builds structure more often than it drops it.
func randomProgram(seed uint64, steps int) []byte {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var program []byte
	for range steps {
		op := []byte{0, 1, 1, 1, 2, 3, 3, 4, 5, 6, 6, 6, 6, 6, 6, 7}[rnd.IntN(16)]
		a := byte(rnd.IntN(8))
		if rnd.IntN(50) == 0 {
			a |= 0x80
		}
		program = append(program, op, a, byte(rnd.IntN(256)))
		program = binary.LittleEndian.AppendUint16(program, uint16(rnd.IntN(20_000)))
	}
	return program
}
