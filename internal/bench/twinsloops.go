package bench

// The twins of programs with loops inside loops, and with calls.

func fillPseudo(n int64) []int64 {
	a, x := make([]int64, n), int64(7)
	for i := range a {
		x = add(mul(x, 421), 17) % 1009
		a[i] = x
	}
	return a
}

//go:noinline
func insertion(a []int64) []int64 {
	for i := 1; i < len(a); i++ {
		x, k := a[i], i-1
		for k >= 0 && a[k] > x {
			a[k+1] = a[k]
			k--
		}
		a[k+1] = x
	}
	return a
}

//go:noinline
func bubble(a []int64) []int64 {
	for n := len(a); n > 1; n-- {
		for i := 1; i < n; i++ {
			if x, y := a[i-1], a[i]; x > y {
				a[i-1], a[i] = y, x
			}
		}
	}
	return a
}

func arraysTwin(n int64) string {
	a := repeat(n, func() []int64 { return insertion(fillPseudo(160)) })
	b := repeat(n, func() []int64 { return bubble(fillPseudo(120)) })
	return line(a[0], a[len(a)-1], b[60])
}

func find(n, limit int64) int64 {
	for i := int64(0); ; i++ {
		if i == limit || i > 5 && i%n == 0 {
			return i
		}
	}
}

//go:noinline
func finds(limit int64) (s int64) {
	for i := int64(0); i < limit; i++ {
		s = add(s, find(i%30+1, 20))
	}
	return s
}

func controlTwin(n int64) string { return line(repeat(n, func() int64 { return finds(1500) })) }

func fnv(h, x int64) int64 {
	for range 4 {
		h = mul(h^x&255, 16777619) & 4294967295
		x = int64(uint64(x) >> 8)
	}
	return h
}

//go:noinline
func fnvs(limit int64) int64 {
	h := int64(2166136261)
	for i := int64(0); i < limit; i++ {
		h = fnv(h, i)
	}
	return h
}

func fnvTwin(n int64) string { return line(repeat(n, func() int64 { return fnvs(8000) })) }

// term is a call, as the opaque one in the program is.
//
//go:noinline
func term(k int64) float64 { return 4.0 / float64(add(mul(2, k), 1)) }

//go:noinline
func piOpaque(limit int64) (sum float64) {
	for k := int64(0); k < limit; k++ {
		sum += 4.0 / float64(add(mul(2, k), 1))
		k++
		sum -= term(k)
	}
	return sum
}

func piOpaqueTwin(n int64) string {
	return line(repeat(n, func() float64 { return piOpaque(100000) }))
}

func square(x int64) int64 { return mul(x, x) }

//go:noinline
func squares(limit int64) (s int64) {
	for i := int64(0); i < limit; i++ {
		s = add(s, square(i))
	}
	return s
}

func squareTwin(n int64) string { return line(repeat(n, func() int64 { return squares(100000) })) }
