//go:build linux || darwin

#include "textflag.h"

// func syncCaches(written, executed, size uintptr)
//
// Instructions are fetched through another cache than the one that the stores went
// to: clean the one, and drop what the other has. Both are found by address, hence
// each through its own view (Arm Architecture Reference Manual, B2.4.4).
TEXT ·syncCaches(SB), NOSPLIT, $0-24
	MOVD written+0(FP), R0
	MOVD executed+8(FP), R1
	MOVD size+16(FP), R2
	CBZ  R2, synced
	ADD  R2, R0, R6    // end of what was written
	ADD  R2, R1, R7    // end of what is executed

#ifdef GOOS_darwin
	// macOS does not promise that a process may read CTR_EL0; 64 bytes are the
	// shortest line of these machines.
	MOVD $64, R4
	MOVD $64, R5
	MOVD $0, R3
#else
	MRS  CTR_EL0, R3
	MOVD $4, R8
	UBFX $16, R3, $4, R4
	LSL  R4, R8, R4    // bytes of the shortest data line
	UBFX $0, R3, $4, R5
	LSL  R5, R8, R5    // bytes of the shortest instruction line
#endif

	TBNZ $28, R3, cleaned // stores need no cleaning here
	SUB  $1, R4, R8
	BIC  R8, R0, R0

clean:
	WORD $0xd50b7b20 // DC CVAU, R0
	ADD  R4, R0, R0
	CMP  R6, R0
	BLO  clean

cleaned:
	DSB  $11 // ISH
	TBNZ $29, R3, dropped // fetches see the stores here
	SUB  $1, R5, R8
	BIC  R8, R1, R1

drop:
	WORD $0xd50b7521 // IC IVAU, R1
	ADD  R5, R1, R1
	CMP  R7, R1
	BLO  drop

dropped:
	DSB  $11 // ISH
	ISB  $15

synced:
	RET
