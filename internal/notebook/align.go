package notebook

import "strings"

// elision stands for what varies from run to run.
const elision = "…"

// An edit is one line of the way from what a cell says to what it should say.
type edit struct {
	op   byte // ' ' keep, '-' drop, '+' insert
	text string
}

// changed reports whether the edits change anything.
func changed(edits []edit) bool {
	for _, e := range edits {
		if e.op != ' ' {
			return true
		}
	}
	return false
}

// result is what the edits lead to.
func result(edits []edit) []string {
	var lines []string
	for _, e := range edits {
		if e.op != '-' {
			lines = append(lines, e.text)
		}
	}
	return lines
}

// firstChange returns how many lines of the old text come before the first
// change.
func firstChange(edits []edit) int {
	for i, e := range edits {
		if e.op != ' ' {
			return i
		}
	}
	return len(edits)
}

// diff shows the edits, with two lines of context around changes.
func diff(edits []edit) string {
	const context = 2
	near := make([]bool, len(edits))
	for i, e := range edits {
		if e.op == ' ' {
			continue
		}
		for j := max(0, i-context); j <= min(len(edits)-1, i+context); j++ {
			near[j] = true
		}
	}
	var b strings.Builder
	for i, e := range edits {
		if near[i] {
			b.WriteString("\n\t" + strings.TrimRight(string(e.op)+" "+e.text, " "))
		} else if i == 0 || near[i-1] {
			b.WriteString("\n\t@@")
		}
	}
	return b.String()
}

// keep returns edits that keep all lines.
func keep(lines ...string) []edit {
	var edits []edit
	for _, l := range lines {
		edits = append(edits, edit{' ', l})
	}
	return edits
}

// A comparison says when a line of a cell stands for a line of the truth.
type comparison struct {
	same func(cell, truth string) bool
	gap  func(cell string) bool // the line stands for any number of lines
}

var (
	letterForLetter = comparison{
		same: func(cell, truth string) bool { return cell == truth },
		gap:  func(string) bool { return false },
	}
	withElisions = comparison{
		same: matchLine,
		gap:  func(cell string) bool { return strings.TrimSpace(cell) == elision },
	}
)

// matchLine reports whether a line that may contain … stands for another.
// Blanks at the end don't count: editors take them off.
func matchLine(cell, truth string) bool {
	cell, truth = strings.TrimRight(cell, " \t"), strings.TrimRight(truth, " \t")
	parts := strings.Split(cell, elision)
	last := len(parts) - 1
	if last == 0 {
		return cell == truth
	}
	rest, ok := strings.CutPrefix(truth, parts[0])
	if !ok {
		return false
	}
	// The leftmost place is as good as any other for what stands between two
	// elisions.
	for _, part := range parts[1:last] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[last])
}

// Scores of align. A changed line is replaced rather than left to a gap beside
// it, for that would make the cell say less; a new line does go into a gap.
const (
	scoreMatch   = 4
	scoreReplace = 0
	scoreDrop    = -2
	scoreInsert  = -1
	scoreDropGap = -8
)

// align finds the best way to make a cell say the truth: it keeps as many
// lines of the cell as it can, and of the ones with elisions those that still
// match. There is no change exactly if the cell is true.
func align(cell, truth []string, c comparison) []edit {
	n, m := len(cell), len(truth)
	// best[i][j] is the score of cell[i:] against truth[j:], steps[i][j] the
	// first step of getting there.
	best, steps := make([][]int, n+1), make([][]byte, n+1)
	for i := n; i >= 0; i-- {
		best[i], steps[i] = make([]int, m+1), make([]byte, m+1)
		for j := m; j >= 0; j-- {
			if i == n && j == m {
				continue
			}
			try := func(step byte, score int) {
				if steps[i][j] == 0 || score > best[i][j] {
					best[i][j], steps[i][j] = score, step
				}
			}
			if i < n && j < m && !c.gap(cell[i]) {
				if c.same(cell[i], truth[j]) {
					try('=', best[i+1][j+1]+scoreMatch)
				}
				try('~', best[i+1][j+1]+scoreReplace)
			}
			if i < n && c.gap(cell[i]) {
				try('g', best[i+1][j]) // the gap ends
				if j < m {
					try('s', best[i][j+1]) // the gap swallows a line
				}
				try('-', best[i+1][j]+scoreDropGap)
			} else if i < n {
				try('-', best[i+1][j]+scoreDrop)
			}
			if j < m {
				try('+', best[i][j+1]+scoreInsert)
			}
		}
	}
	return follow(steps, cell, truth)
}

// follow turns the steps that align found into edits.
func follow(steps [][]byte, cell, truth []string) []edit {
	var edits []edit
	for i, j := 0, 0; i < len(cell) || j < len(truth); {
		switch steps[i][j] {
		case '=':
			edits = append(edits, edit{' ', cell[i]})
			i, j = i+1, j+1
		case '~':
			edits = append(edits, edit{'-', cell[i]}, edit{'+', truth[j]})
			i, j = i+1, j+1
		case 'g':
			edits = append(edits, edit{' ', cell[i]})
			i++
		case 's':
			j++
		case '-':
			edits = append(edits, edit{'-', cell[i]})
			i++
		case '+':
			edits = append(edits, edit{'+', truth[j]})
			j++
		}
	}
	return edits
}
