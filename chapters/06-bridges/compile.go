package bridges

import (
	"errors"
	"fmt"
	"time"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/chapters/05-backend/native"
)

// compileHeader makes the first code of a header: of what was recorded from there on.
func (e *Engine) compileHeader(at place, where string, r *recorder.Recorder) (*Header, error) {
	e.headerCount++
	h := &Header{number: e.headerCount, where: where, code: at.code, n: at.n, pc: at.pc, counter: at.counter,
		cells: map[*machine.Cell]bool{}, used: e.generation, length: len(r.Trace().Ops), recounted: e.toCount[at.counter]}
	t, next := r.Trace(), r.Reached()
	piece := piece{header: h, kind: KindLoop, recorded: t, inlined: r.Deepest, waits: r.Waits()}
	if at.n == machine.FunctionEntry {
		piece.kind = KindFunction
	}
	var err error
	if next == at.counter {
		err = e.compileLoop(piece)
	} else {
		h.template, h.next = t, next
		_, err = e.compileVersion(piece, Generic(len(t.Inputs)))
	}
	if err != nil {
		e.drop(h)
		return nil, err
	}
	h.counter.Trace = h
	e.headers = append(e.headers, h)
	e.watch(h, r.Depends)
	if f := e.functions[h.code]; f != nil && at.n == machine.FunctionEntry {
		e.publish(f, h)
	}
	e.generation++
	e.age()
	return h, nil
}

// piece is what a fragment is made of. A header where it ends is known by its counter as
// long as it need not have code (called next, or waits if it has none); by its Header from
// then on (goes).
type piece struct {
	// What is to be compiled:
	header   *Header
	kind     Kind
	recorded *ir.Trace
	inlined  int              // how many calls deep it was recorded
	waits    *machine.Counter // the header where it ends for want of code there, or nil
	from     *Exit            // of a bridge
	shape    *Shape           // of a version
	version  *version         // that it becomes, of a header
	target   *ir.Target       // of jumps to its start

	// What is known once it is optimized:
	goes *Header // where it jumps to, or nil
	took took

	// Of a loop in two fragments, see loadPeeled:
	whole  *ir.Trace // what recorded was optimized to, before it was split
	number int       // of both; else 0: the next one
	guards int       // of the body: those of the preamble, which are numbered before its own
}

// compileLoop compiles a trace that gets back to its own start. What was peeled off
// becomes the generic version, and what is behind the label a fragment of its own: so that
// other versions can lead there, too.
func (e *Engine) compileLoop(p piece) error {
	h := p.header
	start := time.Now()
	optimized, err := e.optimizeLoop(p.recorded)
	if err != nil {
		return err
	}
	p.took.optimize = time.Since(start)
	generic := &version{shape: Generic(len(p.recorded.Inputs)), target: &ir.Target{Name: h.name()}}
	p.target = generic.target
	h.versions = []*version{generic}
	if optimized.LabelAt() < 0 { // the jump goes to the start
		h.template, h.next = p.recorded, h.counter
		generic.fragment, err = e.load(p, optimized)
		return err
	}
	generic.fragment, err = e.loadPeeled(p, optimized)
	return err
}

// loadPeeled loads a loop in two fragments, and returns the preamble's. They share a
// number, and their guards are numbered through: for who reads of them they are one trace.
// The body is loaded first, since the preamble jumps there, and has to know where that is.
func (e *Engine) loadPeeled(p piece, optimized *ir.Trace) (*Fragment, error) {
	h := p.header
	preamble, loop, target := Split(optimized, h.name()+".body")
	e.fragmentCount++
	p.number, p.whole = e.fragmentCount, optimized
	body := p
	body.kind, body.target, body.guards = KindBody, target, guardsOf(preamble)
	body.took = took{} // to optimize them was one thing, and is told with the preamble
	h.body, h.bridged = &version{target: target}, map[*ir.Op]bool{}
	var err error
	if h.body.fragment, err = e.load(body, loop); err != nil {
		return nil, err
	}
	h.template = preamble
	return e.load(p, preamble)
}

// guardsOf returns how many guards t has.
func guardsOf(t *ir.Trace) (n int) {
	for _, op := range t.Ops {
		if op.Code.Has(ir.Guard) {
			n++
		}
	}
	return n
}

// name is what targets of h are called.
func (h *Header) name() string { return headerName(h.number) }

func headerName(number int) string { return fmt.Sprintf("loop%d", number) }

// optimizeLoop optimizes a loop. Its second iteration may be known to leave it: then
// there is no loop to peel, but the first iteration is as good as any trace.
func (e *Engine) optimizeLoop(t *ir.Trace) (*ir.Trace, error) {
	defer e.optimizing()()
	optimized, err := e.g.Chain.OptimizeLoop(t)
	if errors.Is(err, ir.ErrImpossible) {
		optimized, err = e.g.Chain.Optimize(t)
	}
	return optimized, err
}

// optimizing begins the phase, and returns what ends it.
func (e *Engine) optimizing() func() {
	e.meter.Enter(&e.stats.Optimizing, &e.stats.ObjectsRecording)
	return e.meter.Leave
}

// compileBridge compiles a trace that starts at an exit and attaches it there.
func (e *Engine) compileBridge(x *Exit, t *ir.Trace, next *machine.Counter, r *recorder.Recorder) error {
	h := x.Fragment.header
	p := piece{header: h, kind: KindBridge, recorded: t, from: x}
	if r != nil {
		p.inlined, p.waits = r.Deepest, r.Waits()
	}
	leaves := x.Guard.Exit.Leaves()
	optimized, err := e.optimizeBridge(&p, leaves, next)
	if err != nil {
		return err
	}
	bridge := Case{Any: true}
	if value, ok := decides(x.Guard, leaves, optimized); ok {
		bridge = Case{Value: value}
		optimized.Ops = optimized.Ops[1:]
		optimized.Renumber()
	}
	f, err := e.load(p, optimized)
	if err != nil {
		return err
	}
	bridge.Bridge = f.Program
	if r != nil {
		e.watch(h, r.Depends)
	}
	if err := e.opt.Kit.Attach(x, bridge, e.opt.Kit.Switch); err != nil {
		e.unload(f)
		return err
	}
	if h.body != nil && x.Fragment == h.body.fragment {
		h.bridged[x.Guard] = true
	}
	e.grown(h)
	e.stats.Bridges++
	event := Attached{Place: Place{x.where, h.number}, From: *x.from(), Fragment: f.Number}
	if !bridge.Any {
		value := int64(bridge.Value)
		event.Value = &value
	}
	e.tell(event)
	return nil
}

// optimizeBridge optimizes the bridge p, whose inputs stand for leaves, with what is known
// at the exit where it starts.
func (e *Engine) optimizeBridge(p *piece, leaves []*ir.Op, next *machine.Counter) (*ir.Trace, error) {
	x, recorded := p.from, p.recorded
	if e.g.ForceFail == nil { // else it may have failed although it held
		p.recorded = withAnswer(recorded, x.Guard, leaves)
		defer func() {
			p.recorded = recorded
			recorded.Renumber() // the two share operations, which were numbered for the other one
		}()
	}
	for {
		shared := p.header.shared
		optimized, err := e.optimizeJump(p, next, func(o *ir.Optimizer, inputs []*ir.Op) {
			e.opt.Kit.Assume(o, inputs, leaves, x.Guard.Exit.Facts)
		})
		if err != nil {
			return nil, err
		}
		// A version that was made meanwhile may have turned out to be the loop's body (see
		// share). Who enters it there knows less, so facts were taken from the exits of the
		// body: from x perhaps, and this bridge must not rely on them.
		if p.header.shared == shared {
			e.withoutAnswer(optimized)
			return optimized, nil
		}
	}
}

// decides reports whether a bridge begins with the question which value that has what the
// guard_value before it has found to have another value. Then it is the Switch of the
// exit that asks, once for all bridges.
func decides(guard *ir.Op, leaves []*ir.Op, bridge *ir.Trace) (value uint64, ok bool) {
	first := bridge.Ops[0]
	if guard.Code != ir.GuardValue || first.Code != ir.GuardValue || first.Args[1].Code != ir.OpConstInt {
		return 0, false
	}
	for i, in := range bridge.Inputs {
		if in == first.Args[0] {
			return first.Args[1].Bits, leaves[i] == guard.Args[0]
		}
	}
	return 0, false
}

// link makes the exit x, at which a trace has ended for want of code to go on with, go on
// there now.
func (e *Engine) link(x *Exit) error {
	b := ir.NewBuilder(x.Fragment.Trace.Decls)
	slots := e.opt.Kit.Recreate(b, x.Guard.Exit)
	b.Op(ir.Jump, nil, slots...)
	err := e.compileBridge(x, b.Trace(), x.waits, nil)
	if err != nil && !errors.Is(err, ir.ErrMalformed) {
		why, detail := reasonOf(err)
		e.exitAborted(x, why, detail, len(b.Trace().Ops))
		return nil
	}
	return err
}

// optimizeJump optimizes a trace that does not get back to its own start. If it ends in a
// jump without a descr, that goes to the header of next: which of its versions is decided
// when it is known what is virtual there.
func (e *Engine) optimizeJump(p *piece, next *machine.Counter, assume func(o *ir.Optimizer, inputs []*ir.Op)) (*ir.Trace, error) {
	start := time.Now()
	defer e.optimizing()()
	defer func() { p.took.optimize = time.Since(start) }()
	if err := p.findNext(next); err != nil {
		return nil, err
	}
	optimized, err := e.opt.Virtuals.OptimizeJump(e.g.Chain, p.recorded, virtuals.JumpOptions{Assume: assume,
		Choose: func(values, described []*ir.Op) (*ir.Target, []*ir.Op) {
			return e.choose(p.goes, p.version, &State{values, described})
		}})
	if err == nil {
		if last := optimized.Ops[len(optimized.Ops)-1]; last.Descr == p.target {
			last.Descr = nil // to its own start: a loop
		}
	}
	return optimized, err
}

// findNext sets the header that p jumps to, if it does: that of next.
func (p *piece) findNext(next *machine.Counter) error {
	if next == nil {
		if n := len(p.recorded.Ops); p.recorded.Ops[n-1].Code == ir.Jump {
			p.goes = p.header // from one version's preamble to the body
		}
		return nil
	}
	if h, ok := next.Trace.(*Header); ok {
		p.goes = h
	} else if next == p.header.counter {
		p.goes = p.header // its first code is being made
	} else {
		return failure{Gone, "the header where it ends was freed"}
	}
	return nil
}

// gone returns an error if something was freed that p is connected with.
func (p *piece) gone() error {
	if p.header.freed || p.goes != nil && p.goes.freed || p.from != nil && p.from.Fragment.freed {
		return failure{Gone, "code that it is connected with was freed"}
	}
	return nil
}

// load makes a fragment of an optimized trace.
func (e *Engine) load(p piece, t *ir.Trace) (*Fragment, error) {
	if err := p.gone(); err != nil { // to make a version of another header took its memory
		return nil, err
	}
	start, bytes := time.Now(), e.exec.Counts().Code.Bytes
	options := guards.LoadOptions{Target: p.target, Returns: true, Count: p.header.counted()}
	if p.from != nil {
		options.From = &guards.ExitOf{Program: p.from.Fragment.Program, Guard: p.from.Guard}
	}
	e.meter.Enter(&e.stats.Compiling, &e.stats.ObjectsRecording)
	program, err := e.exec.Load(t, options)
	for errors.Is(err, native.ErrFull) && e.freeOldest(p) {
		program, err = e.exec.Load(t, options)
	}
	e.meter.Leave()
	if err != nil {
		return nil, err
	}
	p.took.compile = time.Since(start)
	if p.number == 0 {
		e.fragmentCount++
		p.number = e.fragmentCount
	}
	f := &Fragment{Number: p.number, Kind: p.kind, exits: p.guards, Program: program, Trace: t, From: p.from,
		header: p.header, goes: p.goes, bytes: e.exec.Counts().Code.Bytes - bytes}
	p.header.fragments = append(p.header.fragments, f)
	e.number(f, &p)
	e.report(f, p)
	return f, nil
}

// number notes the exits of f.
func (e *Engine) number(f *Fragment, p *piece) {
	done, base := p.progressOf()
	for i, op := range f.Trace.Ops {
		switch {
		case op.Code == ir.GuardNotForced:
			e.traceCalls[f.Trace.Ops[i-1]] = traceCall{op, base + done[op.Exit.Resume]}
			f.header.calls = true
			f.calls = append(f.calls, f.Trace.Ops[i-1].Args[0].Name.Func.(*recorder.Function))
		case op.Code.Has(ir.Guard):
			x := &Exit{Fragment: f, Guard: op, Number: f.exits, Left: e.opt.Limits.Eagerness,
				where: e.whereOf(op, f), progress: base + done[op.Exit.Resume]}
			if op.Code == ir.GuardAlwaysFails {
				x.waits, x.Left = p.waits, 1
			}
			e.exits[op] = x
			f.exits++
		}
	}
}

// whereOf returns the place in the source that a guard goes back to.
func (e *Engine) whereOf(guard *ir.Op, f *Fragment) string {
	if s, ok := guard.Exit.Resume.(*machine.Snapshot); ok {
		top := s.Frames[len(s.Frames)-1]
		return e.guest.Position(top.Code, top.PC)
	}
	return f.header.where
}
