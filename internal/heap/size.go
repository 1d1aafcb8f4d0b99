package heap

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseSize reads a number of bytes as one writes it for the flag -heap: 65536,
// 64k, 512m, 1g. The letters stand for 1<<10, 1<<20 and 1<<30.
func ParseSize(s string) (int64, error) {
	digits, shift := s, 0
	for i, unit := range []string{"k", "m", "g"} {
		if before, ok := strings.CutSuffix(strings.ToLower(s), unit); ok {
			digits, shift = before, 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	switch {
	case digits != "" && strings.Trim(digits, "0123456789") == "" && (err != nil || n > math.MaxInt64>>shift):
		return 0, fmt.Errorf("size %q is too large", s)
	case err != nil:
		return 0, fmt.Errorf("size %q: want a number of bytes, or a number and one of k, m, g, as in 512m", s)
	case n == 0:
		return 0, fmt.Errorf("size %q: want more than 0 bytes", s)
	}
	return int64(n) << shift, nil
}
