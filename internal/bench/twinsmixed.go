package bench

import (
	"fmt"
	"strings"

	"metatrace/chapters/02-guards/tiny"
)

// The twins of programs whose data change their types, and of those with many paths.

// number is an int that has become a float where it did not fit.
type number struct {
	isFloat bool
	i       int64
	f       float64
}

func integer(i int64) number { return number{i: i} }
func float(f float64) number { return number{isFloat: true, f: f} }
func (a number) value() float64 {
	if a.isFloat {
		return a.f
	}
	return float64(a.i)
}

func (a number) plus(b number) number {
	c := a.i + b.i
	if a.isFloat || b.isFloat || (a.i^c)&(b.i^c) < 0 {
		return float(a.value() + b.value())
	}
	return integer(c)
}

func (a number) times(b number) number {
	c := a.i * b.i
	if a.isFloat || b.isFloat || a.i != 0 && (c/a.i != b.i || a.i == -1 && b.i == c) {
		return float(a.value() * b.value())
	}
	return integer(c)
}

// String writes a as tiny does.
func (a number) String() string {
	if a.isFloat {
		return tiny.FormatFloat(a.f)
	}
	return fmt.Sprint(a.i)
}

//go:noinline
func factorials(limit int64) (p number) {
	for ; limit > 0; limit-- {
		p = integer(1)
		for n := int64(25); n > 1; n-- {
			p = p.times(integer(n))
		}
	}
	return p
}

//go:noinline
func climb(x number, steps int64) number {
	for ; steps > 0; steps-- {
		x = x.plus(integer(100))
	}
	return x
}

func overflowTwin(n int64) string {
	p := repeat(n, func() number { return factorials(1500) })
	return line(p, repeat(n, func() number { return climb(integer(9223372036854000000), 10000) }))
}

type cell struct{ v number }

//go:noinline
func change(limit int64) number {
	var x number
	var last *cell
	for i := int64(0); i < limit; i++ {
		if i == 9000 {
			x = float(x.value())
		}
		if i == 15000 {
			last = &cell{x}
		}
		x = x.plus(integer(1))
		if last != nil {
			last.v = last.v.plus(integer(i))
		}
	}
	return last.v
}

func twice(v number) number { return v.plus(v) }

//go:noinline
func mixTypes(limit int64) (mixed number) {
	for i := int64(0); i < limit; i++ {
		if i%7 == 3 {
			mixed = mixed.plus(twice(float(0.25)))
		} else if mixed = mixed.plus(twice(integer(i))); mixed.isFloat {
			mixed = integer(int64(mixed.f))
		}
	}
	return mixed
}

func typesTwin(n int64) string {
	changed := repeat(n, func() number { return change(20000) })
	return line(changed, repeat(n, func() number { return mixTypes(10000) }))
}

// optional is an int or nil.
type optional struct {
	given bool
	v     int64
}

func mix(p *[9]optional) (s int64) {
	or := func(k int, otherwise int64) int64 {
		if p[k].given {
			return p[k].v
		}
		return otherwise
	}
	s = or(0, 1)
	if p[1].given {
		s = add(s, mul(2, p[1].v))
	}
	if p[2].given {
		s = sub(s, p[2].v)
	}
	if p[3].given {
		s ^= p[3].v
	} else {
		s = add(s, 3)
	}
	if p[4].given {
		s = add(s, mul(3, p[4].v))
	}
	s = sub(s, or(5, 5))
	if p[6].given {
		s = add(s, p[6].v)
	}
	if p[7].given {
		s |= p[7].v
	}
	return add(s, or(8, 7))
}

//go:noinline
func mixOptional(limit int64) (sum int64) {
	seed := int64(42)
	for i := int64(0); i < limit; i++ {
		seed = add(mul(seed, 1103515245), 12345) & 2147483647
		bits := seed >> 12
		var p [9]optional
		for k := range p {
			if bits>>k&1 == 1 {
				p[k] = optional{true, int64(k) + 10}
			}
		}
		sum = add(sum, mix(&p))
	}
	return sum
}

func optionalTwin(n int64) string {
	return line(repeat(n, func() int64 { return mixOptional(5000) }))
}

//go:noinline
func printSome(b *strings.Builder, limit int64) {
	for i := int64(0); i < limit; i++ {
		switch {
		case i%100 != 99:
		case i > 1500:
			fmt.Fprintln(b, i, float64(i)*1.5, "nil")
		default:
			fmt.Fprintln(b, i, float64(i)*1.5, i)
		}
	}
}

func printingTwin(n int64) string {
	var b strings.Builder
	for range n {
		printSome(&b, 3000)
	}
	return b.String()
}
