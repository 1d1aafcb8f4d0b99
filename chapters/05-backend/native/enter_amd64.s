//go:build linux || darwin

#include "textflag.h"
#include "funcdata.h"

// func Enter(code, ctx uintptr)
//
// Not NOSPLIT: the prologue is what takes the preemption that made the code leave.
// The frame holds nothing. It is there so that its frame pointer and its size are
// known to the unwinder while the code runs, and so that the prologue has made sure
// of some room for what a signal puts on this stack.
TEXT ·Enter(SB), 0, $256-16
	NO_LOCAL_POINTERS
	MOVQ code+0(FP), AX
	MOVQ ctx+8(FP), R15
	MOVQ (TLS), R14 // g, for the poll: ABI0 promises nothing of R14
	CALL AX
	RET

// func watchGuard(offset, rounds uintptr) uintptr
TEXT ·watchGuard(SB), NOSPLIT, $0-24
	MOVQ offset+0(FP), AX
	MOVQ rounds+8(FP), CX
	MOVQ (TLS), DX
	ADDQ AX, DX

again:
	MOVQ (DX), AX
	CMPQ AX, $-4096
	JCC  done
	SUBQ $1, CX
	JNE  again

done:
	MOVQ AX, ret+16(FP)
	RET
