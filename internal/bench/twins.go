package bench

import "fmt"

// The twins: each does in Go what the program of its name does, n times over, and
// returns what that prints. They are what somebody would write who wants the
// checks and no more: an integer is an int64, an array a slice, an object a struct.
// Where the loop's bound says that a counter can't overflow, nobody checks it.
// Products are float64(x * y), so that no machine fuses them with the addition.

func line(values ...any) string { return fmt.Sprintln(values...) }

// repeat calls f n times, and returns what it gave last.
func repeat[T any](n int64, f func() T) (last T) {
	for range n {
		last = f()
	}
	return last
}

//go:noinline
func sum(limit int64) (s int64) {
	for i := int64(0); i < limit; i++ {
		s = add(s, mul(i, i))
	}
	return s
}

func sumTwin(n int64) string { return line(repeat(n, func() int64 { return sum(200000) })) }

//go:noinline
func pi(limit int64) (sum float64) {
	for k := int64(0); k < limit; k++ {
		sum += 4.0 / float64(add(mul(2, k), 1))
		k++
		sum -= 4.0 / float64(add(mul(2, k), 1))
	}
	return sum
}

func piTwin(n int64) string { return line(repeat(n, func() float64 { return pi(100000) })) }

// scattered returns n integers from 0 to 1023.
func scattered(n int64) []int64 {
	a := make([]int64, n)
	for i := range a {
		a[i] = int64(i) * 421 & 1023
	}
	return a
}

//go:noinline
func total(a []int64) (s int64) {
	for _, x := range a {
		s = add(s, x)
	}
	return s
}

func totalTwin(n int64) string {
	a := scattered(20000)
	return line(repeat(n, func() int64 { return total(a) }))
}

func rising(n int64, step float64) []float64 {
	a := make([]float64, n)
	for i := range a {
		a[i] = 1 + float64(float64(i)*step)
	}
	return a
}

//go:noinline
func dot(a, b []float64) (s float64) {
	for i := range a {
		s += float64(a[i] * b[i])
	}
	return s
}

func dotTwin(n int64) string {
	a, b := rising(10000, 0.001), rising(10000, 0.125)
	return line(repeat(n, func() float64 { return dot(a, b) }))
}

// copyItems is not the function copy, which moves blocks of memory.
//
//go:noinline
func copyItems(from, to []int64) {
	for i := range from {
		to[i] = from[i]
	}
}

func copyTwin(n int64) string {
	a, b := scattered(20000), make([]int64, 20000)
	for range n {
		copyItems(a, b)
	}
	return line(b[1], b[10000], b[19999])
}

//go:noinline
func fill(a []int64) {
	for i := range a {
		a[i] = mul(int64(i), 3)
	}
}

func fillTwin(n int64) string {
	a := make([]int64, 20000)
	for range n {
		fill(a)
	}
	return line(a[1], a[10000], a[19999])
}

//go:noinline
func sieve(n int64) (count int64) {
	composite := make([]bool, n)
	for i := int64(2); i < n; i++ {
		if !composite[i] {
			count++
			for k := mul(i, i); k < n; k = add(k, i) {
				composite[k] = true
			}
		}
	}
	return count
}

func sieveTwin(n int64) string { return line(repeat(n, func() int64 { return sieve(20000) })) }

//go:noinline
func nested(rows, columns int64) (total int64) {
	for i := int64(0); i < rows; i++ {
		for j := int64(0); j < columns; j++ {
			total = add(total, i^j)
		}
	}
	return total
}

func nestedTwin(n int64) string { return line(repeat(n, func() int64 { return nested(100, 1000) })) }

//go:noinline
func hash(x uint64, n int64) uint64 {
	for ; n > 0; n-- {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func hashTwin(n int64) string {
	return line(repeat(n, func() int64 { return int64(hash(88172645463325252, 200000)) }))
}

//go:noinline
func collatz(limit int64) (start int64) {
	best := int64(0)
	for i := int64(1); i < limit; i++ {
		steps := int64(0)
		for n := i; n != 1; steps++ {
			if n&1 == 0 {
				n >>= 1
			} else {
				n = add(mul(3, n), 1)
			}
		}
		if steps > best {
			best, start = steps, i
		}
	}
	return start
}

func collatzTwin(n int64) string { return line(repeat(n, func() int64 { return collatz(1500) })) }

func isPrime(n int64) bool {
	for d := int64(2); mul(d, d) <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return true
}

//go:noinline
func primes(limit int64) (count int64) {
	for i := int64(2); i < limit; i++ {
		if isPrime(i) {
			count++
		}
	}
	return count
}

func primesTwin(n int64) string { return line(repeat(n, func() int64 { return primes(3000) })) }

func fib(n int64) int64 {
	if n < 2 {
		return n
	}
	return add(fib(n-1), fib(n-2))
}

func fibTwin(n int64) string { return line(repeat(n, func() int64 { return fib(20) })) }
