package notebook

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the cells of the READMEs that are not true")

// TestREADMEs checks every cell of every README of this module.
func TestREADMEs(t *testing.T) {
	needTools(t)
	if os.Getenv(insideCell) != "" {
		t.Skip("within a cell: checking the cells would not end")
	}
	root := filepath.Join("..", "..")
	touchSources(t, root)
	b := open(t, root)
	readmes, err := b.READMEs()
	if err != nil {
		t.Fatal(err)
	}
	check := b.Check
	if *update {
		check = b.Update
	}
	for _, readme := range readmes {
		t.Run(filepath.ToSlash(readme), func(t *testing.T) {
			problems, err := check(readme)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Error(p)
			}
			if len(problems) > 0 && !*update {
				t.Log("to rewrite the cells: go test ./internal/notebook -update")
			}
		})
	}
}

// touchSources looks at every file of the module. The go command remembers
// which files a test looked at, and takes its result from the cache only if
// none changed. What the commands of cells read it can't know.
func touchSources(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if err == nil {
			_, err = os.Stat(path)
		}
		if os.IsNotExist(err) {
			return nil // another test's temporary file
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// needTools skips the test where cells can't run: in a test binary for another
// machine than the go command's, for that would check the wrong program, and on
// Windows without bash.
func needTools(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOHOSTARCH").Output()
	host := strings.TrimSpace(string(out))
	if err == nil && host != runtime.GOARCH {
		t.Skipf("cells run on %s, this test is for %s", host, runtime.GOARCH)
	}
	if err != nil {
		t.Fatalf("cells need the go command: %v", err)
	}
	if _, err := exec.LookPath("bash"); err != nil && runtime.GOOS == "windows" {
		t.Skip("cells need bash")
	}
}

func open(t *testing.T, root string) *Book {
	t.Helper()
	b, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}
