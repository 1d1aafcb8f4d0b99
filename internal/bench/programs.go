package bench

import (
	"embed"
	"fmt"
	"regexp"
)

// A Program is written twice: in tiny, and by hand in Go. Both do the same work n
// times over, which is a round, and print what the last round gave. (Of programs that
// print in each round, that comes n times over.)
type Program struct {
	Name       string
	What       string // what it does
	Turn       string // what an iteration is
	Iterations int64  // in a round
	Go         func(n int64) string
	Prints     bool   // in each round
	text       string // of FromFile; then Name is the file's, and Go is nil
}

// FromFile returns the program with that text, which knows of no rounds.
func FromFile(file, text string) *Program {
	return &Program{Name: file, Turn: "run of the program", Iterations: 1, text: text}
}

// Programs are all of them, in the order of the table.
var Programs = []Program{
	{Name: "sum", What: "sums squares", Turn: "turn of the loop", Iterations: 200000, Go: sumTwin},
	{Name: "pi", What: "a series of floats", Turn: "turn of the loop, two terms", Iterations: 50000, Go: piTwin},
	{Name: "total", What: "sums an array of integers", Turn: "single item", Iterations: 20000, Go: totalTwin},
	{Name: "dot", What: "multiplies two arrays of floats", Turn: "pair of items", Iterations: 10000, Go: dotTwin},
	{Name: "copy", What: "copies an array", Turn: "single item", Iterations: 20000, Go: copyTwin},
	{Name: "fill", What: "fills an array with new numbers", Turn: "single item", Iterations: 20000, Go: fillTwin},
	{Name: "centroid", What: "centroids of triangles, with objects", Turn: "triangle", Iterations: 100000, Go: centroidTwin},
	{Name: "centroid_flat", What: "the same without objects", Turn: "triangle", Iterations: 100000, Go: centroidFlatTwin},
	{Name: "nested", What: "a loop inside a loop", Turn: "turn of the inner loop", Iterations: 100000, Go: nestedTwin},
	{Name: "objects", What: "counts in an object, keeps a few", Turn: "turn of the loop", Iterations: 100000, Go: objectsTwin},
	{Name: "list", What: "walks along a linked list", Turn: "node", Iterations: 10000, Go: listTwin},
	{Name: "hash", What: "a xorshift generator", Turn: "turn of the loop", Iterations: 200000, Go: hashTwin},
	{Name: "sieve", What: "the sieve of Eratosthenes", Turn: "turn of any loop", Iterations: 55481, Go: sieveTwin},
	{Name: "collatz", What: "Collatz sequences", Turn: "step of a sequence", Iterations: 95661, Go: collatzTwin},
	{Name: "primes", What: "trial division", Turn: "turn of the inner loop", Iterations: 23091, Go: primesTwin},
	{Name: "fib", What: "recursion", Turn: "call", Iterations: 21891, Go: fibTwin},
	{Name: "square", What: "a call in a loop", Turn: "turn of the loop", Iterations: 100000, Go: squareTwin},
	{Name: "fnv", What: "a hash of bytes, four turns a number", Turn: "byte", Iterations: 32000, Go: fnvTwin},
	{Name: "control", What: "loops of a few turns, left by return", Turn: "turn of the inner loop", Iterations: 23050, Go: controlTwin},
	{Name: "arrays", What: "sorts arrays", Turn: "turn of an inner loop", Iterations: 13911, Go: arraysTwin},
	{Name: "pi_opaque", What: "pi, with an opaque call", Turn: "turn of the loop, two terms", Iterations: 50000, Go: piOpaqueTwin},
	{Name: "printing", What: "prints now and then", Turn: "turn of the loop", Iterations: 3000, Go: printingTwin, Prints: true},
	{Name: "overflow", What: "integers that become floats", Turn: "turn of any loop", Iterations: 46000, Go: overflowTwin},
	{Name: "types", What: "variables that change their types", Turn: "turn of either loop", Iterations: 30000, Go: typesTwin},
	{Name: "optional", What: "nine parameters that may be nil", Turn: "call", Iterations: 5000, Go: optionalTwin},
}

//go:embed programs/*.tiny
var files embed.FS

// rounds is the line of a program that says how many rounds it does.
var rounds = regexp.MustCompile(`(?m)^\(var n \d+\)`)

// File is the name of the program's file in messages.
func (p *Program) File() string {
	if p.Go == nil {
		return p.Name
	}
	return "internal/bench/programs/" + p.Name + ".tiny"
}

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
