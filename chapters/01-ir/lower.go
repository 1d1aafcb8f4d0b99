package ir

// Lower makes an operation without descr that a pass wants to have, sends it down
// the whole chain ahead of the one that is being visited, and returns the value
// that stands for it: the passes may know that already. (Emit puts an operation
// in the output as it is.)
func (o *Optimizer) Lower(code Opcode, args ...*Op) *Op {
	op := o.NewOp(code, code.Info().Result, nil, args...)
	if o.journal != nil {
		defer o.journal.aside(op)()
	}
	o.send(op)
	return o.Find(op)
}

// aside makes j note what becomes of op, which has no entry, beside the entry of
// the operation that is being sent, until the function is called that it returns.
func (j *Journal) aside(op *Op) (back func()) {
	j.settle()
	now, pass := j.now, j.pass
	j.now = &entry{op: op}
	if now != nil {
		e := *now
		e.steps, e.facts = nil, nil
		j.now = &e
	}
	return func() {
		j.settle()
		j.now, j.pass = now, pass
	}
}
