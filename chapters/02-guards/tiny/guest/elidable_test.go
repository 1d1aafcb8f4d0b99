package guest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestElidableCalls wants that a division whose operands are known is computed
// when the trace is compiled, and one that is the same in every iteration before
// the loop.
func TestElidableCalls(t *testing.T) {
	for _, c := range []struct {
		name, src, out string
		before, loop   bool // is there a call, before the label and behind it
	}{
		{"constant", `(var n 7) (var i 0) (var s 0)
(while (< i 40) (if (= n 7) (set s (+ s (% n 4)))) (set i (+ i 1)))
(print s)`, "120\n", false, false},
		{"invariant", `(var n 7) (var i 0) (var s 0)
(while (< i 40) (set s (+ s (% n 4))) (set i (+ i 1)))
(print s)`, "120\n", true, false},
		{"changes", `(var i 0) (var s 0)
(while (< i 40) (set s (+ s (% i 4))) (set i (+ i 1)))
(print s)`, "60\n", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log strings.Builder
			opt := suite.JIT(5)
			opt.Log = &log
			out, _ := program{Name: c.name, Src: c.src}.Run(t, setup{Opt: opt})
			require.Equal(t, outcome{Out: c.out}, out)
			recorded, optimized, _ := strings.Cut(log.String(), "as optimized")
			require.Contains(t, recorded, "ConstClass(int_mod)")
			before, loop, _ := strings.Cut(optimized, "label(")
			require.Equal(t, c.before, strings.Contains(before, "ConstClass(int_mod)"), before)
			require.Equal(t, c.loop, strings.Contains(loop, "ConstClass(int_mod)"), loop)
		})
	}
}
