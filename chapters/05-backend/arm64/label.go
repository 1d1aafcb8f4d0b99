package arm64

import (
	"encoding/binary"
	"fmt"
)

// A Label is a place in the code, for branches to it.
type Label int32

// branch is an instruction that refers to a label, relative to its own address. Where
// that is, only Finish knows.
type branch struct {
	at    int32 // index of the instruction
	label Label
	form  form
	grown bool // it does not reach: the inverse branch jumps over a B
}

// NewLabel returns a label. Bind says where it is, before or after it is used.
func (a *Assembler) NewLabel() Label {
	a.labels = append(a.labels, -1)
	return Label(len(a.labels) - 1)
}

// Bind puts the label l here. A label is bound once.
func (a *Assembler) Bind(l Label) {
	if a.labels[l] >= 0 {
		a.fail("label %d is bound twice", l)
	}
	a.labels[l] = int32(len(a.words))
}

// refer appends op, which refers to the label l.
func (a *Assembler) refer(op Op, operands uint32, l Label) {
	a.branches = append(a.branches, branch{at: int32(len(a.words)), label: l, form: ops[op].form})
	a.emit(op, operands)
}

// Jump appends op, which is B. It reaches 128 MiB.
func (a *Assembler) Jump(op Op, l Label) {
	if a.check(op, formJump, 0) {
		a.refer(op, 0, l)
	}
}

// Branch appends B.cond: to l if c holds. This and the next two go anywhere that B does.
func (a *Assembler) Branch(c Cond, l Label) {
	if a.checkCond(c) {
		a.refer(Bcond, uint32(c), l)
	}
}

// CompareJump appends op: to l if t is 0 (CBZ), or is not (CBNZ).
func (a *Assembler) CompareJump(op Op, t Reg, l Label) {
	if a.check(op, formCompareJmp, t) {
		a.refer(op, uint32(t), l)
	}
}

// TestJump appends op: to l if the given bit of t, 0 to 63, is 0 (TBZ), or is 1 (TBNZ).
func (a *Assembler) TestJump(op Op, t Reg, bit uint, l Label) {
	if bit > 63 {
		a.fail("%v of bit %d", op, bit)
	} else if a.check(op, formTestJump, t) {
		a.refer(op, uint32(t)|uint32(bit&31)<<19|uint32(bit>>5)<<31, l)
	}
}

// Adr appends ADR: d = the address of l, at most 1 MiB away.
func (a *Assembler) Adr(d Reg, l Label) {
	if a.check(ADR, formAddress, d) {
		a.refer(ADR, uint32(d), l)
	}
}

// Literal appends op, LDRlit or LDRDlit: t = x, from the next Pool, at most 1 MiB away.
func (a *Assembler) Literal(op Op, t Reg, x uint64) {
	if !a.check(op, formLiteral, t) {
		return
	}
	l, ok := a.entries[x]
	if !ok {
		if a.entries == nil {
			a.entries = map[uint64]Label{}
		}
		l = a.NewLabel()
		a.entries[x] = l
		a.pool = append(a.pool, x)
	}
	a.refer(op, uint32(t), l)
}

// Pool puts the constants here that were asked for since the last one. An entry may
// come to stand at an odd word when a branch before it grows; loads allow that.
func (a *Assembler) Pool() {
	if len(a.pool) > 0 && len(a.words)%2 != 0 {
		a.words = append(a.words, 0) // UDF: nobody gets here
	}
	for _, x := range a.pool {
		a.Bind(a.entries[x])
		a.words = append(a.words, uint32(x), uint32(x>>32))
	}
	a.pool = a.pool[:0]
	clear(a.entries)
}

// reaches are how far the instructions go that refer to a label: less than that many
// words in front, and as many back.
var reaches = [...]int32{
	formJump:       1 << 25,
	formCond:       1 << 18,
	formCompareJmp: 1 << 18,
	formLiteral:    1 << 18,
	formAddress:    1 << 18,
	formTestJump:   1 << 13,
}

func (b *branch) reaches(distance int32) bool {
	return -reaches[b.form] <= distance && distance < reaches[b.form]
}

// Finish places the pool if that is not done, makes all branches reach what they refer
// to and returns the machine code. A branch that is too far for its form takes two
// instructions: the inverse branch, over a B. After Finish, Offset says where labels
// are. There is an error if an instruction had operands that it can't have, a label is
// not bound, or something is too far (ErrTooFar).
func (a *Assembler) Finish() ([]byte, error) {
	a.Pool()
	for _, b := range a.branches {
		if a.labels[b.label] < 0 {
			a.fail("label %d, which instruction %d refers to, is not bound", b.label, b.at)
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	a.grow()
	for i := range a.branches {
		if err := a.resolve(&a.branches[i]); err != nil {
			return nil, err
		}
	}
	code := make([]byte, 4*len(a.words))
	for i, w := range a.words {
		binary.LittleEndian.PutUint32(code[4*i:], w)
	}
	return code, nil
}

// Offset returns where the label l is in the code of Finish, in bytes.
func (a *Assembler) Offset(l Label) int { return 4 * int(a.labels[l]) }

// grow makes room behind the branches that don't reach their labels. That moves the
// code behind them, so that others may not reach theirs any more.
func (a *Assembler) grow() {
	if len(a.words) <= int(reaches[formTestJump]) {
		return // nothing can be too far
	}
	var moved []int32 // by index of a word: where it goes
	for a.mark(moved) {
		moved = a.layout(moved)
	}
	if moved == nil {
		return
	}
	words := make([]uint32, moved[len(a.words)])
	for i, w := range a.words {
		words[moved[i]] = w
	}
	for i := range a.branches {
		b := &a.branches[i]
		b.at = moved[b.at]
		if b.grown {
			words[b.at] = invert(words[b.at], b.form) | 2<<5 // over the next instruction
			b.at, b.form = b.at+1, formJump
			words[b.at] = ops[B].word
		}
	}
	for l, at := range a.labels {
		if at >= 0 {
			a.labels[l] = moved[at]
		}
	}
	a.words = words
}

// mark marks the branches that don't reach their labels in the given layout, and
// reports whether there are new ones.
func (a *Assembler) mark(moved []int32) (found bool) {
	for i := range a.branches {
		b := &a.branches[i]
		if b.grown || b.form == formJump || b.form == formLiteral || b.form == formAddress {
			continue
		}
		from, to := b.at, a.labels[b.label]
		if moved != nil {
			from, to = moved[from], moved[to]
		}
		if !b.reaches(to - from) {
			b.grown, found = true, true
		}
	}
	return found
}

// layout returns where each word goes, and the end, when each branch that is marked
// has a word more. It overwrites moved.
func (a *Assembler) layout(moved []int32) []int32 {
	if moved == nil {
		moved = make([]int32, len(a.words)+1)
	}
	next, more := 0, int32(0)
	for i := range moved {
		moved[i] = int32(i) + more
		for next < len(a.branches) && a.branches[next].at == int32(i) {
			if a.branches[next].grown {
				more++
			}
			next++
		}
	}
	return moved
}

// invert returns a conditional branch with the other condition, and no target.
func invert(word uint32, f form) uint32 {
	if f == formCond {
		return word ^ 1
	}
	return word ^ 1<<24
}

// resolve writes how far b goes into its instruction.
func (a *Assembler) resolve(b *branch) error {
	d := a.labels[b.label] - b.at
	if !b.reaches(d) {
		return fmt.Errorf("%w: %d bytes from instruction %d", ErrTooFar, 4*d, b.at)
	}
	w := &a.words[b.at]
	switch b.form {
	case formJump:
		*w |= uint32(d) & (1<<26 - 1)
	case formTestJump:
		*w |= uint32(d) & (1<<14 - 1) << 5
	default: // of ADR, too: the two lowest bits of its distance, which are 0, are elsewhere
		*w |= uint32(d) & (1<<19 - 1) << 5
	}
	return nil
}
