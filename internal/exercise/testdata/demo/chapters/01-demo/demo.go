// Package demo is a chapter in which the reader has come some way: exercise
// 1.1 is done, 1.2 is wrong, 1.3 panics and 1.4 is a stub.
package demo

import "metatrace/internal/exercise"

// A Kit is what the reader builds.
type Kit struct {
	Double func(int) int
	Halve  func(int) int
	Last   func([]int) int
	Sum    func(...int) int
}

// Yours is the reader's Kit.
var Yours = Kit{Double: Double, Halve: Halve, Last: Last, Sum: Sum}

// Double returns 2x.
func Double(x int) int { return x + x }

// Halve returns x/2.
func Halve(x int) int { return x }

// Last returns the last of xs.
func Last(xs []int) int { return xs[len(xs)] }

// Sum returns the sum of xs.
func Sum(xs ...int) int {
	panic(exercise.TODO)
}

const file = "chapters/01-demo/demo.go"

// Exercises is the manifest.
var Exercises = []exercise.Exercise{
	{ID: "1.1", Title: "Double", Field: "Double", File: file, Stars: 1, Minutes: 2, Hints: []string{"add", "add it to itself"}},
	{ID: "1.2", Title: "Halve", Field: "Halve", File: file, Stars: 1, Minutes: 3, Hints: []string{"divide", "by two"}},
	{ID: "1.3", Title: "Last", Field: "Last", File: file, Stars: 2, Minutes: 5, Hints: []string{"index", "minus one"}},
	{ID: "1.4", Title: "Sum", Field: "Sum", File: file, Stars: 3, Minutes: 10, Hints: []string{"loop", "over xs", "and add"}},
}
