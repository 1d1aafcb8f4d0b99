package virtuals

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// An Object is a virtual object: its allocation is delayed, perhaps for ever, and
// the optimizer keeps what would be in it.
type Object struct {
	// Op is the allocation. It is the value of the object for all operations that
	// use it, and goes to the output as it is when the object is forced.
	Op    *ir.Op
	Class *heap.Class
	// Words are the contents, a value for each field or item. nil: not written
	// yet, which is 0 or NULL in a struct or a cleared array.
	Words []*ir.Op
	// Forced is set once the allocation is in the output: the object is not
	// virtual any more, and Words are what it was filled with.
	Forced bool
}

// Kind returns the type of word i.
func (obj *Object) Kind(i int) ir.Type { return obj.Class.Slot(i).Kind }

// MaxItems is the length up to which an array is virtual. An exit lists all of
// the items.
const MaxItems = 64

// Objects are the virtual objects of one trace, by their allocation.
type Objects map[*ir.Op]*Object

// Of returns the virtual object that v is; nil if v is not virtual, or was forced.
func (objects Objects) Of(v *ir.Op) *Object {
	if !v.Code.IsAllocation() {
		return nil
	}
	if obj := objects[v]; obj != nil && !obj.Forced {
		return obj
	}
	return nil
}

// IsZero reports whether v is what cleared memory holds: 0, 0.0 (not -0.0) or NULL.
func IsZero(v *ir.Op) bool {
	switch v.Code {
	case ir.OpConstInt, ir.OpConstFloat:
		return v.Bits == 0
	}
	return v.IsNull()
}

// NewStore returns an operation that writes v to word i of obj.
func (obj *Object) NewStore(o *ir.Optimizer, i int, v *ir.Op) *ir.Op {
	if v == nil {
		panic(fmt.Sprintf("NewStore: there is no value for word %d of a %s", i, obj.Class))
	}
	if obj.Class.IsArray() {
		return o.NewOp(ir.SetarrayitemGc, ir.Void, obj.Class, obj.Op, o.ConstInt(int64(i)), v)
	}
	return o.NewOp(ir.SetfieldGc, ir.Void, obj.Class.Fields[i], obj.Op, v)
}
