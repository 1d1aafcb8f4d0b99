package notebook

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// copyBook copies the book of testdata, so that it can be changed.
func copyBook(t *testing.T) (dir string, b *Book) {
	t.Helper()
	needTools(t)
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/book")); err != nil {
		t.Fatal(err)
	}
	return dir, open(t, dir)
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheBookIsTrue(t *testing.T) {
	dir, b := copyBook(t)
	readmes, err := b.READMEs()
	want := []string{"README.md", filepath.FromSlash("chapters/01-x/README.md"), filepath.FromSlash("solutions/01-x/README.md")}
	if err != nil || !reflect.DeepEqual(readmes, want) {
		t.Fatalf("READMEs: %v, %v", readmes, err)
	}
	for _, r := range readmes {
		before := readFile(t, filepath.Join(dir, r))
		for what, f := range map[string]func(string) ([]Problem, error){"Check": b.Check, "Update": b.Update} {
			problems, err := f(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Errorf("%s: %v", what, p)
			}
		}
		if after := readFile(t, filepath.Join(dir, r)); after != before {
			t.Errorf("Update changed the true %s:\n%s", r, after)
		}
	}
}

// drifts are cells that are not true, with where and what Check reports, and
// with what Update makes of them.
var drifts = []struct{ name, cell, problem, updated string }{
	{
		"declaration",
		"```go file=fold.go#Op.String\nfunc (op *Op) String() string { return \"\" }\n```",
		`3: fold.go#Op.String differs`,
		"```go file=fold.go#Op.String\nfunc (op *Op) String() string { return \"op\" }\n```",
	}, {
		"doc comment is kept",
		"```go file=fold.go#Low\n// Low is high.\nLow = 1\n```",
		`3: fold.go#Low differs`,
		"```go file=fold.go#Low\n// Low is low.\nLow  = 1\n```",
	}, {
		"elision is not for code",
		"```go file=fold.go#b\nvar …\n```",
		`3: fold.go#b differs`,
		"```go file=fold.go#b\nvar a, b = 1, 2\n```",
	}, {
		"indented",
		"  ```go file=fold.go#inner\n  return op\n  ```",
		`3: fold.go#inner differs`,
		"  ```go file=fold.go#inner\n  return nil\n  ```",
	}, {
		"trace",
		"```trace file=sum.trace\n[i0]\njump(i0)\n```",
		"4: sum.trace differs",
		"```trace file=sum.trace\n[i0]\ni1 = int_add(i0, 1)   # one more\njump(i1)\n```",
	}, {
		"opt",
		"```trace file=sum.trace opt=-v\n# opt [\"-w\"]\n…\n```",
		"3: the output of opt differs",
		"```trace file=sum.trace opt=-v\n# opt [\"-v\"]\n…\n```",
	}, {
		"console keeps what still matches",
		"```console\n$ go run . time\nbegin\nit took … of 3 traces\n$ seq 3\n```",
		"4: the output differs",
		"```console\n$ go run . time\nstart\nit took … of 3 traces\nend\n$ seq 3\n1\n2\n3\n```",
	}, {
		"second command",
		"```console\n$ echo 1\n1\n\n$ echo 2\n3\n```",
		"7: the output differs",
		"```console\n$ echo 1\n1\n\n$ echo 2\n2\n```",
	}, {
		"too much output",
		"```console\n$ true\nyes\n```",
		"4: the output differs",
		"```console\n$ true\n```",
	},
}

func TestDriftIsFoundAndMended(t *testing.T) {
	dir, b := copyBook(t)
	file := filepath.Join(dir, "chapters", "01-x", "README.md")
	const name = "chapters/01-x/README.md"
	for _, tt := range drifts {
		writeFile(t, file, "# X\n"+tt.cell+"\ntext after\n")
		problems, err := b.Check(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), name+":"+tt.problem) {
			t.Errorf("%s: problems %v, want one at %s", tt.name, problems, tt.problem)
		}
		if problems, err = b.Update(name); err != nil || len(problems) != 0 {
			t.Errorf("%s: Update: %v, %v", tt.name, problems, err)
		}
		if got, want := readFile(t, file), "# X\n"+tt.updated+"\ntext after\n"; got != want {
			t.Errorf("%s: updated to\n%s\nwant\n%s", tt.name, got, want)
		}
		if problems, err = b.Check(name); err != nil || len(problems) != 0 {
			t.Errorf("%s: after Update: %v, %v", tt.name, problems, err)
		}
	}
}

func TestUpdateMendsAllCellsOfAPage(t *testing.T) {
	dir, b := copyBook(t)
	file := filepath.Join(dir, "README.md")
	writeFile(t, file, "a\n```console\n$ seq 2\n```\nb\n```console\n$ echo x\ny\nz\n```\nc\n```console\n$ echo 1\n```\n")
	if problems, err := b.Update("README.md"); err != nil || len(problems) != 0 {
		t.Fatalf("Update: %v, %v", problems, err)
	}
	want := "a\n```console\n$ seq 2\n1\n2\n```\nb\n```console\n$ echo x\nx\n```\nc\n```console\n$ echo 1\n1\n```\n"
	if got := readFile(t, file); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBadCells(t *testing.T) {
	dir, b := copyBook(t)
	file := filepath.Join(dir, "README.md")
	for _, tt := range []struct{ cell, want string }{
		{"```\nx\n```", "2: the block has no language"},
		{"```bash\nls\n```", `2: "bash" is no kind of cell`},
		{"~~~python\n~~~", `2: "python" is no kind of cell`},
		{"```go\nx := 1\n```", "2: a go cell needs file="},
		{"```trace\n[i0]\n```", "2: a trace cell needs file="},
		{"```trace opt=x\n[i0]\n```", "2: a trace cell needs file="},
		{"```go file=a opt=b\n```", "2: a go cell has no opt="},
		{"```console file=a\n```", "2: a console cell has no file="},
		{"```go file\n```", "2: \"file\" is no key=value"},
		{"```go file=\"a\n```", "2: the value of file is not closed"},
		{"```go file=a file=b\n```", "2: file= stands twice"},
		{"```text\nnever", "2: the block is never closed"},
		{"```console\nls\n```", "2: a console cell begins with \"ls\""},
		{"```console\n```", "2: a console cell without"},
		{"```go file=none.go#X\n```", "2: open none.go: "},
		{"```go file=main.go#X\n```", "2: main.go has no declaration and no region X"},
		{"```trace file=main.go#main\n```", "2: a trace cell shows a whole file"},
		{"```trace file=none.trace opt=-x\n```", "2: go run . opt -x 'none.trace' fails:\n\topen none.trace"},
		{"```console\n$ true\n$ echo no; false\n…\n```", "4: echo no; false: ends with status 1"},
		{"```console\n$ echo a\na\n$ go run . fail\n…\n```", "5: go run . fail: ends with status 1"},
	} {
		writeFile(t, file, "# X\n"+tt.cell+"\n")
		problems, err := b.Check("README.md")
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range problems {
			found = found || strings.HasPrefix(p.String(), "README.md:"+tt.want)
		}
		if !found {
			t.Errorf("%s\nproblems %v, want %s", tt.cell, problems, tt.want)
		}
	}
}

// TestWrittenExerciseIsNoDrift: a README that shows a stub stays right when its
// reader has done the exercise.
func TestWrittenExerciseIsNoDrift(t *testing.T) {
	dir, b := copyBook(t)
	writeFile(t, filepath.Join(dir, "README.md"),
		"```go file=chapters/01-x/fold.go#Fold\nfunc Fold(op *Op) *Op {\n\tpanic(exercise.TODO)\n}\n```\n")
	if problems, err := b.Check("README.md"); err != nil || len(problems) != 0 {
		t.Errorf("problems %v, %v", problems, err)
	}
}
