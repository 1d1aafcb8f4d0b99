package ir

import "strconv"

// How a Journal calls values: what is in the text that was read, as there; a copy
// of it, i7_2; and what the trace did not have, by a number that is not used yet.

// nameOf returns what the text that t was read from calls the value v of t.
func (t *Trace) nameOf(v *Op) string {
	if t.names != nil {
		return t.names[v.ID]
	}
	return letterOf(v.Type) + strconv.Itoa(int(v.ID))
}

// nameCopy names op, the copy of old: in the first walk as the text does, later
// by a name that is made of that.
func (j *Journal) nameCopy(old, op *Op) {
	switch {
	case op.Type == Void:
	case j.turn == 0:
		j.bases[op] = j.source.nameOf(old)
		j.names[op] = j.bases[op]
	default:
		j.SameAs(op, old)
	}
}

// text returns op without its exit. Its arguments are values of what is walked;
// now says what stands for them.
func (j *Journal) text(op *Op, now func(*Op) *Op) string {
	bare := *op
	bare.Exit = nil
	return bare.Format(func(v *Op) string {
		if v == &bare {
			return j.Name(now(op))
		}
		return j.Name(now(v))
	})
}

// SameAs notes that v, which the trace did not have, is another copy of the value
// old, so that it gets a name that is made of the same one.
func (j *Journal) SameAs(v, old *Op) {
	base, ok := j.bases[old]
	if !ok {
		base = j.Name(old)
	}
	j.bases[v], j.names[v] = base, j.unique(base)
	j.madeBy[v] = j.of[old]
}

// Name returns the name of the value v, or the text of a constant. What is in the
// text that was read is named as there; copies of it, i7_2.
func (j *Journal) Name(v *Op) string {
	if v.IsConst() {
		return v.String()
	}
	name := j.names[v]
	if name == "" || v.Type != Void && typeOfName(name) != v.Type {
		name = j.fresh(v.Type)
		j.names[v] = name
	}
	return name
}

// unique returns a name that nothing has yet.
func (j *Journal) unique(base string) string {
	name := base
	for n := 2; j.used[name]; n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	j.used[name] = true
	return name
}

// fresh returns a name for a value of type t that the trace did not have, with a
// number that no other name has.
func (j *Journal) fresh(t Type) string {
	j.made++
	return j.unique(letterOf(t) + strconv.Itoa(j.source.NumIDs()+j.made-1))
}
