package bridges_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	bridges "metatrace/chapters/06-bridges"
)

// Where the body of a loop has two objects and a version of it has one twice, the exits
// differ: who writes to the one sees it in the other.
func TestOneObjectIsNotTwo(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"(set b a)", "(set a b)"} {
		r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}.checked(t, `
(class P x)
(var i 0)
(var s 0)
(var a (new P 0))
(var b (new P 0))
(while (< i 3000)
  (if (= (& i 1023) 1000) (do (set (. a x) 100) (set s (^ s (* 1000 (. b x))))))
  (set s (^ s (. a x)))
  (set a (new P (& i 255)))
  (set b (new P (& i 255)))
  (if (= (% i 3) 1) `+path+`)
  (set i (+ i 1)))
(print s)`)
		require.NotZero(t, r.stats.Bridges)
	}
}

// What is known of a value in the version is not known of the other values of the body
// that are the same when it is entered.
func TestOneValueIsNotTwo(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"(set b a)", "(set a b)"} {
		r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 1}}.checked(t, `
(var i 0)
(var s 0)
(var b 0)
(var a 0)
(while (< i 3000)
  (if (> a 150) (set s (^ s 1)))
  (if (= (& i 63) 40) (if (> b 150) (set s (^ s 1024)) (set s (^ s (<< b 20)))))
  (set b (& (* (& i 1023) 7) 255))
  (set a (& (* (& i 1023) 5) 255))
  (if (= (% i 3) 1) `+path+`)
  (set i (+ i 1)))
(print s)`)
		require.NotEqual(t, "loop1.body", compiledBridges(r)[0].Goes)
	}
}
