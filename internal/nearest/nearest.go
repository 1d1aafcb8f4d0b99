// Package nearest finds what a misspelt name most likely meant, so that an error
// message can say so.
package nearest

// longest is the length from which on nobody looks: nobody mistypes a longer
// name, and the distance takes quadratic time.
const longest = 64

// Name returns the known name that is nearest to the one that was typed, and how
// many letters one has to insert, drop or change to make it of that one. Of
// those that are as near, it takes one with as many letters, and then the first.
// The name is "" if there is none within most.
func Name(typed string, most int, known []string) (name string, distance int) {
	least := 2*most + 2
	for _, k := range known {
		if len(k)+len(typed) > longest {
			continue
		}
		d := 2 * levenshtein(typed, k)
		if len(k) != len(typed) {
			d++
		}
		if d < least {
			name, least = k, d
		}
	}
	return name, least / 2
}

// levenshtein counts the letters to insert, drop or change to make b of a.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal, row[j+1] = row[j+1], min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
