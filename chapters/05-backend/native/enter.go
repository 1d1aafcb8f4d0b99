//go:build (linux || darwin) && (amd64 || arm64)

package native

// Enter runs the machine code at address code until it returns, with ctx, the
// address of a Context, in the context register. The code runs on the goroutine's
// own stack, as if Enter had called it, and has to
//
//   - leave the stack pointer as it is at all times, store nothing on the stack,
//     and call nothing;
//   - leave alone: on amd64 RSP and RBP; on arm64 SP, R18, R28, R29 and R30;
//   - leave alone: MXCSR, FPCR and the direction flag;
//   - poll in each of its loops (GuardOffset), since until it returns Go cannot
//     stop the goroutine, nor begin a collection.
//
// It finds the context in R15 on amd64, in R26 on arm64, and the goroutine's g, for
// the poll, in R14 and R28. All other registers are its own.
//
// What the code has seen of other goroutines, the race detector has not: a word
// that it read because another goroutine stored it atomically, Go has to load once
// more, atomically, before it looks at what was stored before that.
//
//go:noescape
func Enter(code, ctx uintptr)

// watchGuard reads the word at offset bytes from g, for as often as rounds says or
// until it is one of the highest 4096 numbers, where no stack is; it returns what it read
// last. The goroutine cannot be preempted in it.
//
//go:noescape
func watchGuard(offset, rounds uintptr) uintptr
