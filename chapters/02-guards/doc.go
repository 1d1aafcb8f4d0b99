// Package guards is chapter 2: an interpreter whose hot loops become traces. A
// trace is recorded by the interpreter itself, is good for the one way that the
// program went, and says so in guards; where a guard fails, the interpreter goes
// on from the state that the guard's snapshot describes.
//
//	machine/   what the interpreter runs on: frames, plain words     given
//	recorder/  the same names; writes down what it does              given
//	tiny/      a guest language, its interpreter compiled twice      given
//	driver.go  hot loop -> recorder -> optimizer -> executor         given
//	exec.go    runs a trace; decode.go prepares it, exit.go leaves   given
//	run.go     goes from trace to trace; connect.go connects them    given
//	pass.go    the pass "guards" of the optimizer                    given
//	kit.go     the list of what is yours: decide.go, snapshot.go,
//	           counter.go, implied.go, learn.go, order.go, merge.go
//
// The README tells the story. Start there.
package guards
