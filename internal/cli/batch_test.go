package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/course"
)

func TestBatch(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{`{"id": "a", "trace": "[i0]\ni1 = int_add(i0, 0)\nfinish(i1)\n", "peel": false}`,
			`{"id":"a","trace":"[i0]\nfinish(i0)\n"}`},
		{`{"id": 7, "trace": "[]"}`, `{"id":7,"trace":"[]\n"}`},
		{`{"id": {"n": 1}, "trace": "[]", "other": null}`, `{"id":{"n":1},"trace":"[]\n"}`},
		{`{"trace": "[]"}`, `{"id":null,"trace":"[]\n"}`},
		{`{"id": "a<b", "trace": "[]"}`, `{"id":"a<b","trace":"[]\n"}`},
		{`{"id": "n", "trace": "[i0]\ni1 = int_add(i0, 0)\nfinish(i1)", "passes": "none"}`,
			`{"id":"n","trace":"[i0]\ni1 = int_add(i0, 0)\nfinish(i1)\n"}`},
		{`{"id": "b", "trace": "[i0]\nfinish(i1)", "peel": false}`,
			`{"id":"b","error":"b:2:8: i1 is used before it is assigned, expected an input or an earlier result","exit":2}`},
		{`{"id": "l", "trace": "[i0]\njump()", "peel": true}`,
			`{"id":"l","error":"l:2:6: jump has 0 arguments, expected 1 as the inputs are","exit":2}`},
		{`{"id": "p", "trace": "[]", "passes": "unroll"}`,
			`{"id":"p","error":"p: unknown pass \"unroll\", expected some of PASSES","exit":2}`},
		{`{"id": "x"}`, `{"id":"x","error":"stdin:1: there is no \"trace\", expected the text of one","exit":2}`},
		{`nonsense`, `{"id":null,"error":"stdin:1: expected a JSON object with id, trace and peel: invalid character 'o' in literal null (expecting 'u')","exit":2}`},
		{`[1]`, `{"id":null,"error":"stdin:1: expected a JSON object with id, trace and peel: json: cannot unmarshal array into Go value of type cli.question","exit":2}`},
		{``, ``},
	} {
		t.Run(tt.line, func(t *testing.T) {
			chain, err := course.Solved().Chain()
			require.NoError(t, err)
			want := strings.ReplaceAll(tt.want, "PASSES", strings.Join(chain.Names(), ","))
			for _, end := range []string{"", "\n", "\r\n", "\n\n"} {
				r := cliRun(tt.line+end, "opt", "-batch")
				assert.Equal(t, result{r.stdout, "", exitOK}, r)
				assert.Equal(t, want, strings.TrimSuffix(r.stdout, "\n"))
			}
		})
	}
}

func TestBatchImpossible(t *testing.T) {
	r := cliRun(`{"id": "o", "trace": "[]\ni1 = int_add_ovf(1, 2)\nguard_overflow() []", "peel": false}`, "opt", "-batch")
	assert.Contains(t, r.stdout, `{"id":"o","error":"o: the trace is impossible: `)
	assert.Contains(t, r.stdout, `,"exit":3}`)
}

func TestBatchAnswersTheOthers(t *testing.T) {
	r := cliRun("{\n{\"id\": 2, \"trace\": \"[]\"}\n\x00\n{\"id\": 4, \"trace\": \"[]\"}\n", "opt", "-batch")
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	require.Len(t, lines, 4)
	assert.Equal(t, `{"id":2,"trace":"[]\n"}`, lines[1])
	assert.Equal(t, `{"id":4,"trace":"[]\n"}`, lines[3])
}

// bomb is a pass with a mistake: it panics at int_neg.
type bomb struct{}

func (bomb) Visit(_ *ir.Optimizer, op *ir.Op) ir.Verdict {
	if op.Code == ir.IntNeg {
		panic("boom")
	}
	return ir.Next
}

func TestBatchOutlivesAPanic(t *testing.T) {
	chain, err := course.Solved().Chain()
	require.NoError(t, err)
	chain.Passes = []ir.NamedPass{{Name: "bomb", Make: func() ir.Pass { return bomb{} }}}
	o := &optimizer{all: chain, passes: "all"}
	a := o.answer("stdin:1", []byte(`{"id": "x", "trace": "[i0]\ni1 = int_neg(i0)\nfinish(i1)"}`), nil)
	assert.Equal(t, answer{ID: []byte(`"x"`), Error: "internal error: boom", Exit: exitInternal}, a)
	a = o.answer("stdin:2", []byte(`{"id": "y", "trace": "[]"}`), nil)
	assert.Empty(t, a.Error)
}

// Each answer comes before the next question has to be asked.
func TestBatchStreams(t *testing.T) {
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan int)
	go func() {
		done <- Main([]string{"opt", "-batch"}, in, out, io.Discard)
	}()
	lines := bufio.NewScanner(answers)
	for i := range 3 {
		fmt.Fprintf(ask, `{"id": %d, "trace": "[]", "peel": false}`+"\n", i)
		require.True(t, lines.Scan())
		assert.Equal(t, fmt.Sprintf(`{"id":%d,"trace":"[]\n"}`, i), lines.Text())
	}
	require.NoError(t, ask.Close())
	assert.Equal(t, exitOK, <-done)
}
