package backend

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	ir "metatrace/chapters/01-ir"
)

// A Listing is a trace beside the machine code that was made of it, for people:
//
//	i5 = int_lt(i3, i4)                                               │    │
//	guard_true(i5)  → exit 3         0026  cmp rbx, rsi               │    │
//	                                 0029  jge exit 3                 │    ╵
//	i6 = int_add(i3, 1)              002f  lea rdi, [rbx+0x1]         ╵         i6
//
// On the right there is a column for each register: a name where a value gets into
// it, a line as long as somebody will want it, and the end of the line where it is
// wanted for the last time.
type Listing struct {
	Machine Machine
	Trace   *ir.Trace // the one that was lowered
	*Allocation
	*Assembly
}

// The widths of the columns. With the columns of the registers there are 120, or an
// operation gets a line of its own above its code.
const (
	opWidth   = 43
	codeWidth = 43
	allWidth  = 120
)

// Write writes the listing.
func (l Listing) Write(w io.Writer) error {
	p := &lister{Listing: l, names: l.Trace.Names(), objects: l.objects()}
	p.chart = newChart(l.Machine, l.Allocation)
	p.stacked = opWidth+codeWidth+p.chart.width(p.value) > allWidth
	p.findTargets()
	p.summary()
	p.steps()
	p.parts()
	_, err := io.WriteString(w, p.out.String())
	return err
}

// lister is the state of writing a Listing.
type lister struct {
	Listing
	out     strings.Builder
	names   func(*ir.Op) string
	objects map[uint64]string // by address
	chart   *chart
	stacked bool           // an operation stands above its code
	targets map[int]string // what jumps to an offset of the code are called
	far     map[int]string // by offset of a jump to another trace: that one's name
	patches map[int]string // by offset of a place that is overwritten: what with
	exits   map[*ir.Op][]*Exit
	step    int // the next one
}

// objects returns what the trace calls the objects that it knows, by their address.
func (l Listing) objects() map[uint64]string {
	names := map[uint64]string{}
	for _, op := range l.Trace.Ops {
		for _, a := range op.Args {
			if a.Code == ir.OpConstPtr && a.Name != nil && a.Name.Addr != 0 {
				names[a.Name.Addr] = a.String()
			}
		}
	}
	return names
}

// findTargets gives names to the places that code jumps to.
func (p *lister) findTargets() {
	p.targets, p.exits = map[int]string{}, map[*ir.Op][]*Exit{}
	p.far, p.patches = map[int]string{}, map[int]string{}
	for _, r := range p.Relocs {
		p.far[r.At] = r.To.Name
	}
	for _, place := range p.Patches {
		p.patches[place.At] = fmt.Sprintf("jmp exit %d, once invalid", place.Exit.Number)
	}
	for _, x := range p.Exits {
		p.targets[p.Stubs[x.Number]] = fmt.Sprintf("exit %d", x.Number)
		if x.Op != nil && x.Kind != ExitPoll {
			p.exits[x.Op] = append(p.exits[x.Op], x)
		}
	}
	if p.Label >= 0 {
		code := p.code(p.Starts[p.Label], p.Starts[p.Label+1])
		p.targets[p.Starts[p.Label]+code.padding] = "loop"
	}
}

func (p *lister) summary() {
	fmt.Fprintf(&p.out, "# %s: %d bytes of code", p.Machine.Name(), len(p.Code))
	if last := len(p.Insts) - 1; p.Label >= 0 && p.Insts[last].Code == Jump {
		n := 0
		for i := p.Label + 1; i < len(p.Steps); i++ {
			n += len(p.code(p.Starts[i], p.Starts[i+1]).lines)
		}
		fmt.Fprintf(&p.out, ", %d instructions in the loop", n)
	}
	arrived := 0
	for i := range p.Inputs {
		if at := p.Place(i); at.Kind == InSlot {
			arrived = max(arrived, int(at.N)+1)
		}
	}
	if spilled := p.Slots - arrived; spilled > 0 {
		fmt.Fprintf(&p.out, ", slots for spills: %d", spilled)
	}
	p.out.WriteString("\n\n")
}

// value returns the name of a value: the one that it has in the trace, or t7 for what
// lowering has added.
func (p *lister) value(v Value) string {
	switch info := p.Values[v]; {
	case info.Const && info.Class == Int && p.objects[info.Bits] != "":
		return p.objects[info.Bits]
	case info.Const:
		return p.ValueName(v)
	case info.Op != nil:
		return p.names(info.Op)
	}
	return fmt.Sprintf("t%d", v)
}

// steps writes the operations, each with the code that was made for it.
func (p *lister) steps() {
	p.row("", "", p.chart.title())
	var places []string
	for i, v := range p.Inputs {
		places = append(places, fmt.Sprintf("%s in %s", p.value(v), p.chart.name(p.Place(i))))
	}
	inputs, _, _ := strings.Cut(p.Trace.Format(p.names), "\n")
	p.row(inputs, "", "")
	p.list("arrives: ", places)
	p.start()
	p.group("", nil)
	for _, in := range p.Trace.Inputs { // which may be the same value as another one
		p.group("", in)
	}
	for _, op := range p.Trace.Ops {
		p.group(p.operation(op), op)
	}
	for p.step < len(p.Steps) { // there should be none
		p.group("", p.Steps[p.step].Inst.Op)
	}
}

// start writes the code in front of the first operation.
func (p *lister) start() {
	if len(p.Loads) > 0 {
		p.row("    from Go:", "", "")
		p.lines(0, p.Start)
	}
	if p.Places == nil {
		return
	}
	var stores []string
	for _, m := range p.Enter {
		v, known := p.chart.before(0, m.Dst)
		stores = append(stores, p.move(m, v, known))
	}
	code := p.code(p.Start, p.Starts[0]).lines
	for k := range max(len(stores), len(code), 1) {
		p.row(at(stores, k), at(code, k), p.chart.arrival(k == 0, p.value))
	}
}

// operation returns the text of op. Of what it does when it is left, the number of
// the exit says enough here.
func (p *lister) operation(op *ir.Op) string {
	inline := *op
	inline.Exit = nil
	text := inline.Format(func(v *ir.Op) string {
		if v == &inline {
			v = op
		}
		return p.names(v)
	})
	for i, x := range p.exits[op] {
		switch {
		case x.Kind == ExitCall || x.Kind == ExitReturn: // inline
		case i == 0:
			text += fmt.Sprintf("  → exit %d", x.Number)
		default:
			text += fmt.Sprintf(", %d", x.Number)
		}
	}
	return text
}

// group writes the next steps, as far as they were made for op.
func (p *lister) group(text string, op *ir.Op) {
	for p.wants(op) {
		i := p.step
		p.step++
		before, after := p.moves(&p.Steps[i])
		left, right := before, p.code(p.Starts[i], p.Starts[i+1]).lines
		if alone := len(before) == 0 && (!p.stacked || i == p.Label); alone && text != "" {
			left = []string{text}
		} else if text != "" {
			p.row(text, "", p.chart.row(i, len(left)+len(right)+len(after) == 0, p.value))
		}
		text = ""
		for len(left)+len(after) < len(right) {
			left = append(left, "")
		}
		left = append(left, after...)
		n := max(len(left), len(right))
		if i == p.Label {
			n = max(n, 1)
		}
		for k := range n {
			p.row(at(left, k), at(right, k), p.chart.row(i, k == n-1, p.value))
		}
	}
	if text != "" {
		p.row(text, "", p.chart.between(p.step))
	}
}

func (p *lister) wants(op *ir.Op) bool { return p.step < len(p.Steps) && p.Steps[p.step].Inst.Op == op }

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// moves says what a step moves in front of its instruction, and behind it.
func (p *lister) moves(s *Step) (before, after []string) {
	for _, m := range s.Before {
		v, known := p.chart.before(p.step-1, m.Src)
		before = append(before, p.move(m, v, known))
	}
	for _, m := range s.After {
		v, known := p.chart.before(p.step, m.Dst)
		after = append(after, p.move(m, v, known))
	}
	return before, after
}

// move says what a move does; v is the value that it moves, if that is known.
func (p *lister) move(m Move, v Value, known bool) string {
	dst, src := p.chart.name(m.Dst), p.chart.name(m.Src)
	switch {
	case m.Src.Kind == IsConst:
		return fmt.Sprintf("  %s → %s", p.value(Value(m.Src.N)), dst)
	case !known:
		return fmt.Sprintf("  %s → %s", src, dst)
	case m.Dst.Kind == InSlot:
		return fmt.Sprintf("  spill %s: %s → %s", p.value(v), src, dst)
	}
	return fmt.Sprintf("  %s: %s → %s", p.value(v), src, dst)
}

// row writes a line.
func (p *lister) row(op, code, chart string) {
	width := opWidth
	if p.stacked {
		width = 4
	}
	switch n := utf8.RuneCountInString(op); {
	case n < width:
	case code == "" && n < width+codeWidth:
		fmt.Fprintf(&p.out, "%s\n", strings.TrimRight(fmt.Sprintf("%-*s%s", width+codeWidth, op, chart), " "))
		return
	default:
		p.out.WriteString(op + "\n")
		if op = ""; code == "" {
			return
		}
	}
	line := fmt.Sprintf("%-*s%-*s%s", width, op, codeWidth, code, chart)
	p.out.WriteString(strings.TrimRight(line, " ") + "\n")
}

// list writes texts with commas, in lines that are not too long.
func (p *lister) list(before string, texts []string) {
	line := "    " + before
	for i, text := range texts {
		if i+1 < len(texts) {
			text += ","
		}
		if len(line)+1+len(text) > allWidth {
			p.out.WriteString(line + "\n")
			line = "     "
		}
		line += " " + text
	}
	if len(texts) > 0 {
		p.out.WriteString(strings.Replace(line, ":  ", ": ", 1) + "\n")
	}
}

// part is a part of the code behind the steps.
type part struct {
	at    int
	write func(from, to int)
}

// parts writes what stands behind the steps: exits, rare cases, constants.
func (p *lister) parts() {
	var all []part
	behind := p.Starts[len(p.Steps)]
	if p.Rare > 0 {
		all = append(all, part{p.Rare, func(from, to int) { p.block("rare cases of the code above", from, to) }})
	}
	if p.Pool > 0 {
		all = append(all, part{p.Pool, p.pool})
	}
	for _, x := range p.Exits {
		if p.Stubs[x.Number] >= behind { // else it is in line, or nobody takes it
			all = append(all, part{p.Stubs[x.Number], func(from, to int) { p.exit(x, from, to) }})
		}
	}
	slices.SortStableFunc(all, func(a, b part) int { return cmp.Compare(a.at, b.at) })
	for i, part := range all {
		end := len(p.Code)
		if i+1 < len(all) {
			end = all[i+1].at
		}
		if end = min(end, len(p.Code)); part.at < end {
			part.write(part.at, end)
		}
	}
}

// exit writes the stub of an exit: what it is for, where its values are, its code.
func (p *lister) exit(x *Exit, from, to int) {
	fmt.Fprintf(&p.out, "\nexit %d", x.Number)
	op := "?"
	if x.Op != nil {
		op = x.Op.Format(p.names)
	}
	switch x.Kind {
	case ExitGuard, ExitFinish:
		p.out.WriteString(": " + op + "\n")
	case ExitInvoke:
		p.out.WriteString(": " + op + "\n    instead of " + x.call.Format(p.names) + "\n")
	case ExitAlloc:
		p.out.WriteString(", if there is no room: " + op + "\n")
	case ExitAsk:
		p.out.WriteString(", for tests: shall this guard fail? " + op + "\n")
	case ExitPoll:
		p.out.WriteString(": somebody wants the processor\n")
	}
	var places []string
	for i, v := range x.Values {
		if i < len(x.Locs) && x.Locs[i].Kind != IsConst {
			places = append(places, p.value(v)+" in "+p.chart.name(x.Locs[i]))
		}
	}
	p.list("finds: ", places)
	p.lines(from, to)
}

func (p *lister) block(title string, from, to int) {
	if len(p.code(from, to).lines) > 0 {
		fmt.Fprintf(&p.out, "\n%s\n", title)
		p.lines(from, to)
	}
}

func (p *lister) lines(from, to int) {
	for _, line := range p.code(from, to).lines {
		p.out.WriteString("    " + line + "\n")
	}
}
