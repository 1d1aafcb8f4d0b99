// Package course puts the chapters together: it is the one place under
// internal that knows them. Its test holds every chapter to what
// CHAPTER_TEMPLATE.md promises a reader.
package course

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	virtuals "metatrace/chapters/03-virtuals"
	knownbits "metatrace/chapters/04-knownbits"
	backend "metatrace/chapters/05-backend"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
	backendsolution "metatrace/solutions/05-backend"
	bridgessolution "metatrace/solutions/06-bridges"
)

// Chapters lists the chapters in the order in which they are read. A new
// chapter adds itself here, and its Kit to Kits.
func Chapters() []exercise.Chapter {
	return []exercise.Chapter{
		{
			Number: 1, Name: "01-ir", Title: "Traces", Package: "ir",
			Exercises: ir.Exercises, Yours: ir.Yours, Solution: irsolution.Kit,
		},
		{
			Number: 2, Name: "02-guards", Title: "Guards", Package: "guards",
			Exercises: guards.Exercises, Yours: guards.Yours, Solution: guardssolution.Kit,
		},
		{
			Number: 3, Name: "03-virtuals", Title: "Virtuals", Package: "virtuals",
			Exercises: virtuals.Exercises, Yours: virtuals.Yours, Solution: virtualssolution.Kit,
		},
		{
			Number: 4, Name: "04-knownbits", Title: "Known bits", Package: "knownbits",
			Exercises: knownbits.Exercises, Yours: knownbits.Yours, Solution: knownbitssolution.Kit,
		},
		{
			Number: 5, Name: "05-backend", Title: "Machine code", Package: "backend",
			Exercises: backend.Exercises, Yours: backend.Yours, Solution: backendsolution.Kit,
		},
		{
			Number: 6, Name: "06-bridges", Title: "Bridges", Package: "bridges",
			Exercises: bridges.Exercises, Yours: bridges.Yours, Solution: bridgessolution.Kit,
		},
	}
}
