package guest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRecorderHasTheMachinesMethods compares what is declared: the compiler
// would not notice a method that the recorder forgot, since it has all of the
// machine's by embedding it, and one on green values only would then run and
// not be recorded.
func TestRecorderHasTheMachinesMethods(t *testing.T) {
	machine := methods(t, "../../machine", "Machine", "frame.go", "ops.go")
	recorder := methods(t, "../../recorder", "Recorder", "apart.go", "frame.go", "object.go", "ops.go", "policy.go", "recorder.go")
	require.Greater(t, len(machine), 50)
	for name, signature := range machine {
		require.Equal(t, signature, recorder[name], name)
	}
}

// methods returns the signatures of the exported methods of a type, as they
// stand in files of a folder, without the names of parameters.
func methods(t *testing.T, dir, receiver string, files ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	set := token.NewFileSet()
	for _, name := range files {
		file, err := parser.ParseFile(set, dir+"/"+name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() || types.ExprString(fn.Recv.List[0].Type) != "*"+receiver {
				continue
			}
			found[fn.Name.Name] = list(fn.Type.Params) + " " + list(fn.Type.Results)
		}
	}
	return found
}

func list(fields *ast.FieldList) string {
	var all []string
	if fields != nil {
		for _, f := range fields.List {
			text := strings.ReplaceAll(types.ExprString(f.Type), "machine.", "")
			for range max(1, len(f.Names)) {
				all = append(all, text)
			}
		}
	}
	return "(" + strings.Join(all, ", ") + ")"
}
