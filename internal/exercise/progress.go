package exercise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A State is how far the reader has come with one exercise.
type State string

// The states of an exercise.
const (
	Todo    State = "todo"    // still a stub
	Failing State = "failing" // written, but its test fails
	Done    State = "done"    // written, and its test passes
)

// Progress is how far the reader has come. Its JSON is what
// `go run . progress -json` prints.
type Progress struct {
	Chapters    []ChapterProgress `json:"chapters"`
	Done        int               `json:"done"`
	Failing     int               `json:"failing"`
	Todo        int               `json:"todo"`
	MinutesLeft int               `json:"minutes_left"`
	// Next is the exercise to go on with: one that fails, or else the first to do
	// behind the last one that is done, or else the first to do; nil at the end.
	Next *ExerciseProgress `json:"next"`
}

// ChapterProgress is the part of Progress about one chapter.
type ChapterProgress struct {
	Number    int                `json:"number"`
	Name      string             `json:"name"`
	Title     string             `json:"title"`
	Exercises []ExerciseProgress `json:"exercises"`
}

// ExerciseProgress is the part of Progress about one exercise.
type ExerciseProgress struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Stars   int    `json:"stars"`
	Minutes int    `json:"minutes"`
	State   State  `json:"state"`
	File    string `json:"file"` // from the module root
	Line    int    `json:"line"` // of the function to write
	Func    string `json:"func"`
	Test    string `json:"test"` // the command that checks it
}

// WriteProgress measures how far the reader of the module around the current
// directory has come, and writes it as a table or as JSON.
func WriteProgress(w io.Writer, chapters []Chapter, asJSON bool) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	p, err := Measure(root, chapters)
	if err != nil {
		return err
	}
	if asJSON {
		return p.WriteJSON(w)
	}
	return p.WriteText(w)
}

// Measure finds out the state of every exercise: stubs by asking IsStub, and
// written ones by running their tests with the go command in root. The go
// command's cache makes that quick where nothing changed.
func Measure(root string, chapters []Chapter) (Progress, error) {
	p := Progress{Chapters: []ChapterProgress{}}
	for _, c := range chapters {
		cp := ChapterProgress{Number: c.Number, Name: c.Name, Title: c.Title, Exercises: []ExerciseProgress{}}
		for _, ex := range c.Exercises {
			ep, err := measure(root, c, ex)
			if err != nil {
				return Progress{}, fmt.Errorf("exercise %s: %w", ex.ID, err)
			}
			cp.Exercises = append(cp.Exercises, ep)
			p.count(ep)
		}
		p.Chapters = append(p.Chapters, cp)
	}
	p.Next = p.next()
	return p, nil
}

func (p *Progress) next() *ExerciseProgress {
	var skipped, next *ExerciseProgress
	for i := range p.Chapters {
		for j := range p.Chapters[i].Exercises {
			ep := &p.Chapters[i].Exercises[j]
			switch {
			case ep.State == Failing:
				return ep
			case ep.State == Done:
				next = nil // the reader went on behind it
			case ep.State == Todo && next == nil:
				next = ep
			}
			if ep.State == Todo && skipped == nil {
				skipped = ep
			}
		}
	}
	if next == nil {
		return skipped
	}
	return next
}

func (p *Progress) count(ep ExerciseProgress) {
	switch ep.State {
	case Done:
		p.Done++
		return
	case Failing:
		p.Failing++
	case Todo:
		p.Todo++
	}
	p.MinutesLeft += ep.Minutes
}

func measure(root string, c Chapter, ex Exercise) (ExerciseProgress, error) {
	ep := ExerciseProgress{
		ID: ex.ID, Title: ex.Title, Stars: ex.Stars, Minutes: ex.Minutes,
		File: ex.File, Func: ex.Field,
		Test: fmt.Sprintf("go test -run %s ./%s", ex.TestPrefix(), c.Dir()),
	}
	var err error
	if ep.Line, err = funcLine(filepath.Join(root, filepath.FromSlash(ex.File)), ex.Field); err != nil {
		return ep, err
	}
	fn, err := field(c.Yours, ex.Field)
	if err != nil {
		return ep, err
	}
	if IsStub(fn) {
		ep.State = Todo
		return ep, nil
	}
	ep.State, err = runTest(root, c, ex)
	return ep, err
}

// funcLine returns the line on which a file declares the named function.
func funcLine(file, name string) (int, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return 0, err
	}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && fd.Name.Name == name {
			return fset.Position(fd.Pos()).Line, nil
		}
	}
	return 0, fmt.Errorf("%s declares no func %s", file, name)
}

// runTest runs the tests of one exercise for the reader's function.
func runTest(root string, c Chapter, ex Exercise) (State, error) {
	pattern := "^" + ex.TestPrefix() + "/^yours$"
	cmd := exec.Command("go", "test", "-json", "-timeout=60s", "-run", pattern, "./"+c.Dir())
	cmd.Dir = root
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", fmt.Errorf("running its test: %w", err)
	}
	if err == nil && passedYours(out) {
		return Done, nil
	}
	return Failing, nil
}

// passedYours reports whether the events of `go test -json` say that a subtest
// yours ran and passed. Without one the exercise has no test, which is not a
// pass.
func passedYours(events []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(events))
	for {
		var e struct{ Action, Test string }
		if dec.Decode(&e) != nil {
			return false
		}
		if e.Action == "pass" && strings.HasSuffix(e.Test, "/yours") {
			return true
		}
	}
}

// moduleRoot returns the nearest directory, from the current one up, that has
// a go.mod.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside a clone of metatrace (no go.mod here or above)", start)
		}
	}
}
