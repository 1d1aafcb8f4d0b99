package knownbits

// Conditions are what the rules of this chapter may ask, for the tests of the rules.
var Conditions = conditions

// Quotient and Remainder say what is known of the result of a division.
var (
	Quotient  = (*Kit).quotient
	Remainder = (*Kit).remainder
)
