// Package exercise is the machinery of the course: what an exercise is, how
// its test runs, and how far the reader has come. It knows no chapter; package
// course puts the chapters together.
//
//	chapters/03-virtuals            solutions/03-virtuals
//	  Yours Kit (stubs)   ---+---     Kit (complete)
//	                         |
//	   Run:  yours, solution, mutants   one exercise, one check
//	   Pick: yours where written        the running system
//	   Progress, Hint                   the command line
//
// A Kit is a struct of functions, one field an exercise. A stub is a function
// that panics with TODO whatever it is given, so that calling it tells.
package exercise

import (
	"fmt"
	"path"
	"strings"
)

// TODO is what the stub of an exercise panics with.
var TODO error = todo{}

type todo struct{}

func (todo) Error() string {
	return "this exercise is not written yet (go run . progress shows what is next)"
}

// An Exercise is one entry of a chapter's manifest.
type Exercise struct {
	ID      string   // "1.3": chapter and place in it, from 1
	Title   string   // "Fold constants"
	Field   string   // of the chapter's Kit, and the name of the function to write
	File    string   // from the module root: "chapters/01-ir/fold.go"
	Stars   int      // how hard: 1 to 3
	Minutes int      // how long: 2 to 60
	Hints   []string // two or three, from vague to plain
}

// A Chapter is what the course knows of one chapter.
type Chapter struct {
	Number    int    // from 1
	Name      string // of its folders under chapters/ and solutions/: "01-ir"
	Title     string // "Traces"
	Package   string // "ir"; that of the solution is "irsolution"
	Exercises []Exercise
	Yours     any // the chapter's Kit, of stubs and of what the reader wrote
	Solution  any // the same Kit, complete
}

// Dir is the chapter's folder, from the module root.
func (c Chapter) Dir() string { return path.Join("chapters", c.Name) }

// SolutionDir is the folder of its solutions, from the module root.
func (c Chapter) SolutionDir() string { return path.Join("solutions", c.Name) }

// TestPrefix is how the name of each test of the exercise begins:
// "TestExercise1_3_" for exercise 1.3.
func (ex Exercise) TestPrefix() string {
	return "TestExercise" + strings.ReplaceAll(ex.ID, ".", "_") + "_"
}

// ByID returns the exercise of a manifest that has the ID. It panics if there
// is none: a test that names an exercise which its chapter does not list.
func ByID(list []Exercise, id string) Exercise {
	for _, ex := range list {
		if ex.ID == id {
			return ex
		}
	}
	panic(fmt.Sprintf("exercise: the manifest lists no exercise %s", id))
}

// find returns the exercise with the ID, wherever in the course it is.
func find(chapters []Chapter, id string) (Exercise, error) {
	var ids []string
	for _, c := range chapters {
		for _, ex := range c.Exercises {
			if ex.ID == id {
				return ex, nil
			}
			ids = append(ids, ex.ID)
		}
	}
	if len(ids) == 0 {
		return Exercise{}, fmt.Errorf("there is no exercise %q: the course has none yet", id)
	}
	return Exercise{}, fmt.Errorf("there is no exercise %q; there are %s", id, strings.Join(ids, " "))
}
