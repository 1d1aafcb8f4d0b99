package treewalk

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected outputs anew")

// TestPrograms runs every program of testdata. What it prints stands in the
// .out file beside it (no file: nothing), its error in the .err file.
func TestPrograms(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/*.tiny")
	more, _ := filepath.Glob("../../testdata/errors/*.tiny")
	if len(files) < 12 || len(more) < 12 {
		t.Fatalf("found %d programs and %d with errors, expected at least 12 of each", len(files), len(more))
	}
	for _, file := range append(files, more...) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			got := ""
			if err := Run(filepath.Base(file), string(src), &out, 0); err != nil {
				got = err.Error() + "\n"
			}
			check(t, strings.TrimSuffix(file, ".tiny")+".out", out.String())
			check(t, strings.TrimSuffix(file, ".tiny")+".err", got)
		})
	}
}

// check compares a text with the content of a file.
func check(t *testing.T, file, got string) {
	t.Helper()
	if *update && got != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\ngot:\n%s", filepath.Base(file), want, got)
	}
}

func TestMeaning(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"(print)", "\n"},
		{"(print (+ 1 2 3) (- 10 1 2) (* 2 3 4) (- 5) (& 7 6 12) (| 1 2 4) (^ 1 3))", "6 7 24 -5 4 7 2\n"},
		{"(print (/ -7 2) (% -7 2) (/ 7 -2) (% 7 -2))", "-3 -1 -3 1\n"},
		{"(print (+ 9223372036854775807 1) (* 4294967296 4294967296))", "9.223372036854776e+18 1.8446744073709552e+19\n"},
		{"(print (>> -8 1) (>>> -8 60) (<< 1 63) (~ 0))", "-4 15 -9223372036854775808 -1\n"},
		{"(print (= 9007199254740993 9007199254740992.0) (< 1 1.5) (= 1 nil))", "1 1 nil\n"},
		{"(print (- 0.0) (/ 0.0 0.0) 100000.0 1000000.0)", "-0.0 nan 100000.0 1e+06\n"},
		{"(fun f (a b) a) (print (f) (f 1) (f 1 2))", "nil 1 1\n"},
		{"(fun f (x) x) (fun g (y) (* y 2)) (print (redefine f g) (f 4) (opaque f 5)) (redefine f f) (print (f 4) (promote (f 5)))", "nil 8 10\n4 5\n"},
		{"(fun f () (var x 1) (return x) 2) (print (f) (+ 1 (opaque f)))", "1 2\n"},
		{"(if nil (var x 1)) (print x (set x 2) x)", "nil nil 2\n"},
		{"(class C a) (var c (new C)) (set (. c a) c) (print c)", "(C a=(C a=(C a=…)))\n"},
		{"(return 5) (print 1)", ""},
	} {
		var out strings.Builder
		if err := Run("t.tiny", c.src, &out, 0); err != nil {
			t.Errorf("%s: %v", c.src, err)
		}
		if out.String() != c.want {
			t.Errorf("%s: got %q, want %q", c.src, out.String(), c.want)
		}
	}
}

func TestFuel(t *testing.T) {
	if err := Run("t.tiny", "(while true)", new(strings.Builder), 1000); err != ErrFuel {
		t.Errorf("got %v, want %v", err, ErrFuel)
	}
}
