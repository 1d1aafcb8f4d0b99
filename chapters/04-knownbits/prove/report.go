package prove

import (
	"fmt"
	"math"

	"metatrace/internal/exercise"
)

// A Report says how a function did.
type Report struct {
	Pairs  int    // of abstract values that were tried
	Loose  int    // of them have a smaller answer than the function's
	Lost   string // the smallest pair for which a number is lost; "" if the function is sound
	Looser string // the smallest pair that has a smaller answer; "" if all answers are the best possible

	lost, looser int     // what the examples cost: as many numbers as stand in them
	excess       float64 // the sum of the logarithms of answer / best answer
}

// Sound reports whether no number was lost.
func (r *Report) Sound() bool { return r.Lost == "" }

// Best reports whether all answers are the best possible.
func (r *Report) Best() bool { return r.Sound() && r.Loose == 0 }

// Factor says by how much the answers that are not the best are too large: how
// many times as many numbers they allow, in the geometric mean.
func (r *Report) Factor() float64 { return math.Exp2(r.excess / math.Max(1, float64(r.Loose))) }

// String returns the report as a cell of a table.
func (r *Report) String() string {
	switch {
	case !r.Sound():
		return "UNSOUND"
	case r.Best():
		return "yes"
	}
	return fmt.Sprintf("%.2g%% are %.2gx", 100*float64(r.Loose)/float64(r.Pairs), r.Factor())
}

// loses keeps the cheapest example of a number that is lost.
func (r *Report) loses(cost int, text func() string) {
	if r.Lost == "" || cost < r.lost {
		r.Lost, r.lost = text(), cost
	}
}

// isLoose counts an answer that is factor times as large as the best, and keeps
// the cheapest example.
func (r *Report) isLoose(cost int, factor float64, text func() string) {
	r.Loose++
	r.excess += math.Log2(math.Max(1, factor))
	if r.Looser == "" || cost < r.looser {
		r.Looser, r.looser = text(), cost
	}
}

// Sound fails the test if r says that a number was lost.
func Sound(t exercise.TB, r *Report) {
	t.Helper()
	if !r.Sound() {
		t.Errorf("%s", r.Lost)
	}
}

// Best fails the test if r says that a number was lost, or that the answers are
// not always the best possible.
func Best(t exercise.TB, r *Report) {
	t.Helper()
	if Sound(t, r); r.Sound() && !r.Best() {
		t.Errorf("%s", r.Looser)
	}
}
