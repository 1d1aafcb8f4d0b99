package heap

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A world is a heap with the classes that the tests use.
type world struct {
	heap       *Heap
	leaf       *Class // one int
	node       *Class // two refs and an int
	wide       *Class // more than a line: 20 words, the last one a ref
	ints, refs *Class // arrays
}

func newWorld(t testing.TB, opt Options) *world {
	t.Helper()
	cs := new(Classes)
	w := &world{}
	var err error
	declare := func(c *Class, e error) *Class {
		require.NoError(t, e)
		return c
	}
	w.leaf = declare(cs.Struct("leaf", "", nil, Field{Name: "i", Kind: KindInt}))
	w.node = declare(cs.Struct("node", "", nil,
		Field{Name: "a", Kind: KindRef}, Field{Name: "b", Kind: KindRef}, Field{Name: "i", Kind: KindInt}))
	var fields []Field
	for i := range 19 {
		fields = append(fields, Field{Name: string(rune('a' + i)), Kind: KindFloat})
	}
	w.wide = declare(cs.Struct("wide", "", nil, append(fields, Field{Name: "ref", Kind: KindRef})...))
	w.ints = declare(cs.Array("ints", Field{Kind: KindInt}))
	w.refs = declare(cs.Array("refs", Field{Kind: KindRef}))
	w.heap, err = New(cs, opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.heap.Close()) })
	return w
}

// root keeps what *r names for the rest of the test.
func (w *world) root(r *Ref) { w.heap.AddRoots(func(v *Visitor) { v.Ref(*r) }) }

// list returns n nodes in a row.
func (w *world) list(n int) (head Ref) {
	defer w.heap.AddRoots(func(v *Visitor) { v.Ref(head) })()
	for range n {
		r := w.heap.New(w.node)
		if r == 0 {
			return 0
		}
		w.heap.SetWord(r, 0, head)
		head = r
	}
	return head
}

func TestObjectsAreWhatTheyWereMade(t *testing.T) {
	w := newWorld(t, Options{})
	h := w.heap
	leaf, wide, refs := h.New(w.leaf), h.New(w.wide), h.NewArray(w.refs, 3)
	require.Zero(t, leaf%8)
	require.Equal(t, w.leaf, h.Class(leaf))
	require.Equal(t, w.wide, h.Class(wide))
	require.Equal(t, w.refs, h.Class(refs))
	require.True(t, h.Is(refs, w.refs))
	require.False(t, h.Is(refs, w.ints))
	require.False(t, h.Is(0, w.leaf))
	require.Equal(t, int64(3), h.Len(refs))
	require.Zero(t, h.Len(leaf))
	for i := range 20 {
		require.Zero(t, h.Word(wide, i))
	}
	h.SetWord(refs, 2, wide)
	h.SetWord(wide, 19, leaf)
	h.SetWord(leaf, 0, 1<<63)
	require.Equal(t, uint64(1<<63), h.Word(h.Word(h.Word(refs, 2), 19), 0))
	require.Zero(t, h.Len(h.New(w.ints)))
}

func TestLengthsThatCannotBe(t *testing.T) {
	for _, opt := range []Options{{Limit: 64 << 10}, {Limit: 64 << 10, Stress: true}} {
		w := newWorld(t, opt)
		for _, n := range []int64{-1, -1 << 63, 8192, 1 << 31, 1<<31 + 1, 1 << 32, 1 << 60, 1<<63 - 1} {
			require.Zero(t, w.heap.NewArray(w.ints, n), "length %d", n)
		}
		require.NotZero(t, w.heap.NewArray(w.ints, 8191), "the whole heap")
		require.NotZero(t, w.heap.NewArray(w.ints, 0))
	}
}

func TestMemoryRunsOutExactly(t *testing.T) {
	w := newWorld(t, Options{Limit: 64 << 10})
	var head Ref
	w.root(&head)
	n := 0
	for r := w.heap.New(w.node); r != 0; r = w.heap.New(w.node) {
		w.heap.SetWord(r, 0, head)
		head = r
		n++
	}
	require.Equal(t, 64<<10/32, n)
	require.Zero(t, w.heap.New(w.leaf))
	require.Zero(t, w.heap.NewArray(w.ints, 0))

	head = 0
	require.NotZero(t, w.heap.New(w.node), "memory comes back")
	require.Zero(t, w.heap.Stats().LiveBytes)
}

func TestLimits(t *testing.T) {
	_, err := New(new(Classes), Options{Limit: -1})
	require.ErrorContains(t, err, "limit -1 is negative")
	_, err = New(new(Classes), Options{Limit: 1<<63 - 1})
	require.ErrorContains(t, err, "can be addressed")
	require.NotZero(t, newWorld(t, Options{Limit: 1}).list(1024), "rounded up to a block")
	require.Zero(t, newWorld(t, Options{Limit: 1}).list(1025))
	require.NotZero(t, newWorld(t, Options{Limit: 32<<10 + 1}).list(2048))
}

func TestCyclesDie(t *testing.T) {
	w := newWorld(t, Options{})
	h := w.heap
	var root Ref
	w.root(&root)
	a, b, c := h.New(w.node), h.New(w.node), h.NewArray(w.refs, 2)
	h.SetWord(a, 0, b)
	h.SetWord(b, 1, c)
	h.SetWord(c, 1, a)
	h.SetWord(c, 0, c)
	root = b
	h.Collect()
	require.Equal(t, int64(3), h.Stats().LiveObjects)
	require.Equal(t, int64(32+32+24), h.Stats().LiveBytes)
	root = 0
	h.Collect()
	require.Zero(t, h.Stats().LiveObjects)
}

func TestLongListsNeedNoStack(t *testing.T) {
	w := newWorld(t, Options{})
	head := w.list(1_000_000)
	w.root(&head)
	w.heap.Collect()
	require.Equal(t, int64(1_000_000), w.heap.Stats().LiveObjects)
	require.Less(t, cap(w.heap.collector.visitor.stack), 16)
}

func TestLargeArraysComeBackAndAreZero(t *testing.T) {
	w := newWorld(t, Options{Limit: 1 << 20})
	h := w.heap
	var kept Ref
	w.root(&kept)
	for i := range 50 {
		n := int64(100_000 - 1000*i)
		kept = 0
		r := h.NewArray(w.ints, n)
		require.NotZero(t, r)
		kept = r
		for j := range int(n) {
			require.Zero(t, h.Word(r, j))
			h.SetWord(r, j, ^uint64(0))
		}
		require.NotZero(t, w.list(2000))
	}
	require.Zero(t, h.NewArray(w.ints, 90_000), "the last one is still kept")
}

func TestMediumObjectsLeaveTheHoleToSmallOnes(t *testing.T) {
	w := newWorld(t, Options{})
	h := w.heap
	first := h.New(w.leaf)
	h.NewArray(w.ints, 2047) // 16 KiB: half a block
	medium := h.NewArray(w.ints, 2047)
	require.Greater(t, medium, first+blockBytes-1)
	require.Equal(t, first+16+16*1024, h.New(w.leaf))
}

// An array of more than half a block may stand in a hole, among small objects: what
// comes after the next collection must not go there.
func TestLargeArraysInAHoleKeepTheirLines(t *testing.T) {
	w := newWorld(t, Options{})
	h := w.heap
	w.heap.New(w.leaf) // takes an empty block as hole
	r := h.NewArray(w.ints, maxMedium/wordBytes+100)
	require.Less(t, r-h.base, uint64(blockBytes), "not in the hole")
	w.root(&r)
	h.Collect()
	for range 2 * blockBytes / lineBytes {
		h.NewArray(w.ints, 1)
	}
	require.Equal(t, int64(maxMedium/wordBytes+100), h.Len(r))
	for i := range h.Words(r) {
		require.Zero(t, h.Word(r, i), i)
	}
}

func TestGarbageStaysInTheSameMemory(t *testing.T) {
	w := newWorld(t, Options{})
	live := w.list(1000)
	w.root(&live)
	for i := range 4_000_000 {
		w.heap.New(w.leaf)
		if i%100 == 0 {
			w.heap.NewArray(w.refs, int64(i%3000))
		}
	}
	require.Greater(t, w.heap.Stats().Collections, int64(10))
	require.LessOrEqual(t, len(w.heap.blocks)*blockBytes, minNursery*5/4)
}

func TestConservativeRoots(t *testing.T) {
	w := newWorld(t, Options{})
	h := w.heap
	var guesses []uint64
	h.AddRoots(func(v *Visitor) {
		for _, g := range guesses {
			v.Word(g)
		}
	})
	old, array := h.New(w.node), h.NewArray(w.ints, 100_000)
	guesses = []uint64{old, array}
	h.Collect()
	require.Equal(t, int64(2), h.Stats().LiveObjects)
	require.Equal(t, w.node, h.Class(old))

	young, wide := h.New(w.node), h.New(w.wide)
	guesses = []uint64{old, array, young, wide}
	h.Collect()
	require.Equal(t, int64(4), h.Stats().LiveObjects)

	guesses = []uint64{0, 1, old + 8, old + 1, array - 8, array + 8, array + blockBytes, ^uint64(0),
		h.base - 8, h.base + uint64(len(h.blocks))*blockBytes, h.base + 1<<40, 1 << 63}
	h.Collect()
	require.Zero(t, h.Stats().LiveObjects, "none of these is where an object starts")
	guesses = []uint64{old, array, young, wide}
	h.Collect()
	require.Zero(t, h.Stats().LiveObjects, "and dead objects stay dead")
}

func TestRootsCanBeRemoved(t *testing.T) {
	w := newWorld(t, Options{})
	a, b := w.list(1), w.list(2)
	removeA := w.heap.AddRoots(func(v *Visitor) { v.Ref(a) })
	removeB := w.heap.AddRoots(func(v *Visitor) { v.Ref(b) })
	removeA()
	removeA()
	w.heap.Collect()
	require.Equal(t, int64(2), w.heap.Stats().LiveObjects)
	removeB()
	w.heap.Collect()
	require.Zero(t, w.heap.Stats().LiveObjects)
}

func TestStressShowsUseAfterFree(t *testing.T) {
	w := newWorld(t, Options{Stress: true})
	h := w.heap
	large := h.NewArray(w.ints, 10_000)
	lost := h.New(w.leaf)
	h.Collect()
	require.Equal(t, uint64(poisonWord), h.Word(lost, 0))
	require.Equal(t, uint64(poisonWord), h.Word(large, 9_999))
	require.Panics(t, func() { h.Class(large) })
	w.root(&large)
	require.PanicsWithValue(t, fmt.Sprintf("heap: no object is at %#x: its header is 0xdeaddead", large), h.Collect)
}

func TestStatsAreExact(t *testing.T) {
	for _, opt := range []Options{{}, {Stress: true}} {
		w := newWorld(t, opt)
		h := w.heap
		for range 10_000 {
			h.New(w.leaf)
		}
		h.New(w.wide)
		h.NewArray(w.refs, 2000)
		h.NewArray(w.refs, 2000)
		h.NewArray(w.refs, 20_000)
		require.Zero(t, h.NewArray(w.refs, 1<<31), "above the limit")
		s := h.Stats()
		require.Equal(t, int64(10_004), s.Objects)
		require.Equal(t, int64(10_000*16+168+2*16_008+160_008), s.Bytes)
		if opt.Stress {
			require.Equal(t, int64(10_004), s.Collections)
			require.NotZero(t, s.CollectTime)
		} else {
			require.Zero(t, s.Collections)
		}
		require.NoError(t, h.Close())
		require.Equal(t, s, h.Stats())
	}
}

func TestMisuse(t *testing.T) {
	w := newWorld(t, Options{})
	remove := w.heap.AddRoots(func(*Visitor) { w.heap.New(w.leaf) })
	require.PanicsWithValue(t, "heap: allocation during a collection", w.heap.Collect)
	remove()

	w = newWorld(t, Options{})
	bad := w.heap.New(w.leaf) - 8
	w.root(&bad)
	require.Panics(t, w.heap.Collect, "no address of an object")

	w = newWorld(t, Options{})
	require.NoError(t, w.heap.Close())
	require.PanicsWithValue(t, "heap: allocation after Close", func() { w.heap.New(w.leaf) })
}

func TestLineSets(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var s lineSet
		var model [linesPerBlock + 1]bool
		for range rnd.IntN(30) {
			from := rnd.IntN(linesPerBlock)
			to := min(linesPerBlock, from+rnd.IntN(40))
			s.add(from, to)
			for i := from; i < to; i++ {
				model[i] = true
			}
		}
		model[linesPerBlock] = true
		for n := 1; n <= linesPerBlock; n++ {
			want := -1
			for from, i := 0, 0; i <= linesPerBlock && want < 0; i++ {
				if model[i] {
					if i-from >= n {
						want = from
					}
					from = i + 1
				}
			}
			from, to, ok := s.gap(n)
			require.Equal(t, want >= 0, ok)
			if ok {
				require.Equal(t, want, from)
				require.True(t, model[to] && to-from >= n)
			}
		}
	}
}

// TestNewIsInlined asks the compiler, since nothing else would notice.
func TestNewIsInlined(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command")
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, f := range []string{"New", "bump", "Class", "Is", "Len", "Word", "SetWord", "Load"} {
		require.Contains(t, string(out), "can inline (*Heap)."+f+"\n")
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "65536": 65536, "64k": 64 << 10, "64K": 64 << 10, "512m": 512 << 20, "1g": 1 << 30, "8589934591g": 8589934591 << 30,
	} {
		got, err := ParseSize(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for text, want := range map[string]string{
		"":     `size "": want a number of bytes, or a number and one of k, m, g, as in 512m`,
		"k":    `size "k": want a number of bytes, or a number and one of k, m, g, as in 512m`,
		"-1k":  `size "-1k": want a number of bytes, or a number and one of k, m, g, as in 512m`,
		"1.5g": `size "1.5g": want a number of bytes, or a number and one of k, m, g, as in 512m`,
		"1kb":  `size "1kb": want a number of bytes, or a number and one of k, m, g, as in 512m`,
		"12q":  `size "12q": want a number of bytes, or a number and one of k, m, g, as in 512m`,
		"0":    `size "0": want more than 0 bytes`,
		"0m":   `size "0m": want more than 0 bytes`,

		"8589934592g":          `size "8589934592g" is too large`,
		"99999999999999999999": `size "99999999999999999999" is too large`,
	} {
		_, err := ParseSize(text)
		require.EqualError(t, err, want)
	}
}
