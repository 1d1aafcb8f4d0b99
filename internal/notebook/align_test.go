package notebook

import (
	"strings"
	"testing"
)

func TestMatchLine(t *testing.T) {
	for _, tt := range []struct {
		cell, truth string
		want        bool
	}{
		{"", "", true},
		{"a", "a  ", true},
		{"a", "ab", false},
		{"a…", "abc", true},
		{"a…", "a", true},
		{"…c", "abc", true},
		{"…c", "abcd", false},
		{"a…c", "ac", true},
		{"aa…a", "aa", false},
		{"a…b…c", "a1b2b3c", true},
		{"a…b…c", "a1c2b", false},
		{"took … ms, … traces", "took 1.5 ms, 3 traces", true},
		{"took … ms, … traces", "took 1.5 s, 3 traces", false},
	} {
		if got := matchLine(tt.cell, tt.truth); got != tt.want {
			t.Errorf("matchLine(%q, %q) = %v", tt.cell, tt.truth, got)
		}
	}
}

func TestAlign(t *testing.T) {
	for _, tt := range []struct {
		cell, truth string // lines, separated by blanks
		want        string // what the cell becomes
	}{
		{"", "", ""},
		{"a b", "a b", "a b"},
		{"", "a b", "a b"},
		{"a b", "", ""},
		{"…", "", "…"},
		{"…", "a b c", "…"},
		{"a … c", "a 1 2 3 c", "a … c"},
		{"… c …", "a c c", "… c …"},
		{"… … a", "a", "… … a"},
		{"a x c", "a b c", "a b c"},
		{"a c", "a b c", "a b c"},
		{"a b c", "a c", "a c"},
		// A changed line is replaced, not left to the gap beside it.
		{"x1 …", "x2 y z", "x2 …"},
		{"n=… x m=…", "n=1 y m=2", "n=… y m=…"},
		{"n=…", "m=1", "m=1"},
	} {
		cell, truth := strings.Fields(tt.cell), strings.Fields(tt.truth)
		edits := align(cell, truth, withElisions)
		if got := strings.Join(result(edits), " "); got != tt.want {
			t.Errorf("align(%q, %q) gives %q, want %q", tt.cell, tt.truth, got, tt.want)
		}
		if changed(edits) != (tt.cell != tt.want) {
			t.Errorf("align(%q, %q): changed = %v", tt.cell, tt.truth, changed(edits))
		}
	}
}

func TestDiffShowsChangesWithContext(t *testing.T) {
	cell, truth := strings.Fields("1 2 3 4 5 6 x 7 8 9 10 11"), strings.Fields("1 2 3 4 5 6 y 7 8 9 10 11")
	got := diff(align(cell, truth, letterForLetter))
	want := "\n\t@@\n\t  5\n\t  6\n\t- x\n\t+ y\n\t  7\n\t  8\n\t@@"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
