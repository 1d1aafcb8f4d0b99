//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"errors"
	"slices"
	"testing"
	"unsafe"
)

func TestStack(t *testing.T) {
	s, err := NewStack(1 << 16)
	if err != nil {
		t.Skip(err)
	}
	start, end := s.Bounds()
	if end-start != 1<<16 || len(s.Words(start, end)) != 1<<13 {
		t.Errorf("the stack has %d bytes and %d words", end-start, len(s.Words(start, end)))
	}
	s.Words(start, end)[5] = 9
	if got := s.Words(start+8, start+48); !slices.Equal(got, []uint64{0, 0, 0, 0, 9}) {
		t.Errorf("the words are %v", got)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	var table Table
	t.Cleanup(func() { table.Close() })
	var addrs []uintptr
	for range 3*tablePage/8 + 1 {
		addr, err := table.Add()
		if err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, addr)
	}
	for i, addr := range addrs {
		table.Set(addr, uint64(i)+1)
	}
	for i, addr := range addrs {
		if got := *(*uint64)(unsafe.Add(unsafe.Pointer(nil), addr)); got != uint64(i)+1 {
			t.Fatalf("word %d is %d", i, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic: a word that is not there")
		}
	}()
	table.Set(addrs[0]-8*tablePage, 1)
}
