package heap

import "testing"

var sink Ref

// BenchmarkNew allocates boxes of 16 bytes that die at once.
func BenchmarkNew(b *testing.B) {
	for _, live := range []int{0, 10_000, 1_000_000} {
		b.Run(map[int]string{0: "live=0", 10_000: "live=10k", 1_000_000: "live=1M"}[live], func(b *testing.B) {
			w := newWorld(b, Options{})
			h, box := w.heap, w.leaf
			var list Ref
			h.AddRoots(func(v *Visitor) { v.Ref(list) })
			for range live {
				r := h.New(w.node)
				h.SetWord(r, 0, list)
				list = r
			}
			h.Collect()
			b.ResetTimer()
			for i := range b.N {
				r := h.New(box)
				h.SetWord(r, 0, uint64(i))
				sink = r
			}
			b.StopTimer()
			s := h.Stats()
			b.ReportMetric(100*float64(s.CollectTime)/float64(b.Elapsed()), "%collecting")
		})
	}
}

// BenchmarkNewArray allocates arrays of 8 words.
func BenchmarkNewArray(b *testing.B) {
	w := newWorld(b, Options{})
	for range b.N {
		sink = w.heap.NewArray(w.ints, 8)
	}
}

// BenchmarkCollect marks a list of a million nodes.
func BenchmarkCollect(b *testing.B) {
	w := newWorld(b, Options{})
	var list Ref
	w.heap.AddRoots(func(v *Visitor) { v.Ref(list) })
	for range 1_000_000 {
		r := w.heap.New(w.node)
		w.heap.SetWord(r, 0, list)
		list = r
	}
	b.ResetTimer()
	for range b.N {
		w.heap.Collect()
	}
}

// BenchmarkNewStress collects at each allocation.
func BenchmarkNewStress(b *testing.B) {
	w := newWorld(b, Options{Stress: true})
	head := w.list(100)
	w.root(&head)
	b.ResetTimer()
	for range b.N {
		sink = w.heap.New(w.leaf)
	}
}
