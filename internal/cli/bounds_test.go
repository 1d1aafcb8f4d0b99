package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBounds(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{`{"op": "add", "a": {"lo": 0, "hi": 3}, "b": {"lo": 4, "hi": 4}}`,
			`{"lo":4,"hi":7,"ones":"0000000000000004","unk":"0000000000000003"}`},
		{`{"op": "neg", "a": {"lo": 1, "hi": 1}}`,
			`{"lo":-1,"hi":-1,"ones":"ffffffffffffffff","unk":"0000000000000000"}`},
		{`{"op": "invert", "a": {"lo": -9223372036854775808, "hi": 9223372036854775807, "ones": "01", "unk": "fffffffffffffffe"}}`,
			`{"lo":-9223372036854775808,"hi":9223372036854775806,"ones":"0000000000000000","unk":"fffffffffffffffe"}`},
		{`{"op": "lt", "a": {"lo": 0, "hi": 3}, "b": {"lo": 4, "hi": 9}}`,
			`{"lo":1,"hi":1,"ones":"0000000000000001","unk":"0000000000000000"}`},
		{`{"op": "ult", "a": {"lo": 0, "hi": 3}, "b": {"lo": -1, "hi": 9}}`,
			`{"lo":0,"hi":1,"ones":"0000000000000000","unk":"0000000000000001"}`},
		{`{"op": "make_lt", "a": {}, "b": {"lo": 0, "hi": 0}}`,
			`{"lo":-9223372036854775808,"hi":-1,"ones":"8000000000000000","unk":"7fffffffffffffff"}`},
		{`{"op": "make_gt", "a": {"lo": 0, "hi": 4}, "b": {"lo": 4, "hi": 9}}`, `{"empty":true}`},
		{`{"op": "intersect", "a": {"lo": 0, "hi": 4}, "b": {"lo": 3, "hi": 9}}`,
			`{"lo":3,"hi":4,"ones":"0000000000000000","unk":"0000000000000007"}`},
		{`{"op": "mul_no_ovf", "a": {"lo": 9223372036854775807, "hi": 9223372036854775807}, "b": {"lo": 2, "hi": 3}}`, `{"empty":true}`},
		{`{"op": "rshift", "a": {"lo": 8, "hi": 8}, "b": {"lo": 2, "hi": 70, "ones": "2", "unk": "40"}}`,
			`{"lo":2,"hi":2,"ones":"0000000000000002","unk":"0000000000000000"}`},
		{`{"op": "rshift", "a": {"lo": 8, "hi": 8}, "b": {"lo": 64, "hi": 70}}`, `{"empty":true}`},
		{`{"op": "neg", "a": {"empty": true}}`, `{"empty":true}`},
		{`{"op": "neg", "a": {"lo": 3, "hi": 2}}`, `{"empty":true}`},
		{`{"op": "neg", "a": {"lo": 4, "hi": 4, "ones": "1", "unk": "0"}}`, `{"empty":true}`},
		{`{"op": "ad", "a": {}, "b": {}}`, `{"error":"unknown operation \"ad\", did you mean add?"}`},
		{`{"op": "divide"}`, `{"error":"unknown operation \"divide\""}`},
		{``, ``},
	} {
		t.Run(tt.question, func(t *testing.T) {
			for _, end := range []string{"", "\n", "\r\n", "\n\n"} {
				r := cliRun(tt.question+end, "bounds")
				assert.Equal(t, result{r.stdout, "", exitOK}, r)
				assert.Equal(t, tt.want, strings.TrimSuffix(r.stdout, "\n"))
			}
		})
	}
}

func TestBoundsErrors(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{`nonsense`, `invalid character 'o' in literal null (expecting 'u'), expected a JSON object with op, a and b`},
		{`[1]`, `found a JSON array, expected an object with op, a and b`},
		{`{"op": 3}`, `op is a JSON number, expected a string`},
		{`{"a": {}}`, `there is no "op", expected the name of an operation`},
		{`{"op": "neg"}`, `neg has too few arguments, expected "a"`},
		{`{"op": "add", "a": {}}`, `add has too few arguments, expected "a" and "b"`},
		{`{"op": "neg", "a": {"lo": "1"}}`, `a.lo is a JSON string, expected a number of 64 bits`},
		{`{"op": "neg", "a": {"lo": 9223372036854775808}}`, `a.lo is a JSON number 9223372036854775808, expected a number of 64 bits`},
		{`{"op": "neg", "a": 5}`, `a is a JSON number, expected an object`},
		{`{"op": "neg", "a": {"ones": "1"}}`, `a has only one of ones and unk, expected both or none`},
		{`{"op": "neg", "a": {"ones": "1", "unk": "0x2"}}`, `a.unk is "0x2", expected 16 hexadecimal digits`},
		{`{"op": "add", "a": {}, "b": {"ones": "", "unk": "2"}}`, `b.ones is "", expected 16 hexadecimal digits`},
		{`{"op": "neg", "a": {"ones": "11111111111111111", "unk": "2"}}`, `a.ones is "11111111111111111", expected 16 hexadecimal digits`},
		{`{"op": "neg", "a": {"ones": "3", "unk": "2"}}`, `a has bits that are both in ones and in unk, expected each in one of them`},
	} {
		t.Run(tt.question, func(t *testing.T) {
			r := cliRun("\n"+tt.question+"\n", "bounds")
			assert.Equal(t, result{"", "stdin:2: " + tt.want + "\n", exitUsage}, r)
		})
	}
	r := cliRun("", "bounds", "one", "two")
	assert.Equal(t, result{"", "metatrace bounds: 2 files, expected one at most\n", exitUsage}, r)
}

// What stands before a bad line has its answer.
func TestBoundsAnswersUpToTheError(t *testing.T) {
	file := write(t, "q.jsonl", `{"op": "neg", "a": {"lo": 0, "hi": 0}}`+"\n{\n")
	r := cliRun("", "bounds", file)
	assert.Equal(t, exitUsage, r.code)
	assert.Equal(t, 1, strings.Count(r.stdout, "\n"))
	assert.Contains(t, r.stderr, file+":2: unexpected end of JSON input, expected ")
}

// Every operation of the help is there, and all that are there are in the help.
func TestBoundsHelpIsComplete(t *testing.T) {
	help := strings.Fields(cliRun("", "bounds", "-h").stdout)
	for name := range boundsOps {
		assert.Contains(t, help, name)
		line, err := json.Marshal(map[string]any{"op": name, "a": struct{}{}, "b": struct{}{}})
		require.NoError(t, err)
		r := cliRun(string(line), "bounds")
		assert.Contains(t, r.stdout, `"lo":`, name)
	}
}
