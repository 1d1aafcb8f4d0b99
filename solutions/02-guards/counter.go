package guardssolution

import (
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
)

// Rearm sets c.Left, the visits until the loop header calls again, after a
// recording that started there. If it was closed, there is a trace to enter now,
// at every visit: 1. If not, c.Aborts goes up by one, and the next try comes
// after threshold visits, doubled for every abort so far; after MaxAborts of
// them it comes Never.
//
// For example, with threshold 100 the aborts lead to 200, 400, 800, Never.
func Rearm(c *machine.Counter, threshold int, closed bool) {
	if closed {
		c.Left = 1
		return
	}
	c.Aborts++
	c.Left = guards.Never
	if c.Aborts < guards.MaxAborts {
		c.Left = threshold << c.Aborts
	}
}
