// Package backend makes machine code of optimized traces, for x86-64 and arm64, and
// runs it.
//
//	ir.Trace ──Lower──▶ Lowered ──Allocate──▶ Allocation ──Emit──▶ Assembly
//	operations          instructions          with registers       bytes
//	                                                                 │
//	             interpreter ◀──Run: exits, snapshots──▶ native.Memory, executable
//
// Given are lowering (lower.go and its neighbours: what one operation needs of
// another is settled there), the walk of the allocator (regalloc.go), the selection
// of instructions (x86*.go, arm*.go), the assemblers (packages amd64 and arm64),
// the running of the code (run.go, exec.go, package native), and the listing.
//
// Yours (Kit): the bytes that say where the operands of an instruction are, which
// jumps leave a trace, arm64's logical immediates, how long values live, which
// register a value gets and which one has to go, moves that happen at once, and
// what an exit saves.
package backend
