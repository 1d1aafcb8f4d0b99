package ir

// Overflow is what is known of the last checked operation.
type Overflow uint8

// What a checked operation did.
const (
	OverflowUnknown Overflow = iota // it is in the output, its guard must ask
	OverflowNever
	OverflowAlways
)

// decideOverflow drops an overflow guard whose operation is gone, and notes of
// one that stays what it says about its operation.
func (o *Optimizer) decideOverflow(op *Op) (dropped bool) {
	says := OverflowNever
	if op.Code == GuardOverflow {
		says = OverflowAlways
	}
	if o.checked == OverflowUnknown {
		id := int(o.lastChecked.ID)
		o.decided = append(o.decided, make([]Overflow, max(0, id+1-len(o.decided)))...)
		o.decided[id] = says
		return false
	}
	if says != o.checked {
		o.Impossible(op, "the operation before it always decides the other way")
	}
	return true
}

// Decided returns what the guard behind op said: op is a checked operation of
// the output.
func (o *Optimizer) Decided(op *Op) Overflow {
	if int(op.ID) >= len(o.decided) {
		return OverflowUnknown
	}
	return o.decided[op.ID]
}

// Checked notes what is known of the checked operation that was just visited.
func (o *Optimizer) Checked(is Overflow) { o.checked = is }
