//go:build linux || darwin

#include "textflag.h"
#include "funcdata.h"

// func Enter(code, ctx uintptr)
//
// Not NOSPLIT: the prologue is what takes the preemption that made the code leave.
// The frame holds nothing. It is there so that R29, R30 and its size are known to
// the unwinder while the code runs, and so that the prologue has made sure of some
// room for what a signal puts on this stack.
TEXT ·Enter(SB), 0, $256-16
	NO_LOCAL_POINTERS
	MOVD code+0(FP), R16
	MOVD ctx+8(FP), R26
	ISB  $15 // this core may have fetched what was here before the code
	CALL (R16)
	RET

// func watchGuard(offset, rounds uintptr) uintptr
TEXT ·watchGuard(SB), NOSPLIT, $0-24
	MOVD offset+0(FP), R0
	MOVD rounds+8(FP), R1
	ADD  g, R0, R0
	MOVD $-4096, R3

again:
	MOVD (R0), R2
	CMP  R3, R2
	BHS  done
	SUBS $1, R1, R1
	BNE  again

done:
	MOVD R2, ret+16(FP)
	RET
