package knownbits

// A Suspect is an operation on two numbers, and a function that is said to give
// what is known of its result. It is sound if no result is missing: for every x
// that has the bits a and every y that has the bits b, Bits(a, b) contains
// Concrete(x, y). Sound functions may know too little, never too much.
type Suspect struct {
	Name     string
	Concrete func(x, y uint64) uint64
	Bits     func(a, b Bits) Bits
}

// A Counterexample shows that the Suspect called Name is unsound: X has the bits A,
// Y has the bits B, and what becomes of X and Y is not in what becomes of A and B.
type Counterexample struct {
	Name string
	A, B Bits
	X, Y uint64
}

// Suspects are five transfer functions, as one finds them in compilers. One of them
// is unsound. They look at bits only.
var Suspects = []Suspect{
	{
		Name:     "x and not y",
		Concrete: func(x, y uint64) uint64 { return x &^ y },
		Bits: func(a, b Bits) Bits {
			ones := a.Ones & b.Zeros()
			return Bits{ones, a.May() &^ b.Ones &^ ones}
		},
	},
	{
		Name:     "the lowest one of x",
		Concrete: func(x, _ uint64) uint64 { return x & -x },
		Bits: func(a, _ Bits) Bits {
			// It is the lowest bit that may be 1, or a higher one, up to the lowest
			// that is 1 for certain.
			first := a.Ones & -a.Ones
			if may := a.May() & -a.May(); may == first {
				return Bits{Ones: first}
			}
			return Bits{Unk: a.May() & (first | (first - 1))}
		},
	},
	{
		Name:     "x without its lowest one",
		Concrete: func(x, _ uint64) uint64 { return x & (x - 1) },
		Bits: func(a, _ Bits) Bits {
			// The lowest one goes; what stands to the left of it stays as it is.
			first := a.Ones & -a.Ones
			return Bits{a.Ones &^ first, a.Unk}
		},
	},
	{
		Name:     "x where y is 1, 0 elsewhere, turned round",
		Concrete: func(x, y uint64) uint64 { return ^(x & y) },
		Bits: func(a, b Bits) Bits {
			may := a.May() & b.May()
			return Bits{^may, may &^ (a.Ones & b.Ones)}
		},
	},
	{
		Name:     "the bits in which x and y agree",
		Concrete: func(x, y uint64) uint64 { return ^(x ^ y) },
		Bits: func(a, b Bits) Bits {
			unk := a.Unk | b.Unk
			return Bits{^(a.Ones ^ b.Ones) &^ unk, unk}
		},
	},
}
