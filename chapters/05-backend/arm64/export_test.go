package arm64

// BindAt puts a label at an instruction that needs not be there.
func (a *Assembler) BindAt(l Label, at int32) { a.labels[l] = at }
