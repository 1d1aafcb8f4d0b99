package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/course"
)

const boundsHelp = `
usage: metatrace bounds [flags] [FILE|-]

Says what is known of the result of an operation, given what is known of its
arguments. Each line is a JSON object, and so is each answer. Without FILE, or
with -, it reads standard input.

  $ echo '{"op": "add", "a": {"lo": 0, "hi": 3}, "b": {"lo": 4, "hi": 4}}' |
    metatrace bounds
  {"lo":4,"hi":7,"ones":"0000000000000004","unk":"0000000000000003"}

lo and hi are the least and the greatest number it may be, as signed numbers;
ones are the bits that are 1, unk those of which nothing is known, in 16
hexadecimal digits. What is left out of a and b is not known; b is left out where
there is one argument. An answer is one of

  {"lo", "hi", "ones", "unk"}   what is known
  {"empty": true}               there is no such number
  {"error": "..."}              the question has no meaning, or the operation is
                                not there

  -mine  run the functions that you wrote, where you wrote them.

The operations:
  neg invert add sub mul and or xor lshift rshift urshift
      of numbers that wrap; counts of shifts other than 0 to 63 are left out
  add_no_ovf sub_no_ovf mul_no_ovf
      the results that do not overflow
  lt le gt ge eq ne ult ule ugt uge
      0 or 1; ult to uge compare as unsigned numbers
  make_lt make_le make_gt make_ge make_eq make_ne make_ult make_ule make_ugt make_uge
      what is left of a when it is known that the comparison with b holds
  intersect
      what is left of a when it is known to be b

Exit status: 0 all lines have an answer, 1 the output can't be written, 2 the
command line is wrong, or a line is no such object: the message is FILE:LINE: what
is wrong, and what was expected, 70 a mistake in the domain.
`

// A boundsOp is how an operation is asked for.
type boundsOp struct {
	code ir.Opcode
	ask  func(k *knownbits.Kit, code ir.Opcode, a, b knownbits.Known) (knownbits.Known, bool)
}

// boundsOps are the operations by the names that the judge knows.
var boundsOps = func() map[string]boundsOp {
	ops := map[string]boundsOp{
		"neg": {ir.IntNeg, askForward}, "invert": {ir.IntInvert, askForward},
		"add": {ir.IntAdd, askForward}, "sub": {ir.IntSub, askForward}, "mul": {ir.IntMul, askForward},
		"and": {ir.IntAnd, askForward}, "or": {ir.IntOr, askForward}, "xor": {ir.IntXor, askForward},
		"lshift": {ir.IntLshift, askShift}, "rshift": {ir.IntRshift, askShift}, "urshift": {ir.UintRshift, askShift},
		"add_no_ovf": {ir.IntAddOvf, (*knownbits.Kit).NoOverflow},
		"sub_no_ovf": {ir.IntSubOvf, (*knownbits.Kit).NoOverflow},
		"mul_no_ovf": {ir.IntMulOvf, (*knownbits.Kit).NoOverflow},
		"intersect":  {ir.IntEq, askLearn},
	}
	for name, code := range map[string]ir.Opcode{
		"lt": ir.IntLt, "le": ir.IntLe, "gt": ir.IntGt, "ge": ir.IntGe, "eq": ir.IntEq, "ne": ir.IntNe,
		"ult": ir.UintLt, "ule": ir.UintLe, "ugt": ir.UintGt, "uge": ir.UintGe,
	} {
		ops[name] = boundsOp{code, askForward}
		ops["make_"+name] = boundsOp{code, askLearn}
	}
	return ops
}()

func askForward(k *knownbits.Kit, code ir.Opcode, a, b knownbits.Known) (knownbits.Known, bool) {
	return k.Forward(code, a, b), true
}

// askShift leaves out the counts that no shift has; there may be no other.
func askShift(k *knownbits.Kit, code ir.Opcode, a, b knownbits.Known) (knownbits.Known, bool) {
	b, ok := k.Reduce(knownbits.Range{Lo: max(b.Lo, 0), Hi: min(b.Hi, 63)}, b.Bits)
	if !ok {
		return knownbits.Known{}, false
	}
	return k.Forward(code, a, b), true
}

// askLearn returns what is left of a when the comparison holds.
func askLearn(k *knownbits.Kit, code ir.Opcode, a, b knownbits.Known) (knownbits.Known, bool) {
	a, _, ok := k.Backward(code, a, b, knownbits.Exactly(1))
	return a, ok
}

func boundsCommand(e *env, args []string) error {
	fs := flagSet("bounds")
	mine := fs.Bool("mine", false, "")
	rest, done, err := parse(e, fs, boundsHelp, args)
	if done || err != nil {
		return err
	}
	if len(rest) > 1 {
		return usagef("metatrace bounds: %d files, expected one at most", len(rest))
	}
	kits := course.Solved()
	if *mine {
		kits = course.Mine()
	}
	f, name, err := open(e, append(rest, "-")[0])
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 1<<16)
	answers := json.NewEncoder(e.stdout)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		switch {
		case errors.Is(err, errTooLong):
			return usagef("%s:%d: %w, expected a short one", name, n, err)
		case err != nil && !errors.Is(err, io.EOF):
			return unreadable(name, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			a, wrong := boundsAnswer(&kits.Known, line)
			if wrong != nil {
				return usagef("%s:%d: %w", name, n, wrong)
			}
			if answers.Encode(a) != nil {
				return nil // of the output, which keeps it
			}
		}
		if err != nil || lines.Buffered() == 0 && e.stdout.flush() != nil {
			return nil
		}
	}
}

// A boundsQuestion is one line of the input.
type boundsQuestion struct {
	Op *string     `json:"op"`
	A  *boundsText `json:"a"`
	B  *boundsText `json:"b"`
}

// A boundsText is a value as the input and the output write it.
type boundsText struct {
	Lo    *int64  `json:"lo,omitempty"`
	Hi    *int64  `json:"hi,omitempty"`
	Ones  *string `json:"ones,omitempty"`
	Unk   *string `json:"unk,omitempty"`
	Empty bool    `json:"empty,omitempty"`
	Error string  `json:"error,omitempty"`
}

// boundsAnswer answers one line; wrong says why it is no question.
func boundsAnswer(k *knownbits.Kit, line []byte) (answer boundsText, wrong error) {
	var q boundsQuestion
	if err := json.Unmarshal(line, &q); err != nil {
		return boundsText{}, reworded(err)
	}
	if q.Op == nil {
		return boundsText{}, errors.New(`there is no "op", expected the name of an operation`)
	}
	op, known := boundsOps[*q.Op]
	if !known {
		near := suggest(*q.Op, boundsNames())
		return boundsText{Error: fmt.Sprintf("unknown operation %.40q%s", *q.Op, near)}, nil
	}
	two := op.code != ir.IntNeg && op.code != ir.IntInvert
	if q.A == nil || two && q.B == nil {
		return boundsText{}, fmt.Errorf("%s has too few arguments, expected %s", *q.Op, wantedArguments(two))
	}
	a, okA, err := q.A.read(k, "a")
	if err != nil {
		return boundsText{}, err
	}
	b, okB := knownbits.Any, true
	if two {
		if b, okB, err = q.B.read(k, "b"); err != nil {
			return boundsText{}, err
		}
	}
	if !okA || !okB {
		return boundsText{Empty: true}, nil
	}
	result, ok := op.ask(k, op.code, a, b)
	return written(result, ok), nil
}

func wantedArguments(two bool) string {
	if two {
		return `"a" and "b"`
	}
	return `"a"`
}

// reworded says what is wrong with a line, without Go's types.
func reworded(err error) error {
	var mistyped *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &mistyped):
		return fmt.Errorf("%w, expected a JSON object with op, a and b", err)
	case mistyped.Field == "":
		return fmt.Errorf("found a JSON %s, expected an object with op, a and b", mistyped.Value)
	case mistyped.Type.Kind() == reflect.Int64:
		return fmt.Errorf("%s is a JSON %s, expected a number of 64 bits", mistyped.Field, mistyped.Value)
	}
	return fmt.Errorf("%s is a JSON %s, expected %s", mistyped.Field, mistyped.Value, jsonKinds[mistyped.Type.Kind()])
}

// jsonKinds are the types of JSON by those of the fields they are read into.
var jsonKinds = map[reflect.Kind]string{reflect.String: "a string", reflect.Bool: "true or false", reflect.Struct: "an object"}

func boundsNames() []string {
	var names []string
	for name := range boundsOps {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// read returns the value; false if it is empty.
func (t *boundsText) read(k *knownbits.Kit, argument string) (knownbits.Known, bool, error) {
	if t.Empty {
		return knownbits.Known{}, false, nil
	}
	r, b := knownbits.AnyRange, knownbits.AnyBits
	if t.Lo != nil {
		r.Lo = *t.Lo
	}
	if t.Hi != nil {
		r.Hi = *t.Hi
	}
	if (t.Ones == nil) != (t.Unk == nil) {
		return knownbits.Known{}, false, fmt.Errorf("%s has only one of ones and unk, expected both or none", argument)
	}
	if t.Ones != nil {
		var err, err2 error
		b.Ones, err = bitsOf(argument+".ones", *t.Ones)
		b.Unk, err2 = bitsOf(argument+".unk", *t.Unk)
		if err := errors.Join(err, err2); err != nil {
			return knownbits.Known{}, false, err
		}
		if b.Ones&b.Unk != 0 {
			return knownbits.Known{}, false, fmt.Errorf("%s has bits that are both in ones and in unk, expected each in one of them", argument)
		}
	}
	known, ok := k.Reduce(r, b)
	return known, ok, nil
}

func bitsOf(what, digits string) (uint64, error) {
	word, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %.40q, expected 16 hexadecimal digits", what, digits)
	}
	return word, nil
}

// written returns what is known as text.
func written(k knownbits.Known, ok bool) boundsText {
	if !ok {
		return boundsText{Empty: true}
	}
	ones, unk := fmt.Sprintf("%016x", k.Ones), fmt.Sprintf("%016x", k.Unk)
	return boundsText{Lo: &k.Lo, Hi: &k.Hi, Ones: &ones, Unk: &unk}
}
