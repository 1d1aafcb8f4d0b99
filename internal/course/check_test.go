package course

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"metatrace/internal/exercise"
)

// A checker collects what is wrong with the chapters under a root.
type checker struct {
	root     string
	problems []string
}

func (k *checker) errorf(format string, args ...any) {
	k.problems = append(k.problems, fmt.Sprintf(format, args...))
}

// checkAll returns what is wrong with the chapters, one line each.
func checkAll(root string, chapters []exercise.Chapter) []string {
	k := &checker{root: root}
	for i, c := range chapters {
		if c.Number != i+1 {
			k.errorf("%s: it is chapter %d, but has number %d", c.Name, i+1, c.Number)
		}
		k.chapter(c)
	}
	return k.problems
}

func (k *checker) chapter(c exercise.Chapter) {
	if !strings.HasPrefix(c.Name, fmt.Sprintf("%02d-", c.Number)) {
		k.errorf("%s: the name of chapter %d must begin with %02d-", c.Name, c.Number, c.Number)
	}
	if c.Title == "" {
		k.errorf("%s: no title", c.Name)
	}
	for dir, want := range map[string]string{c.Dir(): c.Package, c.SolutionDir(): c.Package + "solution"} {
		if got := k.packageName(dir); got != want {
			k.errorf("%s: the package is %q, want %q", dir, got, want)
		}
		if _, err := os.Stat(filepath.Join(k.root, dir, "README.md")); err != nil {
			k.errorf("%s: no README.md", dir)
		}
	}
	k.kit(c)
	for i, ex := range c.Exercises {
		k.manifest(c, ex, i)
		k.code(c, ex)
		k.readme(c, ex)
		k.tests(c, ex)
	}
}

// kit checks that the Kit and the manifest list the same.
func (k *checker) kit(c exercise.Chapter) {
	yours, solution := reflect.ValueOf(c.Yours), reflect.ValueOf(c.Solution)
	if yours.Kind() != reflect.Struct || yours.Type() != solution.Type() {
		k.errorf("%s: Yours is a %T and the solution's Kit a %T", c.Name, c.Yours, c.Solution)
		return
	}
	for i := range yours.NumField() {
		name := yours.Type().Field(i).Name
		if yours.Field(i).Kind() != reflect.Func {
			k.errorf("%s: Kit.%s is no function", c.Name, name)
			continue
		}
		if yours.Field(i).IsNil() {
			k.errorf("%s: Yours.%s is nil; a stub panics with exercise.TODO", c.Name, name)
		}
		if exercise.IsStub(solution.Field(i).Interface()) {
			k.errorf("%s: Kit.%s has no solution", c.Name, name)
		}
		entries := 0
		for _, ex := range c.Exercises {
			if ex.Field == name {
				entries++
			}
		}
		if entries != 1 {
			k.errorf("%s: Kit.%s has %d entries in the manifest, want 1", c.Name, name, entries)
		}
	}
	for _, ex := range c.Exercises {
		if !yours.FieldByName(ex.Field).IsValid() {
			k.errorf("exercise %s: Kit has no field %q", ex.ID, ex.Field)
		}
	}
}

// manifest checks the entry of the i-th exercise by itself.
func (k *checker) manifest(c exercise.Chapter, ex exercise.Exercise, i int) {
	if want := fmt.Sprintf("%d.%d", c.Number, i+1); ex.ID != want {
		k.errorf("%s: exercise %d has the id %q, want %q", c.Name, i+1, ex.ID, want)
	}
	if ex.Title == "" {
		k.errorf("exercise %s: no title", ex.ID)
	}
	if ex.Stars < 1 || ex.Stars > 3 {
		k.errorf("exercise %s: %d stars, want 1 to 3", ex.ID, ex.Stars)
	}
	if ex.Minutes < 2 || ex.Minutes > 60 {
		k.errorf("exercise %s: %d minutes, want 2 to 60", ex.ID, ex.Minutes)
	}
	if i == 0 && ex.Minutes > 5 {
		k.errorf("exercise %s: %d minutes; the first of a chapter takes 5 at most", ex.ID, ex.Minutes)
	}
	if len(ex.Hints) < 2 || len(ex.Hints) > 3 {
		k.errorf("exercise %s: %d hints, want 2 or 3", ex.ID, len(ex.Hints))
	}
	for _, h := range ex.Hints {
		if strings.TrimSpace(h) == "" {
			k.errorf("exercise %s: an empty hint", ex.ID)
		}
	}
	if path.Dir(ex.File) != c.Dir() {
		k.errorf("exercise %s: file %s is not in %s", ex.ID, ex.File, c.Dir())
	}
}

// code checks that stub and solution are declared alike.
func (k *checker) code(c exercise.Chapter, ex exercise.Exercise) {
	stub := k.declared(ex.File, ex, c.Package)
	solution := k.declared(path.Join(c.SolutionDir(), path.Base(ex.File)), ex, c.Package)
	if stub == nil || solution == nil {
		return
	}
	if stub.doc == "" {
		k.errorf("exercise %s: func %s has no doc comment", ex.ID, ex.Field)
	}
	if stub.doc != solution.doc {
		k.errorf("exercise %s: the doc comments of stub and solution differ:\n%s---\n%s", ex.ID, stub.doc, solution.doc)
	}
	if stub.signature != solution.signature {
		k.errorf("exercise %s: the signatures of stub and solution differ:\n%s\n%s", ex.ID, stub.signature, solution.signature)
	}
}

// A declaration is what stub and solution must have in common.
type declaration struct{ doc, signature string }

// declared returns the declaration of the exercise's function in a file, with
// the chapter's package name taken off the names that it qualifies.
func (k *checker) declared(file string, ex exercise.Exercise, pkg string) *declaration {
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(k.root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		k.errorf("exercise %s: %s: %v", ex.ID, file, err)
		return nil
	}
	qualifier := regexp.MustCompile(`\b` + pkg + `\.([A-Z])`)
	for _, d := range f.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || fd.Recv != nil || fd.Name.Name != ex.Field {
			continue
		}
		return &declaration{
			doc:       qualifier.ReplaceAllString(fd.Doc.Text(), "$1"),
			signature: qualifier.ReplaceAllString(types.ExprString(fd.Type), "$1"),
		}
	}
	k.errorf("exercise %s: %s declares no func %s", ex.ID, file, ex.Field)
	return nil
}

func (k *checker) readme(c exercise.Chapter, ex exercise.Exercise) {
	text, _ := os.ReadFile(filepath.Join(k.root, c.Dir(), "README.md"))
	heading := regexp.MustCompile(`(?m)^#+ .*\bExercise ` + regexp.QuoteMeta(ex.ID) + `\b`)
	if !heading.Match(text) {
		k.errorf("exercise %s: %s/README.md has no heading with \"Exercise %s\"", ex.ID, c.Dir(), ex.ID)
	}
}

func (k *checker) tests(c exercise.Chapter, ex exercise.Exercise) {
	files, _ := filepath.Glob(filepath.Join(k.root, c.Dir(), "*_test.go"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		if strings.Contains(string(text), "\nfunc "+ex.TestPrefix()) {
			return
		}
	}
	k.errorf("exercise %s: %s has no test %s…", ex.ID, c.Dir(), ex.TestPrefix())
}

// packageName is the package clause of the Go files in a folder; "" if it has
// none or several.
func (k *checker) packageName(dir string) string {
	files, _ := filepath.Glob(filepath.Join(k.root, dir, "*.go"))
	name := ""
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly)
		if err != nil || (name != "" && f.Name.Name != name) {
			return ""
		}
		name = f.Name.Name
	}
	return name
}

// written lists the exercises that are no stubs.
func written(chapters []exercise.Chapter) []string {
	var ids []string
	for _, c := range chapters {
		kit := reflect.ValueOf(c.Yours)
		for _, ex := range c.Exercises {
			if f := kit.FieldByName(ex.Field); f.IsValid() && !exercise.IsStub(f.Interface()) {
				ids = append(ids, ex.ID)
			}
		}
	}
	return ids
}
