package tiny

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListing(t *testing.T) {
	p, err := Compile("sum.tiny", `(class Point x y)
(fun f (a b)
  (if (and a b) (. a y) (or b 2.0)))
(var i 0)
(while (< i 10)
  (if (f i) (set i (+ i 1 1)))
  (opaque f))
(print (new Point i) (array 3 (- i)))`)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
f: 2 parameters, 2 locals, stack 1
   3: (if (and a b) (. a y) (or b 2.0)))
         0  LOCAL     a
         1  JUMPNIL   4
         2  LOCAL     b
         3  JUMP      5
         4  NIL
         5  JUMPNIL   9
         6  LOCAL     a
         7  GETFIELD  y
         8  JUMP      12
         9  LOCAL     b
        10  JUMPOR    12
        11  CONST     2.0
   2: (fun f (a b)
        12  RETURN

main: 0 parameters, 1 local, stack 3
   4: (var i 0)
         0  CONST     0
         1  SETLOCAL  i
   5: (while (< i 10)
         2  LOCAL     i
         3  CONST     10
         4  LT
         5  JUMPNIL   18
   6: (if (f i) (set i (+ i 1 1)))
         6  LOCAL     i
         7  CALL      f 1
         8  JUMPNIL   15
         9  LOCAL     i
        10  CONST     1
        11  ADD
        12  CONST     1
        13  ADD
        14  SETLOCAL  i
   7: (opaque f))
        15  OPAQUE    f 0
        16  POP
   5: (while (< i 10)
        17  LOOP      2 (loop 0)
   8: (print (new Point i) (array 3 (- i)))
        18  LOCAL     i
        19  NEW       Point 1
        20  CONST     3
        21  LOCAL     i
        22  NEG
        23  INITARRAY
        24  PRINT     2
        25  NIL
        26  RETURN
`, "\n")
	if got := p.String(); got != want {
		t.Errorf("got:\n%s", got)
	}
}

func TestListingOfFunctions(t *testing.T) {
	p, err := Compile("f.tiny", "(fun f (a) (promote a)) (fun g (b) 1)\n(print (redefine f g))")
	if err != nil {
		t.Fatal(err)
	}
	want := `main: 0 parameters, 0 locals, stack 1
   2: (print (redefine f g))
         0  REDEFINE  f g
         1  NIL
         2  PRINT     1
         3  NIL
         4  RETURN
`
	if got := p.Main.String(); got != want {
		t.Errorf("got:\n%s", got)
	}
	if got := p.Funcs[0].Instr(1); got != "PROMOTE" {
		t.Errorf("got %s", got)
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		// The reader.
		{"(print 1\n  (print 2)", "1:1: this ( is never closed, expected ) before the end of the file"},
		{"(print 1))", "1:10: unexpected ), no list is open here"},
		{"(print é\"a\")", `1:9: unexpected character '"', expected a name, a number or a list`},
		{"(print a\x00)", `1:9: unexpected character '\x00', expected a name, a number or a list`},
		{"(print 1x)", "1:8: malformed number 1x, expected one like -12, 3.5 or 1e9"},
		{"(print 0x1p3)", "1:8: malformed number 0x1p3, expected one like -12, 3.5 or 1e9"},
		{"(print 1e999)", "1:8: malformed number 1e999, expected one like -12, 3.5 or 1e9"},
		{"(print 1-2)", "1:8: malformed number 1-2, expected one like -12, 3.5 or 1e9"},
		{"(print 9223372036854775808)", "1:8: integer 9223372036854775808 needs more than 64 bits, expected 9223372036854775808.0 for a float"},
		{strings.Repeat("(not ", 501), "1:2501: lists nest too deep, expected at most 500 levels"},
		{"(print " + strings.Repeat("9", 401) + ")", "1:8: a name or number of 401 bytes, expected at most 400"},
		// Names.
		{"(var count 1)\n(print cuont)", "2:8: unbound name cuont; did you mean count?"},
		{"(var x x)", "1:8: unbound name x"},
		{"(var x 1)\n(fun f () x)", "2:11: unbound name x; functions do not see the variables of the main program"},
		{"(var x 1) (var x 2)", "1:16: x is already declared in main, expected (set x ...)"},
		{"(var nil 2)", "1:6: nil is a value, expected another name"},
		{"(var (f) 2)", "1:6: expected a name, got (...)"},
		{"(fun fact (n) n)\n(fcat 2)", "2:2: unknown function fcat; did you mean fact?"},
		{"(prnt 2)", "1:2: unknown function prnt; did you mean print?"},
		{"(opaque 5)", "1:9: unknown function 5"},
		{"(class Point x)\n(new Pont 1)", "2:6: unknown class Pont; did you mean Point?"},
		{"(new (f))", "1:6: unknown class (...)"},
		{"(class Point left)\n(. nil lift)", "2:8: no class has a field lift; did you mean left?"},
		{"(fun fact (n) n) (redefine fcat fact)", "1:28: unknown function fcat; did you mean fact?"},
		{"(fun fact (n) n) (redefine fact 5)", "1:33: unknown function 5"},
		// Declarations.
		{"(fun f (a a) a)", "1:11: a stands twice in this fun"},
		{"(fun f (a)) (fun f ())", "1:18: function f is already declared at line 1"},
		{"(fun + (a) a)", "1:6: + is part of the language, expected another name"},
		{"(fun f)", "1:1: expected (fun name (parameter...) body...)"},
		{"(class)", "1:1: expected (class Name field...)"},
		{"(class P) (class P)", "1:18: class P is declared twice"},
		{"(do (fun f () 1))", "1:5: fun inside another form, expected it at the top level"},
		// Numbers of arguments.
		{"(if 1)", "1:1: if takes 2 or 3 arguments, got 1"},
		{"(print (+ 1))", "1:8: + takes at least 2 arguments, got 1"},
		{"(print (-))", "1:8: - takes at least 1 argument, got 0"},
		{"(print (/ 1 2 3))", "1:8: / takes 2 arguments, got 3"},
		{"(array)", "1:1: array takes 1 or 2 arguments, got 0"},
		{"(fun f (a) a) (f 1 2)", "1:15: f takes at most 1 argument, got 2"},
		{"(fun f (a)) (fun g ()) (redefine f g)", "1:36: g has 0 parameters, expected 1 as f has"},
		{"(redefine f)", "1:1: redefine takes 2 arguments, got 1"},
		{"(promote 1 2)", "1:1: promote takes 1 argument, got 2"},
		{"(class P x y) (new P 1 2 3)", "1:15: P has 2 fields, got 3 values"},
		// Places.
		{"()", "1:1: expected the name of a function or form behind this ("},
		{"((f) 1)", "1:1: expected the name of a function or form behind this ("},
		{"(set 5 1)", "1:6: expected a name, (. object field) or (at array index) to set"},
		{"(set (at 1) 1)", "1:6: at takes 2 arguments, got 1"},
		{"(print" + strings.Repeat(" 1", 300) + ")", "1:1: main needs 300 slots for variables and intermediate values, expected at most 256"},
	} {
		_, err := Compile("t.tiny", c.src)
		if want := "t.tiny:" + c.want; err == nil || err.Error() != want {
			t.Errorf("%.60q:\n got %v\nwant %s", c.src, err, want)
		}
	}
}

func TestConstsAreDifferent(t *testing.T) {
	p, err := Compile("t.tiny", "(print 1 1.0 0.0 -0.0 1 true 1.0 -0.0)")
	if err != nil || len(p.Consts) != 4 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestCodeIsWellFormed(t *testing.T) {
	files, _ := filepath.Glob("../testdata/*.tiny")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(filepath.Base(file), string(src))
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(p); err != nil {
			t.Errorf("%s: %v\n%s", file, err, p)
		}
	}
}

// FuzzCompile checks that any input is compiled or refused, and that the
// bytecode keeps the rules that the interpreter relies on.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("../testdata/*.tiny")
	for _, file := range files {
		src, _ := os.ReadFile(file)
		f.Add(string(src))
	}
	f.Add("(print (+ 1 (do (while (or nil (and 1 2)) (return 3)) 2)) (if 1 (return)))")
	f.Fuzz(func(t *testing.T, src string) {
		p, err := Compile("f.tiny", src)
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if err := verify(p); err != nil {
			t.Fatalf("%v\n%s", err, p)
		}
	})
}

func verify(p *Program) error {
	for _, c := range append(p.Funcs, p.Main) {
		if err := verifyCode(c); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

// verifyCode follows the depth of the stack through all paths of c.
func verifyCode(c *Code) error {
	if c.Locals != len(c.LocalNames) || c.Params > c.Locals || len(c.Pos) != len(c.Ops) {
		return fmt.Errorf("%d locals with %d names, %d places of %d instructions",
			c.Locals, len(c.LocalNames), len(c.Pos), len(c.Ops))
	}
	depths := make([]int, len(c.Ops))
	for pc := range depths {
		depths[pc] = -1
	}
	dead, deepest := false, 0
	flow := func(pc, depth int) error {
		if pc >= len(c.Ops) || depth < 0 || depths[pc] >= 0 && depths[pc] != depth {
			return fmt.Errorf("depth %d at %d of %d, it was %d", depth, pc, len(c.Ops), depths[pc])
		}
		depths[pc] = depth
		deepest = max(deepest, depth)
		return nil
	}
	if err := flow(0, 0); err != nil {
		return err
	}
	for pc, in := range c.Ops {
		_ = c.Instr(pc)     // must not panic: all operands are in range
		if depths[pc] < 0 { // code behind a return
			dead = true
			continue
		}
		pops, depth := table[in.Op].pops, depths[pc]
		if pops == variable {
			pops = int(in.B)
		}
		if pops > depth {
			return fmt.Errorf("%d: %s with %d values on the stack", pc, in.Op, depth)
		}
		depth += table[in.Op].pushes - pops
		var next []int
		switch in.Op {
		case OpReturn:
		case OpJump:
			next = []int{int(in.A)}
		case OpJumpNil:
			next = []int{pc + 1, int(in.A)}
		case OpJumpOr:
			if err := flow(int(in.A), depths[pc]); err != nil {
				return err
			}
			next = []int{pc + 1}
		case OpLoop:
			if c.Loops[in.B] != in.A || int(in.A) > pc {
				return fmt.Errorf("%d: loop %d is at %d, not %d", pc, in.B, c.Loops[in.B], in.A)
			}
			next = []int{int(in.A)}
		default:
			next = []int{pc + 1}
		}
		for _, to := range next {
			if err := flow(to, depth); err != nil {
				return err
			}
			if to <= pc && in.Op != OpLoop {
				return fmt.Errorf("%d: %s goes back", pc, in.Op)
			}
		}
	}
	if c.MaxStack < deepest || c.MaxStack > deepest && !dead {
		return fmt.Errorf("stack %d, but it gets %d deep", c.MaxStack, deepest)
	}
	return nil
}
