package demosolution

import (
	"errors"

	demo "metatrace/internal/course/testdata/demo/chapters/01-demo"
)

// Halve returns half of the [demo.Num] x. It is an error if x is odd.
func Halve(
	x demo.Num,
) (half demo.Num, err error) {
	if x%2 != 0 {
		return 0, errors.New("odd")
	}
	return x / 2, nil
}
