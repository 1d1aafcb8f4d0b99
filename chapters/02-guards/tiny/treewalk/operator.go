package treewalk

import (
	"math"
	"math/big"

	"metatrace/chapters/02-guards/tiny"
)

// operator evaluates a form that is neither special nor a call.
func (w *walker) operator(n *tiny.Node, args []*tiny.Node, f frame) value {
	x := w.eval(args[0], f)
	if len(args) == 1 {
		return w.unary(n, x)
	}
	for _, e := range args[1:] { // (+ a b c) is (+ (+ a b) c)
		x = w.binary(n, x, w.eval(e, f))
	}
	return x
}

func truth(b bool) value {
	if b {
		return int64(1)
	}
	return nil
}

func (w *walker) unary(n *tiny.Node, x value) value {
	i, isInt := x.(int64)
	d, isFloat := x.(float64)
	needs := func(ok bool, op tiny.Op) {
		if !ok {
			w.fail(n, tiny.TypeError(op, kind(x)))
		}
	}
	switch n.Head() {
	case "not", "nil?":
		return truth(x == nil)
	case "promote":
		return x
	case "-":
		needs(isInt || isFloat, tiny.OpNeg)
		if isFloat {
			return -d
		}
		return narrow(new(big.Int).Neg(big.NewInt(i)), -float64(i))
	case "~":
		needs(isInt, tiny.OpNot)
		return ^i
	case "float":
		needs(isInt || isFloat, tiny.OpToFloat)
		return toFloat(x)
	case "int":
		needs(isInt || isFloat, tiny.OpToInt)
		if isInt {
			return i
		}
		if !(math.Trunc(d) >= math.MinInt64 && math.Trunc(d) < -math.MinInt64) {
			w.fail(n, tiny.ToIntError(d))
		}
		return int64(d)
	case "len":
		a, ok := x.(*array)
		needs(ok, tiny.OpLen)
		return int64(len(a.items))
	case "array":
		needs(isInt, tiny.OpNewArray)
		return w.newArray(n, i, nil)
	}
	panic("treewalk: no unary form " + n.Head())
}

func (w *walker) newArray(n *tiny.Node, length int64, init value) value {
	if length < 0 || length > tiny.MaxArray {
		w.fail(n, tiny.LengthError(length))
	}
	a := &array{make([]value, length)}
	for i := range a.items {
		a.items[i] = init
	}
	return a
}

// ops are the binary operators that check the types of their operands.
var ops = map[string]tiny.Op{
	"+": tiny.OpAdd, "-": tiny.OpSub, "*": tiny.OpMul, "/": tiny.OpDiv, "%": tiny.OpMod,
	"&": tiny.OpAnd, "|": tiny.OpOr, "^": tiny.OpXor,
	"<<": tiny.OpShl, ">>": tiny.OpShr, ">>>": tiny.OpUshr,
	"<": tiny.OpLt, "<=": tiny.OpLe, ">": tiny.OpGt, ">=": tiny.OpGe,
}

func (w *walker) binary(n *tiny.Node, x, y value) value {
	form := n.Head()
	i, iInt := x.(int64)
	j, jInt := y.(int64)
	ints := iInt && jInt
	numbers := isNumber(x) && isNumber(y)
	switch form {
	case "at":
		return *w.item(n, x, y, tiny.OpAt)
	case "array":
		if !iInt {
			w.fail(n, tiny.TypeError(tiny.OpInitArray, kind(x)))
		}
		return w.newArray(n, i, y)
	case "=", "!=":
		same := x == y
		if numbers && !ints {
			same = toFloat(x) == toFloat(y)
		}
		return truth(same == (form == "="))
	case "%", "&", "|", "^", "<<", ">>", ">>>":
		if !ints {
			w.fail(n, tiny.TypeError(ops[form], kind(x), kind(y)))
		}
		return w.bits(n, i, j)
	}
	if !numbers {
		w.fail(n, tiny.TypeError(ops[form], kind(x), kind(y)))
	}
	if ints {
		return w.ints(n, i, j)
	}
	return floats(form, toFloat(x), toFloat(y))
}

func isNumber(v value) bool {
	switch v.(type) {
	case int64, float64:
		return true
	}
	return false
}

func toFloat(v value) float64 {
	if i, ok := v.(int64); ok {
		return float64(i)
	}
	return v.(float64)
}

func (w *walker) bits(n *tiny.Node, i, j int64) value {
	switch n.Head() {
	case "&":
		return i & j
	case "|":
		return i | j
	case "^":
		return i ^ j
	case "%":
		if j == 0 {
			w.fail(n, tiny.DivisionByZero)
		}
		return new(big.Int).Rem(big.NewInt(i), big.NewInt(j)).Int64()
	}
	if j < 0 || j > 63 {
		w.fail(n, tiny.ShiftError(j))
	}
	switch n.Head() {
	case "<<":
		return i << j
	case ">>":
		return i >> j
	}
	return int64(uint64(i) >> j)
}

// narrow is an exact result if 64 bits hold it, otherwise what the same
// operation gives for floats.
func narrow(exact *big.Int, float float64) value {
	if exact.IsInt64() {
		return exact.Int64()
	}
	return float
}

func (w *walker) ints(n *tiny.Node, i, j int64) value {
	x, y, fx, fy := big.NewInt(i), big.NewInt(j), float64(i), float64(j)
	switch n.Head() {
	case "<":
		return truth(i < j)
	case "<=":
		return truth(i <= j)
	case ">":
		return truth(i > j)
	case ">=":
		return truth(i >= j)
	case "+":
		return narrow(x.Add(x, y), fx+fy)
	case "-":
		return narrow(x.Sub(x, y), fx-fy)
	case "*":
		return narrow(x.Mul(x, y), fx*fy)
	}
	if j == 0 {
		w.fail(n, tiny.DivisionByZero)
	}
	return narrow(x.Quo(x, y), fx/fy)
}

func floats(form string, x, y float64) value {
	switch form {
	case "<":
		return truth(x < y)
	case "<=":
		return truth(x <= y)
	case ">":
		return truth(x > y)
	case ">=":
		return truth(x >= y)
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	}
	return x / y
}
