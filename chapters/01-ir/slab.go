package ir

// slab hands out values, all zero, from chunks: one allocation of Go's for many of
// ours. The chunks grow, so that a short trace does not pay for a long one.
type slab[T any] struct {
	free  []T
	chunk int
}

const minChunk, maxChunk = 16, 256

func (s *slab[T]) one() *T { return &s.many(1)[0] }

func (s *slab[T]) many(n int) []T {
	if n > len(s.free) {
		s.chunk = min(max(2*s.chunk, minChunk), maxChunk)
		s.free = make([]T, max(s.chunk, n))
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}
