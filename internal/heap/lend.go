package heap

// Bytes returns how many bytes an object of c takes, header included; of an array
// without its items.
func (c *Class) Bytes() int64 { return int64(c.bytes) }

// Lend gives compiled code what it needs to allocate by itself: the next object
// goes to cursor, if it does not end above limit, and cursor moves behind it. The
// memory is 0; its header word is (see the package comment) the length above the
// class ID. Whoever was lent to calls Return before anybody calls a method of h.
func (h *Heap) Lend() (cursor, limit uint64) { return h.cursor, h.limit }

// Return takes back what Lend gave: where the cursor is now, and how many objects
// were allocated on the way.
func (h *Heap) Return(cursor, objects uint64) {
	h.cursor = cursor
	h.objects += objects
}
