package course

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	virtuals "metatrace/chapters/03-virtuals"
	knownbits "metatrace/chapters/04-knownbits"
	backend "metatrace/chapters/05-backend"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
)

// This file is about -mine: what the reader has written runs in the place of what we
// have, be it all of the functions or all but one.

// allButOne are the Kits of a reader who has written all functions of a chapter but
// one, by chapters.
var allButOne = []func(k *Kits, field string){
	func(k *Kits, field string) { k.IR = pickAllBut(ir.Yours, k.IR, field) },
	func(k *Kits, field string) { k.Guards = pickAllBut(guards.Yours, k.Guards, field) },
	func(k *Kits, field string) { k.Virtuals = pickAllBut(virtuals.Yours, k.Virtuals, field) },
	func(k *Kits, field string) { k.Known = pickAllBut(knownbits.Yours, k.Known, field) },
	func(k *Kits, field string) { k.Backend = pickAllBut(backend.Yours, k.Backend, field) },
	func(k *Kits, field string) { k.Bridges = pickAllBut(bridges.Yours, k.Bridges, field) },
}

func pickAllBut[K any](yours, solution K, field string) K {
	mine := solution
	reflect.ValueOf(&mine).Elem().FieldByName(field).Set(reflect.ValueOf(yours).FieldByName(field))
	return exercise.Pick(mine, solution)
}

// mineSource is a program with loops, calls, objects, and branches that go either way.
const mineSource = `
(class Pair a b)
(fun step (p i) (if (= (& i 3) 0) (new Pair (+ (. p a) i) (. p b)) (new Pair (. p b) (- (. p a) 1))))
(fun fib (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(var p (new Pair 1 2))
(var i 0)
(while (< i 120)
  (var k 0)
  (while (< k (% i 5)) (set p (step p (+ i k))) (set k (+ k 1)))
  (set i (+ i 1)))
(print (fib 12) p)`

// runMine runs mineSource with kits on an engine, with bridges.
func runMine(t *testing.T, kits *Kits, engine string) string {
	t.Helper()
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	opt, err := kits.Options(engine, chain)
	require.NoError(t, err)
	opt.Threshold = 5
	if engine == Native {
		opt.Executor = kits.Backend.Native(1 << 20)
	}
	if engine != Off {
		opt = kits.Bridged(opt, bridges.Options{Limits: bridges.Limits{Eagerness: 2, Function: 10}})
	}
	var out strings.Builder
	p, err := guest.Load("mine.tiny", mineSource, heap.Options{Limit: 16 << 20}, opt, &out)
	require.NoError(t, err)
	require.NoError(t, p.Run(time.Minute))
	if engine != Off {
		require.NotZero(t, p.Stats().Bridges)
	}
	require.NoError(t, p.Close())
	return out.String()
}

// TestOneStubIsReplaced runs the engine with each exercise in turn left unwritten.
func TestOneStubIsReplaced(t *testing.T) {
	t.Parallel()
	want := runMine(t, Solved(), Off)
	require.Len(t, Chapters(), len(allButOne))
	for i, c := range Chapters() {
		for n, ex := range c.Exercises {
			if yours := reflect.ValueOf(c.Yours).FieldByName(ex.Field); !exercise.IsStub(yours.Interface()) {
				continue // the reader has written it
			}
			if testing.Short() && n%6 != 0 {
				continue
			}
			kits := Solved()
			kits.mine = true
			allButOne[i](kits, ex.Field)
			engine := Best()
			if n == 0 {
				engine = Portable // one of each chapter is enough: it is slower
			}
			require.Equal(t, want, runMine(t, kits, engine), "exercise %s, by the %s engine", ex.ID, engine)
		}
	}
}

// TestSolutionsInTheStubs copies the whole course, with our solutions written into the
// stubs, as a reader would do it who has done all exercises. Then nothing is a stub, the
// tests of the exercises pass for the reader's functions, and run -mine runs on them.
func TestSolutionsInTheStubs(t *testing.T) {
	if os.Getenv("METATRACE_MINE") != "1" {
		t.Skip("it takes minutes: METATRACE_MINE=1")
	}
	dir := t.TempDir()
	copyCourse(t, dir)
	var ids []string
	for _, c := range Chapters() {
		taken := clashes(t, dir, c)
		for _, file := range exerciseFiles(c) {
			solve(t, dir, c, file, taken)
		}
		for _, ex := range c.Exercises {
			ids = append(ids, ex.ID)
		}
	}
	goRun(t, dir, "build", "-o", "metatrace", ".")
	out, err := command(dir, "go", "test", "-count=1", "-run", "TestStubsAreStubs", "./internal/course")
	require.Error(t, err)
	for _, id := range ids {
		require.Contains(t, out, "exercise "+id+" is written;")
	}
	for _, engine := range Engines()[1:] {
		for _, name := range []string{"collatz", "centroid", "fib", "optional", "nested", "list"} {
			program := filepath.Join("chapters", "02-guards", "testdata", name)
			want, err := os.ReadFile(filepath.Join(root, program+".out"))
			require.NoError(t, err)
			out, err := command(dir, filepath.Join(dir, "metatrace"), "run", "-mine", "-jit="+engine, "-threshold=7", program+".tiny")
			require.NoError(t, err, out)
			require.Equal(t, string(want), out)
		}
	}
	t.Log(goRun(t, dir, "test", "-count=1", "-short", "-run", "^TestExercise", "./chapters/..."))
}

// copyCourse copies what belongs to the module.
func copyCourse(t *testing.T, to string) {
	t.Helper()
	for _, name := range []string{"chapters", "solutions", "internal"} {
		require.NoError(t, os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(root, name))))
	}
	for _, name := range []string{"go.mod", "go.sum", "main.go", "README.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name), text, 0o644))
	}
}

// exerciseFiles returns the files of a chapter's exercises, each once.
func exerciseFiles(c exercise.Chapter) (files []string) {
	seen := map[string]bool{}
	for _, ex := range c.Exercises {
		if !seen[ex.File] {
			seen[ex.File] = true
			files = append(files, ex.File)
		}
	}
	return files
}

// solve writes the solution of a file of exercises into the stubs. Names that are taken it
// changes.
func solve(t *testing.T, dir string, c exercise.Chapter, file string, taken []string) {
	t.Helper()
	stub := parseFile(t, filepath.Join(dir, file))
	solution := parseFile(t, filepath.Join(dir, c.SolutionDir(), filepath.Base(file)))
	own := regexp.MustCompile(`\b` + c.Package + `\.([A-Z])`)
	code := own.ReplaceAllString(solution.rest(func(ast.Decl) bool { return true }), "$1")
	for _, name := range taken {
		code = regexp.MustCompile(`(^|[^.\w])`+name+`\b`).ReplaceAllString(code, "${1}"+name+"OfMine")
	}
	code += stub.rest(func(d ast.Decl) bool { // what is given beside the stubs
		f, ok := d.(*ast.FuncDecl)
		return !ok || f.Recv != nil || !isExercise(c, f.Name.Name)
	})
	imports := ""
	for _, spec := range append(solution.file.Imports, stub.file.Imports...) {
		text := spec.Path.Value
		name := importName(spec)
		if regexp.MustCompile(`\b`+name+`\.`).MatchString(uncommented(code)) && !strings.Contains(imports, text) {
			imports += "import " + name + " " + text + "\n"
		}
	}
	text, err := format.Source([]byte("package " + c.Package + "\n\n" + imports + "\n" + code))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o644))
}

// clashes returns the names of helpers of a chapter's solution that the chapter has for
// something else.
func clashes(t *testing.T, dir string, c exercise.Chapter) (names []string) {
	t.Helper()
	given := declaredNames(t, filepath.Join(dir, c.Dir()))
	for name := range declaredNames(t, filepath.Join(dir, c.SolutionDir())) {
		if given[name] && !ast.IsExported(name) {
			names = append(names, name)
		}
	}
	return names
}

// declaredNames returns the names that the package in a folder declares.
func declaredNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, file := range files {
		for _, d := range parseFile(t, file).file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// importName returns the name that a file calls a package by.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	parts := strings.Split(strings.Trim(spec.Path.Value, `"`), "/")
	name := parts[len(parts)-1]
	if len(parts) > 1 && regexp.MustCompile(`^v\d+$`).MatchString(name) {
		name = parts[len(parts)-2]
	}
	return name
}

func uncommented(code string) string { return regexp.MustCompile(`//.*`).ReplaceAllString(code, "") }

func isExercise(c exercise.Chapter, name string) bool {
	for _, ex := range c.Exercises {
		if ex.Field == name {
			return true
		}
	}
	return false
}

// A goFile is a parsed file.
type goFile struct {
	text []byte
	set  *token.FileSet
	file *ast.File
}

func parseFile(t *testing.T, name string) goFile {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	return goFile{text, set, file}
}

// rest returns the text of the declarations that are wanted, imports left out.
func (g goFile) rest(want func(d ast.Decl) bool) string {
	var b bytes.Buffer
	for _, d := range g.file.Decls {
		from := d.Pos()
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		case *ast.FuncDecl:
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		}
		if want(d) {
			fmt.Fprintf(&b, "%s\n\n", g.text[g.set.Position(from).Offset:g.set.Position(d.End()).Offset])
		}
	}
	return b.String()
}

// command runs a program in a folder, as one on main would.
func command(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "METATRACE_MAIN=1", "METATRACE_MINE=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func goRun(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := command(dir, "go", args...)
	require.NoError(t, err, out)
	return out
}
