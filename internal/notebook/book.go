package notebook

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"metatrace/internal/wholefile"
)

// parallel is how many cells of a README run at a time.
const parallel = 2

// A Book checks the READMEs of one module.
type Book struct {
	root    string
	program *program
}

// Open returns a Book of the module in the root folder. Close it after use.
func Open(root string) (*Book, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "notebook-")
	if err != nil {
		return nil, err
	}
	return &Book{root: root, program: &program{root: root, dir: dir}}, nil
}

// Close removes what the Book built.
func (b *Book) Close() error { return os.RemoveAll(b.program.dir) }

// READMEs lists the documents with cells, from the root: its own README.md and
// those of chapters and solutions, and the labs of chapters.
func (b *Book) READMEs() ([]string, error) {
	var all []string
	for _, pattern := range []string{"README.md", "chapters/*/README.md", "chapters/*/LABS.md", "solutions/*/README.md"} {
		files, err := filepath.Glob(filepath.Join(b.root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			rel, err := filepath.Rel(b.root, f)
			if err != nil {
				return nil, err
			}
			all = append(all, rel)
		}
	}
	return all, nil
}

// Check returns what is wrong with a README, which is named from the root.
func (b *Book) Check(readme string) ([]Problem, error) {
	page, err := b.read(readme)
	if err != nil {
		return nil, err
	}
	for _, v := range page.verdicts {
		if changed(v.edits) {
			line := v.cell.Line + 1 + firstChange(v.edits)
			text := v.what + " differs; - in the cell, + in truth" + diff(v.edits)
			page.problem(line, text)
		}
	}
	return page.sorted(), nil
}

// Update rewrites the cells of a README that are not true, and returns what it
// can't mend.
func (b *Book) Update(readme string) ([]Problem, error) {
	page, err := b.read(readme)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(page.text, "\n")
	// From the end, so that the lines before keep their numbers.
	for _, v := range slices.Backward(page.verdicts) {
		if !changed(v.edits) {
			continue
		}
		body := result(v.edits)
		for i := range body {
			body[i] = strings.TrimRight(v.cell.Indent+body[i], " \t")
		}
		lines = slices.Replace(lines, v.cell.Line, v.cell.Line+len(v.cell.Body), body...)
	}
	text := strings.Join(lines, "\n")
	if text != page.text {
		if err := wholefile.Write(filepath.Join(b.root, readme), []byte(text)); err != nil {
			return nil, err
		}
	}
	return page.sorted(), nil
}

// A page is a README and what its cells should say.
type page struct {
	file     string
	text     string
	verdicts []verdict // in order
	problems []Problem // that have nothing to do with what a cell says
}

// A verdict says how one cell must change to be true.
type verdict struct {
	cell  cell
	what  string // the cell shows
	edits []edit
}

func (p *page) problem(line int, text string) {
	p.problems = append(p.problems, Problem{filepath.ToSlash(p.file), line, text})
}

func (p *page) sorted() []Problem {
	slices.SortStableFunc(p.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return p.problems
}

// read reads a README and judges its cells.
func (b *Book) read(readme string) (*page, error) {
	text, err := os.ReadFile(filepath.Join(b.root, readme))
	if err != nil {
		return nil, err
	}
	p := &page{file: readme, text: string(text)}
	cells, cellErrs := parse(p.text)
	for _, e := range cellErrs {
		p.problem(e.line, e.text)
	}
	verdicts, errs := make([]verdict, len(cells)), make([]error, len(cells))
	var wg sync.WaitGroup
	free := make(chan struct{}, parallel)
	for i, c := range cells {
		free <- struct{}{}
		wg.Go(func() {
			verdicts[i], errs[i] = b.judge(filepath.Dir(readme), c)
			<-free
		})
	}
	wg.Wait()
	for i, err := range errs {
		var at *cellError
		switch {
		case errors.As(err, &at):
			p.problem(at.line, at.text)
		case err != nil:
			p.problem(cells[i].Line, err.Error())
		}
		p.verdicts = append(p.verdicts, verdicts[i])
	}
	return p, nil
}

// judge finds out what a cell should say. dir is the README's folder. An error
// may come with edits: then the cell can be made true, but is wrong even so.
func (b *Book) judge(dir string, c cell) (verdict, error) {
	v := verdict{cell: c}
	var err error
	file, name, _ := strings.Cut(c.Attrs["file"], "#")
	v.what = c.Attrs["file"]
	file = filepath.Join(dir, filepath.FromSlash(file))
	_, optimized := c.Attrs["opt"]
	switch {
	case c.Lang == "go":
		v.edits, err = b.judgeGo(file, name, c)
	case c.Lang == "trace" && name != "":
		err = errors.New("a trace cell shows a whole file; file= can't have a #")
	case c.Lang == "trace" && optimized:
		v.what = "the output of opt"
		v.edits, err = b.judgeOpt(file, c)
	case c.Lang == "trace":
		v.edits, err = b.judgeGo(file, "", c)
	case c.Lang == "console":
		v.what = "the output"
		v.edits, err = b.judgeConsole(c)
	}
	return v, err
}

// judgeGo compares a cell with a part of a file.
func (b *Book) judgeGo(file, name string, c cell) ([]edit, error) {
	ex, err := excerptOf(filepath.Join(b.root, file), name)
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), b.root+string(filepath.Separator), ""))
	}
	const stub = "panic(exercise.TODO)"
	if strings.Contains(strings.Join(c.Body, "\n"), stub) && !strings.Contains(strings.Join(ex.code, "\n"), stub) {
		// The reader has written the exercise. On main stubs are stubs: the test
		// of package course sees to it.
		return nil, nil
	}
	want := ex.code
	if len(c.Body) > 0 && len(ex.doc) > 0 && strings.HasPrefix(c.Body[0], "//") {
		want = slices.Concat(ex.doc, ex.code)
	}
	return align(c.Body, want, letterForLetter), nil
}

// judgeOpt compares a cell with what metatrace opt makes of a file.
func (b *Book) judgeOpt(file string, c cell) ([]edit, error) {
	sh, err := newShell(b.root, b.program)
	if err != nil {
		return nil, err
	}
	command := "go run . opt " + c.Attrs["opt"] + " '" + filepath.ToSlash(file) + "'"
	out, status, err := sh.run(command)
	if err != nil {
		return nil, err
	}
	if status != 0 {
		return nil, fmt.Errorf("%s fails:\n\t%s", command, strings.Join(out, "\n\t"))
	}
	return align(c.Body, out, withElisions), nil
}
