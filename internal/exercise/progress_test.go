package exercise_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"metatrace/internal/exercise"
	demo "metatrace/internal/exercise/testdata/demo/chapters/01-demo"
	demosolution "metatrace/internal/exercise/testdata/demo/solutions/01-demo"
)

var demoCourse = []exercise.Chapter{{
	Number: 1, Name: "01-demo", Title: "Demo", Package: "demo",
	Exercises: demo.Exercises, Yours: demo.Yours, Solution: demosolution.Kit,
}}

const demoText = `Chapter 1: Demo (1 of 4 done, about 18 minutes to go)
  1.1  ★     2 min  done     Double
  1.2  ★     3 min  failing  Halve
  1.3  ★★    5 min  failing  Last
  1.4  ★★★  10 min  to do    Sum

Next: 1.2 Halve
  mend   func Halve in chapters/01-demo/demo.go:22
  check  go test -run TestExercise1_2_ ./chapters/01-demo
  hint   go run . hint 1.2
`

func TestProgressOfTheDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	p, err := exercise.Measure("testdata/demo", demoCourse)
	if err != nil {
		t.Fatal(err)
	}
	var text, js bytes.Buffer
	if err := p.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if text.String() != demoText {
		t.Errorf("got\n%s\nwant\n%s", &text, demoText)
	}
	if err := p.WriteJSON(&js); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Chapters []struct {
			Name      string
			Exercises []struct {
				State       string
				Line, Stars int
			}
		}
		Done, Failing, Todo int
		Next                struct{ ID, File string }
	}
	if err := json.Unmarshal(js.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Done != 1 || back.Failing != 2 || back.Todo != 1 || back.Next.ID != "1.2" {
		t.Errorf("the JSON counts %+v", back)
	}
	if last := back.Chapters[0].Exercises[3]; last.State != "todo" || last.Line != 28 || last.Stars != 3 {
		t.Errorf("the JSON has %+v for exercise 1.4", last)
	}
}

func TestProgressOfNothing(t *testing.T) {
	var text, js bytes.Buffer
	if err := exercise.WriteProgress(&text, nil, false); err != nil || !strings.Contains(text.String(), "no chapters yet") {
		t.Errorf("got %q, %v", &text, err)
	}
	if err := exercise.WriteProgress(&js, nil, true); err != nil || !strings.Contains(js.String(), `"chapters": []`) {
		t.Errorf("got %q, %v", &js, err)
	}
}

func TestProgressNamesWhatIsMissing(t *testing.T) {
	for _, tt := range []struct {
		want string
		edit func(*exercise.Exercise)
	}{
		{"declares no func Treble", func(ex *exercise.Exercise) { ex.Field = "Treble" }},
		{"no such file", func(ex *exercise.Exercise) { ex.File = "chapters/01-demo/none.go" }},
	} {
		c := demoCourse[0]
		c.Exercises = []exercise.Exercise{demo.Exercises[3]}
		tt.edit(&c.Exercises[0])
		if _, err := exercise.Measure("testdata/demo", []exercise.Chapter{c}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
