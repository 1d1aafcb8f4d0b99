package notebook

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// An excerpt is a part of a source file as a cell may show it.
type excerpt struct {
	doc  []string // the doc comment; a cell may leave it out
	code []string
}

// excerptOf returns what "fold.go#Fold" names: a declaration (Fold; Trace.String
// for a method), else a region. Without # it is the whole file.
func excerptOf(file, name string) (excerpt, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return excerpt{}, err
	}
	if name == "" {
		return excerpt{code: splitLines(string(src))}, nil
	}
	if strings.HasSuffix(file, ".go") {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return excerpt{}, err
		}
		if ex, ok := declaration(fset, f, string(src), name); ok {
			return ex, nil
		}
	}
	return region(string(src), file, name)
}

// declaration finds a function, method, type, variable or constant.
func declaration(fset *token.FileSet, f *ast.File, src, name string) (excerpt, bool) {
	cut := func(doc *ast.CommentGroup, n ast.Node) excerpt {
		ex := excerpt{code: wholeLines(fset, src, n)}
		if doc != nil {
			ex.doc = wholeLines(fset, src, doc)
		}
		dedent(ex.doc)
		dedent(ex.code)
		return ex
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if funcName(d) == name {
				return cut(d.Doc, d), true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if !declares(spec, name) {
					continue
				}
				if !d.Lparen.IsValid() {
					return cut(d.Doc, d), true
				}
				return cut(specDoc(spec), spec), true
			}
		}
	}
	return excerpt{}, false
}

// funcName is Name of a function and Type.Name of a method.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + d.Name.Name
		default:
			return d.Name.Name
		}
	}
}

func declares(spec ast.Spec, name string) bool {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Name.Name == name
	case *ast.ValueSpec:
		for _, id := range s.Names {
			if id.Name == name {
				return true
			}
		}
	}
	return false
}

func specDoc(spec ast.Spec) *ast.CommentGroup {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Doc
	case *ast.ValueSpec:
		return s.Doc
	}
	return nil
}

// wholeLines returns the lines that a node stands on, and with them a comment
// behind it.
func wholeLines(fset *token.FileSet, src string, n ast.Node) []string {
	from, to := fset.Position(n.Pos()).Line, fset.Position(n.End()).Line
	return strings.Split(src, "\n")[from-1 : to : to]
}

// region returns the lines between "// region NAME" and its "// endregion",
// without the marks of other regions. Other comment signs than // will do.
func region(src, file, name string) (excerpt, error) {
	var code []string
	inside, depth := false, 0
	for _, l := range strings.Split(src, "\n") {
		words := strings.Fields(l)
		switch {
		case len(words) == 3 && words[1] == "region":
			if inside {
				depth++
			} else if words[2] == name {
				inside = true
			}
		case len(words) >= 2 && len(words) <= 3 && words[1] == "endregion":
			if inside && depth == 0 {
				dedent(code)
				return excerpt{code: code}, nil
			}
			depth = max(0, depth-1)
		case inside:
			code = append(code, l)
		}
	}
	if inside {
		return excerpt{}, fmt.Errorf("region %s of %s has no endregion", name, file)
	}
	return excerpt{}, fmt.Errorf("%s has no declaration and no region %s", file, name)
}

// dedent takes off the tabs and blanks that all lines begin with.
func dedent(lines []string) {
	prefix, first := "", true
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		own := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
		if first {
			prefix, first = own, false
		}
		for !strings.HasPrefix(own, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], prefix)
	}
}

// splitLines splits a text into lines, without empty ones at its end.
func splitLines(text string) []string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
