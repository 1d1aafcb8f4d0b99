package tracegen

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// taggedDeclarations are those of traces with objects, and besides, before them,
// an immediate class: small numbers that are references. It has two taggings.
var taggedDeclarations = []string{
	"struct TAG vtable=tag_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!\n" + taggedObjects,
	"struct TAG vtable=tag_vtable immediate=4:5 value:i[-10,255]!\n" + taggedObjects,
}

// The numbers of the pool are among them, so that names and inputs may be equal.
const taggedObjects = "object three TAG value=3\nobject five TAG value=5\nobject no TAG\n" + heapDeclarations

// GenerateTagged makes a trace as GenerateHeap does, with an immediate class.
func GenerateTagged(kit *ir.Kit, data []byte) *ir.Trace {
	g := taggedGenerator(kit, data)
	return g.heapTrace()
}

// GenerateTaggedLoop makes a loop as GenerateLoop does, with an immediate class.
func GenerateTaggedLoop(kit *ir.Kit, data []byte) *ir.Trace {
	g := taggedGenerator(kit, data)
	return g.loopTrace()
}

func taggedGenerator(kit *ir.Kit, data []byte) *generator {
	if len(data) == 0 {
		return newGenerator(kit, data, taggedDeclarations[0])
	}
	return newGenerator(kit, data[1:], taggedDeclarations[data[0]%2])
}

// tag makes an object of the immediate class c. What it holds is computed first:
// it has to be written directly behind the allocation.
func (g *generator) tag(c *heap.Class) *ir.Op {
	f := c.Fields[0]
	v := g.content(f)
	if f.Lo < -1<<32 && g.next(2) == 0 {
		v = g.add(ir.IntRshift, nil, g.value(ir.Int), ir.ConstInt(int64(c.Immediate.Shift)))
	}
	r := g.add(ir.NewWithVtable, c)
	g.class[r], g.newest = c, r
	if g.next(8) > 0 {
		g.add(ir.SetfieldGc, f, r, v)
		g.learn(r)
	}
	return r
}
