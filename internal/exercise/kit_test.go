package exercise

import (
	"errors"
	"testing"
)

type thing struct{ n int }

func (*thing) stub(int)     { panic(TODO) }
func (x *thing) get() int   { return x.n }
func stubFn(a []int, s any) { panic(TODO) }
func callsStub(x int) int   { stubFn(nil, x); return x }

func TestIsStub(t *testing.T) {
	var none func()
	for _, tt := range []struct {
		name string
		fn   any
		want bool
	}{
		{"stub", stubFn, true},
		{"literal", func(func(), map[int]int, ...string) (int, error) { panic(TODO) }, true},
		{"method value", (&thing{}).stub, true},
		{"nil", none, true},
		{"works", func(x int) int { return x }, false},
		{"nil pointer", func(x *thing) int { return x.n }, false},
		{"calls a nil function", func(f func() int) int { return f() }, false},
		{"another panic", func() { panic(errors.New("TODO")) }, false},
		{"calls a stub", callsStub, false},
		{"ends its goroutine", func() { (&recorder{}).FailNow() }, false},
		{"method expression", (*thing).get, false},
		{"blocks", func(c chan int) { <-c }, false},
	} {
		if got := IsStub(tt.fn); got != tt.want {
			t.Errorf("%s: IsStub = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestPickTakesWhatIsWritten(t *testing.T) {
	type kit struct {
		A, B, C func() string
		Name    string
	}
	yours := kit{A: func() string { return "my A" }, B: func() string { panic(TODO) }, Name: "mine"}
	solution := kit{
		A:    func() string { return "A" },
		B:    func() string { return "B" },
		C:    func() string { return "C" },
		Name: "solution",
	}
	k := Pick(yours, solution)
	if a, b, c := k.A(), k.B(), k.C(); a != "my A" || b != "B" || c != "C" {
		t.Errorf("picked %q %q %q, want my A, B, C", a, b, c)
	}
	if yours.C != nil || solution.A() != "A" {
		t.Error("Pick changed what it was given")
	}
}
