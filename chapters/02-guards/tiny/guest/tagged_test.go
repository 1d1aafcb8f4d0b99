package guest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/chapters/02-guards/tiny/space"
)

var optimizedTrace = regexp.MustCompile(`(?s), as optimized\n(.*?)\n\n`)

// TestTaggedTracesLeaveNoObject looks at all traces of all programs: whatever the
// passes, no operation is left that takes an int for an object in memory.
func TestTaggedTracesLeaveNoObject(t *testing.T) {
	t.Parallel()
	guesttest.Each(t, suite.Programs(t), func(t *testing.T, p program) {
		for _, list := range []string{"all", "none", "-virtuals", "-peel", "virtuals,peel"} {
			var log strings.Builder
			opt := suite.JIT(2)
			opt.Chain, opt.Log = suite.Passes(t, list), &log
			p.Small().Run(t, setup{Boxes: space.TaggedBoxes, Opt: opt})
			for _, m := range optimizedTrace.FindAllStringSubmatch(log.String(), -1) {
				require.NotRegexp(t, `ConstClass\(W_Int_vtable\)|descr=W_Int\b`, m[1], "passes %s", list)
			}
		}
	})
}
