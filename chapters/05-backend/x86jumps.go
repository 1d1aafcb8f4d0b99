package backend

import "metatrace/chapters/05-backend/amd64"

// Jumps says how to leave depending on a comparison of the floats a and b on amd64:
// compare with UCOMISD, then jump.
//
//	NaNNothing   Jcc exit
//	NaNLeaves    Jcc exit; JP exit
//	NaNStays     JP over; Jcc exit; over:
type Jumps struct {
	Swap  bool     // compare b with a, instead of a with b
	Leave amd64.CC // the condition of the jump to the exit
	NaN   NaNJump
}

// NaNJump says what else has to be done because a or b may be NaN.
type NaNJump uint8

// The choices.
const (
	NaNNothing NaNJump = iota // the jump does the right thing for NaN as it is
	NaNLeaves                 // leave for NaN, too
	NaNStays                  // don't leave for NaN, although the condition of the jump holds
)
