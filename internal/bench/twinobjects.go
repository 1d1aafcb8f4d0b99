package bench

// The twins of programs with objects.

// The x of a corner is an integer, as in the program.
type (
	triangle struct{ a, b, c point }
	point    struct {
		x int64
		y float64
	}
	vector struct{ x, y float64 }
)

// addPoints and centroid are small enough for the compiler to inline.
func addPoints(p, q point) point { return point{add(p.x, q.x), p.y + q.y} }

func centroid(t triangle) vector {
	p, third := addPoints(addPoints(t.a, t.b), t.c), 1/3.0
	return vector{float64(float64(p.x) * third), float64(p.y * third)}
}

//go:noinline
func mean(n int64) vector {
	sum := vector{}
	for i := int64(0); i < n; i++ {
		c := centroid(triangle{
			point{i, float64(float64(i) * 0.5)},
			point{i + 3, float64(sub(7, i))},
			point{i - 1, 2.5},
		})
		sum = vector{sum.x + c.x, sum.y + c.y}
	}
	return vector{sum.x * (1 / float64(n)), sum.y * (1 / float64(n))}
}

func centroidTwin(n int64) string {
	p := repeat(n, func() vector { return mean(100000) })
	return line(p.x, p.y)
}

//go:noinline
func meanFlat(n int64) vector {
	sumx, sumy, third := 0.0, 0.0, 1/3.0
	for i := int64(0); i < n; i++ {
		x := add(add(i, i+3), i-1)
		y := float64(float64(i)*0.5) + float64(sub(7, i)) + 2.5
		sumx += float64(float64(x) * third)
		sumy += float64(y * third)
	}
	return vector{sumx * (1 / float64(n)), sumy * (1 / float64(n))}
}

func centroidFlatTwin(n int64) string {
	p := repeat(n, func() vector { return meanFlat(100000) })
	return line(p.x, p.y)
}

type (
	counter struct{ n int64 }
	pair    struct{ left, right int64 }
)

// objects keeps a pair now and then, and therefore Go allocates all of them.
//
//go:noinline
func objects(n int64, kept []*pair) int64 {
	c := &counter{}
	for i := int64(0); i < n; i++ {
		c.n = add(c.n, 1)
		p := &pair{i, -i}
		if i%1000 == 0 {
			kept[i/1000] = p
		}
		p.left = add(p.left, p.right)
	}
	return c.n
}

func objectsTwin(n int64) string {
	kept := make([]*pair, 100)
	count := repeat(n, func() int64 { return objects(100000, kept) })
	return line(count, kept[99].left, kept[99].right)
}

type node struct {
	value int64
	next  *node
}

func build(n int64) (head *node) {
	for ; n > 0; n-- {
		head = &node{n, head}
	}
	return head
}

//go:noinline
func sumList(list *node) (s int64) {
	for ; list != nil; list = list.next {
		s = add(s, list.value)
	}
	return s
}

func listTwin(n int64) string {
	list := build(10000)
	return line(repeat(n, func() int64 { return sumList(list) }))
}
