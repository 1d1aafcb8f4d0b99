package nearest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestName(t *testing.T) {
	known := []string{"int_add", "int_and", "guard_true", "x"}
	for _, c := range []struct {
		typed string
		most  int
		want  string
		far   int
	}{
		{"int_ad", 3, "int_add", 1},
		{"int_anf", 3, "int_and", 1},
		{"int_aad", 3, "int_add", 1}, // as near as int_and, and first
		{"guard_ture", 2, "guard_true", 2},
		{"guard_ture", 1, "", 2},
		{"", 3, "x", 1},
		{strings.Repeat("x", 100), 1000, "", 1001},
	} {
		name, far := Name(c.typed, c.most, known)
		assert.Equal(t, c.want, name, c.typed)
		if name != "" {
			assert.Equal(t, c.far, far, c.typed)
		}
	}
}
