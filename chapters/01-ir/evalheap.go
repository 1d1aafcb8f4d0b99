package ir

import (
	"errors"
	"fmt"

	"metatrace/internal/heap"
)

var errMemory = errors.New("the heap is full")

// prebuild allocates the declared objects of t that are not on a heap yet.
func (e *Evaluator) prebuild(t *Trace) error {
	if e.prebuilt == nil {
		e.prebuilt = map[*Symbol]heap.Ref{}
	}
	if t.Decls == nil {
		return nil
	}
	var fresh []*Symbol
	for _, s := range t.Decls.Objects {
		if s.Addr != 0 || e.prebuilt[s] != 0 {
			continue
		}
		if t := s.Class.Immediate; t != nil {
			e.prebuilt[s] = t.Word(s.Values[0].Int())
			continue
		}
		r := e.allocate(s.Class, int64(len(s.Values)))
		if r == 0 {
			return errMemory
		}
		e.prebuilt[s] = r
		fresh = append(fresh, s)
	}
	for _, s := range fresh {
		for i, v := range s.Values {
			e.Heap.SetWord(e.prebuilt[s], i, e.word(v))
		}
	}
	return nil
}

// Address returns where the prebuilt object s is; 0 is NULL.
func (e *Evaluator) Address(s *Symbol) heap.Ref {
	if s == nil {
		return 0
	}
	if s.Addr != 0 {
		return s.Addr
	}
	if r := e.prebuilt[s]; r != 0 {
		return r
	}
	// Not declared: some object of which nothing is known.
	r := e.allocate(e.unknownClass(), 0)
	e.prebuilt[s] = r
	return r
}

// unknownClass is the class of objects that a trace names but does not declare.
func (e *Evaluator) unknownClass() *heap.Class {
	const name = "undeclared"
	classes := e.Heap.Classes()
	if c := classes.Named(name); c != nil {
		return c
	}
	c, _ := classes.Struct(name, "", nil) // fails only if the name is taken
	return c
}

func (e *Evaluator) allocate(c *heap.Class, n int64) heap.Ref {
	r := e.Heap.Make(c, n)
	delete(e.partly, r) // an array may have been there
	return r
}

// materialize returns the value of a failarg: a virtual object is allocated, once
// for each exit, with what it refers to.
func (e *Evaluator) materialize(a *Op, made map[*Op]heap.Ref) (uint64, error) {
	if a.Code != OpVirtual {
		return e.word(a), nil
	}
	if r, ok := made[a]; ok {
		return r, nil
	}
	class := a.Descr.(*heap.Class)
	if class.Immediate != nil {
		return tagged(class, int64(e.word(a.Args[0])))
	}
	r := e.allocate(class, int64(len(a.Args)))
	if r == 0 {
		return 0, errMemory
	}
	made[a] = r
	e.temporary = append(e.temporary, r)
	for i, field := range a.Args {
		w, err := e.materialize(field, made)
		if err != nil {
			return 0, err
		}
		e.Heap.SetWord(r, i, w)
	}
	return r, nil
}

// materializeAll returns the values of a list; see materialize.
func (e *Evaluator) materializeAll(list []*Op, made map[*Op]heap.Ref) ([]uint64, error) {
	words := make([]uint64, len(list))
	for i, a := range list {
		w, err := e.materialize(a, made)
		if err != nil {
			return nil, err
		}
		words[i] = w
	}
	return words, nil
}

// effect executes an operation on the heap or a call.
func (e *Evaluator) effect(op *Op) (uint64, error) {
	switch c := op.Code; {
	case c >= EscapeI && c <= EscapeN:
		if e.Escape == nil {
			return 0, nil
		}
		return e.Escape(op, e.words(op.Args))
	case c.IsCall():
		if e.Call == nil {
			return 0, fmt.Errorf("there is no function %s here", op.Args[0].Name.Name)
		}
		return e.Call(op, op.Args[0].Name.Name, e.words(op.Args[1:]))
	case c >= CallAssemblerI && c <= CallAssemblerN:
		return 0, errors.New("the evaluator can't call other traces")
	case c.IsAllocation():
		return e.alloc(op)
	case op.Descr == nil:
		return 0, errors.New("no such operation")
	}
	return e.access(op, e.words(op.Args))
}

// access reads or writes an object. words are the values of op's arguments.
func (e *Evaluator) access(op *Op, words []uint64) (uint64, error) {
	if words[0] == 0 {
		return 0, errors.New("the object is NULL")
	}
	if f, ok := op.Descr.(*heap.Field); ok {
		return e.field(op, words, f)
	}
	return e.item(op, words, op.Descr.(*heap.Class))
}

func (e *Evaluator) alloc(op *Op) (uint64, error) {
	class, n := op.Descr.(*heap.Class), int64(0)
	if len(op.Args) > 0 {
		if n = int64(e.word(op.Args[0])); n < 0 {
			return 0, fmt.Errorf("the length %d is negative", n)
		}
	}
	if class.Immediate != nil {
		return class.Immediate.Word(0), nil // until setfield_gc says what it holds
	}
	r := e.allocate(class, n)
	if r == 0 {
		return 0, errMemory
	}
	if op.Code == NewArray {
		e.partly[r] = make([]bool, n)
	}
	return r, nil
}

func (e *Evaluator) field(op *Op, words []uint64, f *heap.Field) (uint64, error) {
	r := words[0]
	if c := e.Heap.Class(r); !c.Inherits(f.Owner) {
		return 0, fmt.Errorf("a %s has no field %s", c, f)
	}
	switch {
	case op.Code != SetfieldGc:
		return e.Heap.Load(r, f.Index), nil
	case f.Owner.Immediate != nil:
		w, err := tagged(f.Owner, int64(words[1]))
		e.vals[op.Args[0].ID] = w // nobody has seen it before: Verify checks that
		return 0, err
	}
	if err := inRange(f, words[1]); err != nil {
		return 0, err
	}
	e.Heap.SetWord(r, f.Index, words[1])
	return 0, nil
}

// inRange returns an error if the word w can't stand in a field, or be an item.
func inRange(f *heap.Field, w uint64) error {
	if n := int64(w); f.Kind == Int && (n < f.Lo || n > f.Hi) {
		return fmt.Errorf("%d is stored in %s, which is declared to be in [%d,%d]", n, f, f.Lo, f.Hi)
	}
	return nil
}

func (e *Evaluator) item(op *Op, words []uint64, class *heap.Class) (uint64, error) {
	r := words[0]
	if c := e.Heap.Class(r); c != class {
		return 0, fmt.Errorf("a %s is no array like %s", c, class)
	}
	n := e.Heap.Len(r)
	if op.Code == ArraylenGc {
		return uint64(n), nil
	}
	i := int64(words[1])
	if i < 0 || i >= n {
		return 0, fmt.Errorf("index %d, the array has %d items", i, n)
	}
	written := e.partly[r]
	if op.Code == SetarrayitemGc {
		if err := inRange(class.Item, words[2]); err != nil {
			return 0, err
		}
		e.Heap.SetWord(r, int(i), words[2])
		if written != nil {
			written[i] = true
		}
		return 0, nil
	}
	if written != nil && !written[i] {
		return 0, fmt.Errorf("item %d was never written", i)
	}
	return e.Heap.Word(r, int(i)), nil
}
