package exercise

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// checkDouble is a check such as chapters write them.
func checkDouble(t TB, double func(int) int) {
	if got := double(3); got != 6 {
		t.Fatalf("double(3) = %d", got)
	}
}

func TestRunPassesSkipsAndRejects(t *testing.T) {
	ex := Exercise{ID: "9.1", File: "chapters/09-x/double.go", Field: "Double"}
	Run(t, ex,
		func(int) int { panic(TODO) },
		func(x int) int { return 2 * x },
		checkDouble,
		Wrong("squares", func(x int) int { return x * x }),
		Wrong("panics", func(x int) int { panic("no") }),
	)
}

func TestReject(t *testing.T) {
	for _, tt := range []struct {
		name     string
		mutant   func(int) int
		rejected bool
		says     string
	}{
		{"wrong", func(x int) int { return x }, true, "double(3) = 3"},
		{"panics", func(x int) int { zero := 0; return x / zero }, true, "divide by zero"},
		{"right", func(x int) int { return x << 1 }, false, "survives"},
	} {
		r := &recorder{name: tt.name}
		Reject(r, tt.name, tt.mutant, checkDouble)
		if r.Failed() == tt.rejected {
			t.Errorf("%s: Reject fails: %v", tt.name, r.Failed())
		}
		if log := strings.Join(r.notes, "\n"); !strings.Contains(log, tt.says) {
			t.Errorf("%s: the log %q does not say %q", tt.name, log, tt.says)
		}
	}
}

func TestTryEndsChecks(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	var order string
	for _, tt := range []struct {
		name  string
		check func(TB)
		want  string
	}{
		{"passes", func(t TB) { t.Log("fine") }, ""},
		{"errors", func(t TB) { t.Error("bad") }, "bad"},
		{"fails silently", func(t TB) { t.Fail() }, "without a word"},
		{"stops", func(t TB) { t.FailNow(); panic("went on") }, "without a word"},
		{"blocks", func(t TB) { <-stop }, "does not end within"},
		{"fails in cleanup", func(t TB) {
			t.Cleanup(func() { order += "1"; t.Error("late") })
			t.Cleanup(func() { order += "2" })
		}, "late"},
		{"long", func(t TB) { t.Error(strings.Repeat("line\n", 100)) }, "…"},
	} {
		got := try("T", 200*time.Millisecond, tt.check)
		if !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: verdict %q, want %q", tt.name, got, tt.want)
		}
	}
	if order != "21" {
		t.Errorf("cleanups ran in order %q, want 21", order)
	}
}

// TestRunAsAReaderSeesIt runs the tests of the demo chapter with the go
// command and looks at what they print.
func TestRunAsAReaderSeesIt(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	lines := map[string]string{}
	for _, strict := range []string{"0", "1"} {
		cmd := exec.Command("go", "test", "-v", "./chapters/01-demo")
		cmd.Dir = "testdata/demo"
		cmd.Env = append(os.Environ(), "METATRACE_STRICT="+strict)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatal("the demo chapter passes, but 1.2 is wrong")
		}
		lines[strict] = string(out)
	}
	for _, want := range []string{
		"--- PASS: TestExercise1_1_Double/yours",
		"--- PASS: TestExercise1_1_Double/mutants/squares",
		"rejected: double(-3) = 9, want -6",
		"halve(4) = 4, want 2",
		"hint: go run . hint 1.2",
		"--- FAIL: TestExercise1_2_Halve/mutants/lucky",
		"panic: runtime error: index out of range",
		"01-demo/demo.go:25", // where Last panics
		"hint: go run . hint 1.3",
		"--- PASS: TestExercise1_3_Last/solution",
		"--- SKIP: TestExercise1_4_Sum/yours",
		"exercise 1.4 is yours to write: chapters/01-demo/demo.go",
		"--- PASS: TestExercise1_4_Sum/solution",
	} {
		if !strings.Contains(lines["0"], want) {
			t.Errorf("the output lacks %q:\n%s", want, lines["0"])
		}
	}
	if want := "--- FAIL: TestExercise1_4_Sum/yours"; !strings.Contains(lines["1"], want) {
		t.Errorf("the strict output lacks %q:\n%s", want, lines["1"])
	}
}
