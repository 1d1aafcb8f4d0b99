package prove

import "math"

// A place is where a small number stands in a 64-bit word: it stands for the
// 2^width numbers base, base+1<<shift, base+2<<shift, ...
type place struct {
	base  int64
	shift uint
	width int
}

// top is the w-bit machine: the numbers are the top bits of a word, and all
// below is 0. They wrap, overflow and compare as 64-bit numbers do.
func top(w int) place { return place{math.MinInt64, 64 - uint(w), w} }

// low are the numbers from -2^(w-1) to 2^(w-1)-1: far away from any overflow.
func low(w int) place { return place{-1 << (w - 1), 0, w} }

// plain are the numbers from 0 to 2^w-1: counts, and bits at the right end.
func plain(w int) place { return place{0, 0, w} }

// first and last are the least and the greatest numbers there are.
func first(w int) place { return place{math.MinInt64, 0, w} }
func last(w int) place  { return place{math.MaxInt64 - (1<<w - 1), 0, w} }

// around are signed numbers whose w bits begin at a bit.
func around(w int, bit uint) place { return place{-1 << (uint(w-1) + bit), bit, w} }

// numbers returns the numbers of the place, the least first.
func (p place) numbers() []int64 {
	list := make([]int64, 1<<p.width)
	for i := range list {
		list[i] = p.base + int64(i)<<p.shift
	}
	return list
}
