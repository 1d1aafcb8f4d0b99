package knownbits

import ir "metatrace/chapters/01-ir"

// Conditions are what the rules of this chapter may ask, for the tests of the rules.
var Conditions = conditions

// Quotient and Remainder say what is known of the result of a division.
var (
	Quotient  = (*Kit).quotient
	Remainder = (*Kit).remainder
)

// FactsOf returns what a Condition may be asked about, and the values to ask about:
// values[i] is one of known[i].
func FactsOf(kit *Kit, known ...Known) (facts any, values []*ir.Op) {
	for i := range known {
		values = append(values, &ir.Op{Code: ir.OpInput, Type: ir.Int, ID: int32(i)})
	}
	return &boundsPass{kit: kit, o: &ir.Optimizer{}, known: known}, values
}
