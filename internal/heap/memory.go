package heap

import "unsafe"

// This file, with the reserve functions beside it, is where the package leaves
// Go's memory model. The rule it follows: addresses are uint64 everywhere, and
// become pointers only here and only for the time of one access. The memory is
// reserved for as long as the heap is open and never moves, so an address stays
// good although Go does not see it. The conversion is unsafe.Add from nil;
// unsafe.Pointer(uintptr(r)) would claim that r was made from a Go pointer in
// the same expression, and vet refuses it.

// at returns the word at address r. Where the range is Go memory
// (reserve_other.go), checkptr would miss the pointer that r came from.
//
//go:nocheckptr
func at(r Ref) *uint64 { return (*uint64)(unsafe.Add(unsafe.Pointer(nil), r)) }

// words returns the memory from address start to end.
func words(start, end uint64) []uint64 {
	return unsafe.Slice(at(start), (end-start)/wordBytes)
}

// base returns the address of the first byte of m.
func (m memory) base() uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(m))))
}
