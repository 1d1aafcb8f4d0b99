package course

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	backend "metatrace/chapters/05-backend"
	bridges "metatrace/chapters/06-bridges"
)

// The engines that can execute a guest program: the values of run -jit.
const (
	Off      = "off"      // the interpreter, and nothing else
	Portable = "portable" // traces by a loop in Go
	Native   = "native"   // traces by machine code
)

// Engines returns those that this machine has.
func Engines() []string {
	engines := []string{Off, Portable}
	if NativeAvailable() == nil {
		engines = append(engines, Native)
	}
	return engines
}

// Best returns the quickest engine that this machine has.
func Best() string {
	engines := Engines()
	return engines[len(engines)-1]
}

// NativeAvailable returns nil if this machine can run machine code that we make,
// and else why not.
func NativeAvailable() error { return backend.Available() }

// Options returns what makes a guards.Driver execute programs by an engine, with
// default thresholds, and traces optimized by chain. It is an error if this machine
// does not have the engine.
func (k *Kits) Options(engine string, chain ir.Chain) (guards.Options, error) {
	opt := guards.Options{Kit: &k.Guards, Chain: chain, Materialize: k.Virtuals.Materialize, JIT: engine != Off}
	if engine != Native {
		return opt, nil
	}
	opt.Executor = k.Backend.Native(backend.DefaultCodeLimit)
	return opt, NativeAvailable()
}

// Bridged returns opt for the engine of chapter 6, in the place of the driver of chapter
// 2, which compiles loops only. Of engine, the Kits are filled in here.
func (k *Kits) Bridged(opt guards.Options, engine bridges.Options) guards.Options {
	engine.Kit, engine.Virtuals = &k.Bridges, &k.Virtuals
	opt.Runner = bridges.Runner(engine)
	return opt
}
