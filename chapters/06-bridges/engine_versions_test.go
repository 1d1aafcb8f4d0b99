package bridges_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// A version whose own jump wants another, which wants the first, that is being compiled.
func TestVersionsOfVersions(t *testing.T) {
	t.Parallel()
	const source = `
(class P x)
(var i 0)
(var a (new P 1))
(var b (new P 2))
(var c nil)
(var s 0)
(while (< i 300)
  (if (= (& i 15) 7) (set a (new P i)))
  (set s (+ s (. a x)))
  (set c a) (set a b) (set b c) (set c nil)
  (set i (+ i 1)))
(print s)`
	var result engineResult
	kits := course.Solved()
	limits := bridges.Limits{Eagerness: 2, Versions: -1}
	opt := engineRun{threshold: 3, limits: limits}.options(t, &result)
	opt.Chain.Peel = nil
	opt = kits.Bridged(opt, bridges.Options{Limits: limits, Listen: func(e bridges.Event) { result.events = append(result.events, e) }})
	out, stats := execute(t, source, heap.Options{}, opt, &strings.Builder{})
	require.Equal(t, interpreted(t, source), out)
	t.Log(stats.Versions, strings.Join(briefs(result.events), "\n"))
}
