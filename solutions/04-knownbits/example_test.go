package knownbitssolution_test

import (
	"fmt"

	knownbits "metatrace/chapters/04-knownbits"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

func ExampleFindUnsound() {
	c, _ := knownbitssolution.FindUnsound(knownbits.Suspects)
	fmt.Printf("%s: a = %v, b = %v, x = %d, y = %d\n", c.Name, c.A, c.B, c.X, c.Y)
	// Output:
	// x without its lowest one: a = …01?, b = …0, x = 3, y = 0
}
