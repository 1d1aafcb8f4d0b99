// Package backend makes machine code of optimized traces, for x86-64 and arm64, and
// runs it.
//
//	ir.Trace ──Lower──▶ Lowered ──Allocate──▶ Allocation ──Emit──▶ Assembly
//	operations          instructions          with registers       bytes
//	                                                                 │
//	             interpreter ◀──Run: exits, snapshots──▶ native.Memory, executable
//
// Given are:
//   - lowering: lower.go and its neighbours settle what one operation needs of another.
//   - the walk of the allocator: regalloc.go begins with a page about it.
//   - the selection of instructions, x86*.go and arm*.go. x86int.go has the small
//     tricks (LEA for three operands, XOR for 0); x86div.go divides by constants with
//     a multiplication (Granlund and Montgomery, "Division by Invariant Integers using
//     Multiplication", PLDI 1994), and does the least number by -1 behind the exits,
//     since IDIV faults there.
//   - the assemblers, packages amd64 and arm64. A jump to an exit is emitted before
//     anybody knows where the exit will be; label.go of either fills it in.
//   - the running of the code, run.go and exec.go, and package native, which makes a Go
//     error of a wild access (fault.go) and has a test for each trap of machine code
//     in a Go process (trap_test.go).
//   - the listing, list*.go.
//
// Yours (Kit): the bytes that say where the operands of an instruction are, which
// jumps leave a trace, arm64's logical immediates, how long values live, which
// register a value gets and which one has to go, moves that happen at once, and
// what an exit saves.
package backend
