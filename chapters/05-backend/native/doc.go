// Package native runs machine code inside a Go process, without cgo: it owns the
// memory that code lies in, the way in and out, and what to do when code faults.
// It does not know what the code is for; package backend makes it.
//
//	Go                      machine code                 Go's heap: never touched
//	Memory.Add(code)  --->  a Region, executable
//	Enter(addr, ctx)  --->  runs on the goroutine's own
//	                        stack, without moving SP
//	ctx.Exit, Saved,  <---  stores registers and the
//	Slot: what is where     number of the exit in the
//	                        Context, and returns
//
// Compiled code never calls Go. To get something done it stores what lives in the
// Context, with the address to go on at, and returns; Go does the work and enters
// again at ctx.Resume(). Every loop polls the mark with which the runtime says that
// it wants the goroutine to stop (GuardOffset, Preempt), and exits when it is set:
// the next Go function's prologue does the rest.
//
// Enter says which registers the code must leave alone. Where machine code cannot
// be run, Supported says why, and all that makes something returns that error.
package native
