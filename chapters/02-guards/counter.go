package guards

import (
	"math"

	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/exercise"
)

// MaxAborts is how often a recording may start at a loop header and come to
// nothing before nobody tries again.
const MaxAborts = 4

// Never is a number of visits that no loop header gets to.
const Never = math.MaxInt

// Rearm sets c.Left, the visits until the loop header calls again, after a
// recording that started there. If it was closed, there is a trace to enter now,
// at every visit: 1. If not, c.Aborts goes up by one, and the next try comes
// after threshold visits, doubled for every abort so far; after MaxAborts of
// them it comes Never.
//
// For example, with threshold 100 the aborts lead to 200, 400, 800, Never.
func Rearm(c *machine.Counter, threshold int, closed bool) {
	panic(exercise.TODO)
}
