package native

import "unsafe"

// A Stack is memory for compiled code that calls compiled code: on the goroutine's own
// stack it may store nothing. It lies outside Go's heap. What is never touched of it
// costs nothing.
type Stack struct {
	mapped []byte
	words  []uint64 // the same memory; nil when closed
}

// NewStack returns a Stack of size bytes, a multiple of 8. It is empty; how much of it is
// in use, its users know.
func NewStack(size int) (*Stack, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	mapped, err := mapWords(size)
	if err != nil {
		return nil, err
	}
	// A conversion of *T1 to *T2 (rule 1 of unsafe.Pointer): the mapping begins a page.
	return &Stack{mapped, unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(mapped))), size/8)}, nil
}

// Bounds returns the addresses of the first word and behind the last one.
func (s *Stack) Bounds() (start, end uint64) {
	start = uint64(uintptr(unsafe.Pointer(&s.words[0])))
	return start, start + 8*uint64(len(s.words))
}

// Words returns the words from one address up to another. Compiled code changes them, and
// Close takes them away.
func (s *Stack) Words(from, to uint64) []uint64 {
	start, _ := s.Bounds()
	return s.words[(from-start)/8 : (to-start)/8]
}

// Close gives the memory back.
func (s *Stack) Close() error {
	if s.mapped == nil {
		return nil
	}
	mapped := s.mapped
	s.mapped, s.words = nil, nil
	return unmap(mapped)
}
