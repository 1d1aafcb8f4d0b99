package exercise_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"metatrace/internal/exercise"
)

func nextHint(t *testing.T, id string) string {
	t.Helper()
	var b bytes.Buffer
	if err := exercise.NextHint(&b, demoCourse, id); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHintGivesOneMoreAtEachCall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	t.Setenv("METATRACE_STATE", dir)
	for _, want := range []string{
		"Exercise 1.4, Sum: hint 1 of 3\n  1. loop\n",
		"Exercise 1.4, Sum: hint 2 of 3\n  1. loop\n  2. over xs\n",
		"Exercise 1.4, Sum: hint 3 of 3\n  1. loop\n  2. over xs\n  3. and add\n",
		"Exercise 1.4, Sum: you have had all the hints there are (counted in " + filepath.Join(dir, "hints.json") + "; delete it to start over)\n  1. loop\n  2. over xs\n  3. and add\n",
		"Exercise 1.4, Sum: you have had all the hints there are (counted in " + filepath.Join(dir, "hints.json") + "; delete it to start over)\n  1. loop\n  2. over xs\n  3. and add\n",
	} {
		if got := nextHint(t, "1.4"); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	if got := nextHint(t, "1.1"); !strings.Contains(got, "hint 1 of 2") {
		t.Errorf("another exercise starts with %q", got)
	}
}

func TestHintSurvivesABrokenFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("METATRACE_STATE", dir)
	for _, broken := range []string{"", "{", "null", `{"1.4": -5}`, `{"1.4": "x"}`, "[]"} {
		if err := os.WriteFile(filepath.Join(dir, "hints.json"), []byte(broken), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := nextHint(t, "1.4"); !strings.Contains(got, "hint 1 of 3") {
			t.Errorf("after a file of %q: %q", broken, got)
		}
	}
}

func TestHintOfAnUnknownExercise(t *testing.T) {
	err := exercise.NextHint(&bytes.Buffer{}, demoCourse, "7.7")
	if want := `there is no exercise "7.7"; there are 1.1 1.2 1.3 1.4`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
