package bench

import "math/bits"

// The checked operations of the twins, as a Go programmer writes them who wants to
// know of an overflow: sign tests, and for products a look at how long the factors
// are. The compiler inlines them (TestChecksAreInlined). In tiny a result that does
// not fit becomes a float; no program of ours gets there.

func add(a, b int64) int64 {
	c := a + b
	if (a^c)&(b^c) < 0 { // a and b have one sign, and c the other
		overflow()
	}
	return c
}

func sub(a, b int64) int64 {
	c := a - b
	if (a^b)&(a^c) < 0 {
		overflow()
	}
	return c
}

func mul(a, b int64) int64 {
	if int64(int32(a)) != a || int64(int32(b)) != b {
		return mulLong(a, b)
	}
	return a * b
}

// mulLong multiplies what may not fit, and looks at the high half of the product.
//
//go:noinline
func mulLong(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	high := int64(hi) - a>>63&b - b>>63&a // of the signed product
	if high != int64(lo)>>63 {
		overflow()
	}
	return int64(lo)
}

//go:noinline
func overflow() { panic("integer overflow") }
