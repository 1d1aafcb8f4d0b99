package course

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	demo "metatrace/internal/course/testdata/demo/chapters/01-demo"
	demosolution "metatrace/internal/course/testdata/demo/solutions/01-demo"
	"metatrace/internal/exercise"
)

const root = "../.."

func TestChaptersAreWhole(t *testing.T) {
	for _, p := range checkAll(root, Chapters()) {
		t.Error(p)
	}
}

// TestEveryChapterIsListed finds chapters that forgot to add themselves.
func TestEveryChapterIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, c := range Chapters() {
		listed[c.Name] = true
	}
	manifests, _ := filepath.Glob(root + "/chapters/*/exercises.go")
	for _, m := range manifests {
		if name := filepath.Base(filepath.Dir(m)); !listed[name] {
			t.Errorf("chapters/%s has a manifest, but Chapters does not list it", name)
		}
	}
}

// TestStubsAreStubs guards main, where nobody's answers belong. In a reader's
// clone answers are the point, so there it is skipped.
func TestStubsAreStubs(t *testing.T) {
	if os.Getenv("METATRACE_MAIN") != "1" {
		t.Skip("for main only: METATRACE_MAIN=1")
	}
	for _, id := range written(Chapters()) {
		t.Errorf("exercise %s is written; on main it must be a stub", id)
	}
}

func demoChapter() exercise.Chapter {
	return exercise.Chapter{
		Number: 1, Name: "01-demo", Title: "Demo", Package: "demo",
		Exercises: append([]exercise.Exercise(nil), demo.Exercises...),
		Yours:     demo.Yours, Solution: demosolution.Kit,
	}
}

func TestTheDemoIsWhole(t *testing.T) {
	chapters := []exercise.Chapter{demoChapter()}
	for _, p := range checkAll("testdata/demo", chapters) {
		t.Error(p)
	}
	if ids := written(chapters); ids != nil {
		t.Errorf("written: %v", ids)
	}
}

func TestCheckRejectsManifests(t *testing.T) {
	type kit = demo.Kit
	for _, tt := range []struct {
		want string
		edit func(*exercise.Chapter)
	}{
		{"has number 2", func(c *exercise.Chapter) { c.Number = 2 }},
		{"must begin with 02-", func(c *exercise.Chapter) { c.Number = 2 }},
		{"no title", func(c *exercise.Chapter) { c.Title = "" }},
		{`the package is "demo", want "ir"`, func(c *exercise.Chapter) { c.Package = "ir" }},
		{"Yours is a int", func(c *exercise.Chapter) { c.Yours = 1 }},
		{"Yours.Double is nil", func(c *exercise.Chapter) { c.Yours = kit{Halve: demo.Halve} }},
		{"Kit.Halve has no solution", func(c *exercise.Chapter) { c.Solution = demo.Yours }},
		{"Kit.Halve has 0 entries", func(c *exercise.Chapter) { c.Exercises = c.Exercises[:1] }},
		{`Kit has no field "Treble"`, func(c *exercise.Chapter) { c.Exercises[0].Field = "Treble" }},
		{`has the id "1.2", want "1.1"`, func(c *exercise.Chapter) { c.Exercises[0].ID = "1.2" }},
		{"exercise 1.1: no title", func(c *exercise.Chapter) { c.Exercises[0].Title = "" }},
		{"4 stars", func(c *exercise.Chapter) { c.Exercises[0].Stars = 4 }},
		{"61 minutes", func(c *exercise.Chapter) { c.Exercises[1].Minutes = 61 }},
		{"1 minutes", func(c *exercise.Chapter) { c.Exercises[1].Minutes = 1 }},
		{"takes 5 at most", func(c *exercise.Chapter) { c.Exercises[0].Minutes = 6 }},
		{"1 hints", func(c *exercise.Chapter) { c.Exercises[0].Hints = []string{"x"} }},
		{"4 hints", func(c *exercise.Chapter) { c.Exercises[0].Hints = []string{"a", "b", "c", "d"} }},
		{"empty hint", func(c *exercise.Chapter) { c.Exercises[0].Hints = []string{"a", " "} }},
		{"is not in chapters/01-demo", func(c *exercise.Chapter) { c.Exercises[0].File = "chapters/demo.go" }},
		{"none.go", func(c *exercise.Chapter) { c.Exercises[0].File = "chapters/01-demo/none.go" }},
		{"declares no func Double", func(c *exercise.Chapter) { c.Exercises[0].File = "chapters/01-demo/halve.go" }},
	} {
		c := demoChapter()
		tt.edit(&c)
		requireProblem(t, checkAll("testdata/demo", []exercise.Chapter{c}), tt.want)
	}
}

func TestCheckRejectsFiles(t *testing.T) {
	for _, tt := range []struct {
		file, old, new, want string
	}{
		{"chapters/01-demo/README.md", "Exercise 1.2", "Exercise 1.20", `no heading with "Exercise 1.2"`},
		{"chapters/01-demo/README.md", "### Exercise 1.1", "Exercise 1.1", `no heading with "Exercise 1.1"`},
		{"chapters/01-demo/demo_test.go", "TestExercise1_2_", "TestExercise1_20_", "no test TestExercise1_2_"},
		{"chapters/01-demo/halve.go", "func Halve", "func Half", "declares no func Halve"},
		{"solutions/01-demo/halve.go", "func Halve", "func Half", "solutions/01-demo/halve.go declares no func Halve"},
		{"solutions/01-demo/halve.go", "// Halve returns", "// Halve gives", "doc comments of stub and solution differ"},
		{"solutions/01-demo/halve.go", "x demo.Num", "y demo.Num", "signatures of stub and solution differ"},
		{"solutions/01-demo/demo.go", "package demosolution", "package answers", `want "demosolution"`},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS("testdata/demo")); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, tt.file)
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), tt.old) {
			t.Fatalf("%s does not contain %q: %v", tt.file, tt.old, err)
		}
		edited := strings.Replace(string(text), tt.old, tt.new, 1)
		if err := os.WriteFile(file, []byte(edited), 0o644); err != nil {
			t.Fatal(err)
		}
		requireProblem(t, checkAll(dir, []exercise.Chapter{demoChapter()}), tt.want)
	}
}

func TestWrittenFindsAnswers(t *testing.T) {
	c := demoChapter()
	c.Yours = demo.Kit{Double: demo.Double, Halve: demosolution.Halve}
	if ids := written([]exercise.Chapter{c}); len(ids) != 1 || ids[0] != "1.2" {
		t.Errorf("written: %v, want 1.2", ids)
	}
}

func requireProblem(t *testing.T, problems []string, want string) {
	t.Helper()
	if !strings.Contains(strings.Join(problems, "\n"), want) {
		t.Errorf("no problem says %q; there are: %q", want, problems)
	}
}
