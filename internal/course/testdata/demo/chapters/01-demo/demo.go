// Package demo is a chapter as it should be.
package demo

import "metatrace/internal/exercise"

// A Num is a number.
type Num int

// A Kit is what the reader builds.
type Kit struct {
	Double func(x Num) Num
	Halve  func(x Num) (half Num, err error)
}

// Yours is the reader's Kit.
var Yours = Kit{Double: Double, Halve: Halve}

// Exercises is the manifest.
var Exercises = []exercise.Exercise{
	{
		ID: "1.1", Title: "Double", Field: "Double", File: "chapters/01-demo/demo.go",
		Stars: 1, Minutes: 2, Hints: []string{"Think of sums.", "Add it to itself."},
	},
	{
		ID: "1.2", Title: "Halve", Field: "Halve", File: "chapters/01-demo/halve.go",
		Stars: 2, Minutes: 10, Hints: []string{"Think of halves.", "Divide.", "By two."},
	},
}

// Double returns twice x.
//
//	Double(2) = 4
func Double(x Num) Num {
	panic(exercise.TODO)
}
