package bench

import (
	"embed"
	"fmt"
	"regexp"
)

// A Program is written twice: in tiny, and by hand in Go. Both do the same work n
// times over, which is a round, and print what the last round gave.
type Program struct {
	Name       string
	What       string // what it does
	Turn       string // what an iteration is
	Iterations int64  // in a round
	Go         func(n int64) string
}

// Programs are all of them, in the order of the table.
var Programs = []Program{
	{"sum", "sums squares", "turn of the loop", 200000, sumTwin},
	{"pi", "a series of floats", "turn of the loop, two terms", 50000, piTwin},
	{"total", "sums an array of integers", "single item", 20000, totalTwin},
	{"dot", "multiplies two arrays of floats", "pair of items", 10000, dotTwin},
	{"copy", "copies an array", "single item", 20000, copyTwin},
	{"fill", "fills an array with new numbers", "single item", 20000, fillTwin},
	{"centroid", "centroids of triangles, with objects", "triangle", 100000, centroidTwin},
	{"centroid_flat", "the same without objects", "triangle", 100000, centroidFlatTwin},
	{"nested", "a loop inside a loop", "turn of the inner loop", 100000, nestedTwin},
	{"objects", "counts in an object, keeps a few", "turn of the loop", 100000, objectsTwin},
	{"list", "walks along a linked list", "node", 10000, listTwin},
	{"hash", "a xorshift generator", "turn of the loop", 200000, hashTwin},
	{"sieve", "the sieve of Eratosthenes", "turn of any loop", 55481, sieveTwin},
	{"collatz", "Collatz sequences", "step of a sequence", 95661, collatzTwin},
	{"primes", "trial division", "turn of the inner loop", 23091, primesTwin},
	{"fib", "recursion", "call", 21891, fibTwin},
}

//go:embed programs/*.tiny
var files embed.FS

// rounds is the line of a program that says how many rounds it does.
var rounds = regexp.MustCompile(`(?m)^\(var n \d+\)`)

// File is the name of the program's file in messages.
func (p *Program) File() string { return "internal/bench/programs/" + p.Name + ".tiny" }

// Source returns the text of the program, for n rounds.
func (p *Program) Source(n int64) (string, error) {
	text, err := files.ReadFile("programs/" + p.Name + ".tiny")
	if err != nil {
		return "", fmt.Errorf("the program %s has no file", p.Name)
	}
	if len(rounds.FindAllIndex(text, -1)) != 1 {
		return "", fmt.Errorf("%s: expected one line that begins with (var n NUMBER)", p.File())
	}
	return string(rounds.ReplaceAll(text, fmt.Appendf(nil, "(var n %d)", n))), nil
}

// Find returns the program with that name, or nil.
func Find(name string) *Program {
	for i := range Programs {
		if Programs[i].Name == name {
			return &Programs[i]
		}
	}
	return nil
}
