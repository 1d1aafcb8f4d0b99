package native

import "unsafe"

// A Table is memory for words that compiled code reads wherever it is: it has their
// addresses. It lies outside Go's heap, and grows.
type Table struct {
	pages [][]byte
	used  int // words of the last page
}

// tablePage is how many bytes a Table grows by.
const tablePage = 16 << 10

// Add returns the address of a new word, which is 0, and stays there until Close.
func (t *Table) Add() (uintptr, error) {
	if len(t.pages) == 0 || t.used == tablePage/8 {
		page, err := mapWords(tablePage)
		if err != nil {
			return 0, err
		}
		t.pages, t.used = append(t.pages, page), 0
	}
	page := t.pages[len(t.pages)-1]
	t.used++
	return uintptr(unsafe.Pointer(&page[8*(t.used-1)])), nil
}

// Set changes the word at an address that Add returned. No code may be running that
// reads it.
func (t *Table) Set(addr uintptr, word uint64) {
	for _, page := range t.pages {
		// A conversion of *T1 to *T2 (rule 1 of unsafe.Pointer): the page is full of words.
		words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(page))), tablePage/8)
		if at := addr - uintptr(unsafe.Pointer(&words[0])); at < tablePage {
			words[at/8] = word
			return
		}
	}
	panic("native: no word of the table is there")
}

// Close gives the memory back.
func (t *Table) Close() (err error) {
	for _, page := range t.pages {
		if e := unmap(page); err == nil {
			err = e
		}
	}
	t.pages = nil
	return err
}
