// Package tiny is the guest language of this chapter: its reader, its compiler
// to stack bytecode, and what the executing side shares with it (limits, error
// messages). LANGUAGE.md describes the language.
//
//	source --Read--> []*Node --Compile--> *Program --> the interpreter
//
// The package executes nothing. Package treewalk does so slowly, straight from
// the nodes, as the second opinion of the tests.
package tiny

import "math"

// Op is the operation of an instruction. Every instruction pops its operands
// off the stack of its frame and pushes at most one result, allocates at most
// once, and has at most one effect that others can see.
type Op uint8

// The operations. In the comments, the operands stand in the order in which
// they were pushed; A and B are those of the instruction.
const (
	OpConst    Op = iota // push constant A
	OpNil                // push nil
	OpLocal              // push local A
	OpSetLocal           // v: local A = v
	OpPop                // v: drop it

	OpAdd // x y: the sum; of integers that overflow, as a float. So Sub, Mul
	OpSub
	OpMul
	OpDiv // x y: truncated for integers
	OpMod // x y: has the sign of x
	OpNeg // x
	OpAnd // x y: integers, as the other bit operations
	OpOr
	OpXor
	OpShl
	OpShr  // keeps the sign
	OpUshr // shifts zeros in
	OpNot  // x: inverts the bits
	OpLt   // x y: push 1 or nil, as the other comparisons
	OpLe
	OpGt
	OpGe
	OpEq // x y: numbers by value, anything else by identity
	OpNe
	OpIsNil   // x: push 1 or nil
	OpPromote // x: push x; in a trace it is a constant if it is an integer
	OpToFloat
	OpToInt

	OpJump    // go to A, which is ahead
	OpJumpNil // c: go to A, which is ahead, if c is nil
	OpJumpOr  // c: go to A, which is ahead, and keep c, unless it is nil
	OpLoop    // go back to A, the header of loop B of this code
	OpCall    // B arguments: call function A, push its result
	OpOpaque  // the same, but a recorder must not look into the call
	OpReturn  // v: leave the function with result v

	OpNew       // B values: push a new object of class A, missing fields nil
	OpGetField  // p: push field A of p
	OpSetField  // p v: set field A of p
	OpNewArray  // n: push an array of n times nil
	OpInitArray // n v: push an array of n times v
	OpAt        // a i: push item i of a
	OpSetAt     // a i v: set item i of a
	OpLen       // a
	OpPrint     // B values: print them on a line
	OpRedefine  // calls of function A execute what function B was declared with
	opCount
)

// args says what A and B of an operation mean.
type args uint8

const (
	none args = iota
	aConst
	aLocal
	aTarget
	aLoop  // A is a target, B the number of a loop
	aFunc  // A is a function, B the number of arguments
	aFuncs // A and B are functions
	aClass
	aField
	bCount // B is the number of arguments
)

// variable stands for an operation that pops as many operands as B says.
const variable = -1

// table describes the operations. form is how a program writes them. A form
// that is repeated takes more operands, from left to right. Where needs is not
// empty, operands of other types are an error.
var table = [opCount]struct {
	name         string
	args         args
	pops, pushes int
	form         string
	repeated     bool
	needs        string
}{
	OpConst:     {"CONST", aConst, 0, 1, "", false, ""},
	OpNil:       {"NIL", none, 0, 1, "", false, ""},
	OpLocal:     {"LOCAL", aLocal, 0, 1, "", false, ""},
	OpSetLocal:  {"SETLOCAL", aLocal, 1, 0, "", false, ""},
	OpPop:       {"POP", none, 1, 0, "", false, ""},
	OpAdd:       {"ADD", none, 2, 1, "+", true, "numbers"},
	OpSub:       {"SUB", none, 2, 1, "-", true, "numbers"},
	OpMul:       {"MUL", none, 2, 1, "*", true, "numbers"},
	OpDiv:       {"DIV", none, 2, 1, "/", false, "numbers"},
	OpMod:       {"MOD", none, 2, 1, "%", false, "ints"},
	OpNeg:       {"NEG", none, 1, 1, "-", false, "a number"},
	OpAnd:       {"AND", none, 2, 1, "&", true, "ints"},
	OpOr:        {"OR", none, 2, 1, "|", true, "ints"},
	OpXor:       {"XOR", none, 2, 1, "^", true, "ints"},
	OpShl:       {"SHL", none, 2, 1, "<<", false, "ints"},
	OpShr:       {"SHR", none, 2, 1, ">>", false, "ints"},
	OpUshr:      {"USHR", none, 2, 1, ">>>", false, "ints"},
	OpNot:       {"NOT", none, 1, 1, "~", false, "an int"},
	OpLt:        {"LT", none, 2, 1, "<", false, "numbers"},
	OpLe:        {"LE", none, 2, 1, "<=", false, "numbers"},
	OpGt:        {"GT", none, 2, 1, ">", false, "numbers"},
	OpGe:        {"GE", none, 2, 1, ">=", false, "numbers"},
	OpEq:        {"EQ", none, 2, 1, "=", false, ""},
	OpNe:        {"NE", none, 2, 1, "!=", false, ""},
	OpIsNil:     {"ISNIL", none, 1, 1, "nil?", false, ""},
	OpPromote:   {"PROMOTE", none, 1, 1, "promote", false, ""},
	OpToFloat:   {"TOFLOAT", none, 1, 1, "float", false, "a number"},
	OpToInt:     {"TOINT", none, 1, 1, "int", false, "a number"},
	OpJump:      {"JUMP", aTarget, 0, 0, "", false, ""},
	OpJumpNil:   {"JUMPNIL", aTarget, 1, 0, "", false, ""},
	OpJumpOr:    {"JUMPOR", aTarget, 1, 0, "", false, ""},
	OpLoop:      {"LOOP", aLoop, 0, 0, "", false, ""},
	OpCall:      {"CALL", aFunc, variable, 1, "", false, ""},
	OpOpaque:    {"OPAQUE", aFunc, variable, 1, "", false, ""},
	OpReturn:    {"RETURN", none, 1, 0, "", false, ""},
	OpNew:       {"NEW", aClass, variable, 1, "", false, ""},
	OpGetField:  {"GETFIELD", aField, 1, 1, "", false, "an object"},
	OpSetField:  {"SETFIELD", aField, 2, 0, "", false, "an object"},
	OpNewArray:  {"NEWARRAY", none, 1, 1, "array", false, "an int"},
	OpInitArray: {"INITARRAY", none, 2, 1, "array", false, "an int"},
	OpAt:        {"AT", none, 2, 1, "at", false, "an array and an int"},
	OpSetAt:     {"SETAT", none, 3, 0, "", false, "an array and an int"},
	OpLen:       {"LEN", none, 1, 1, "len", false, "an array"},
	OpPrint:     {"PRINT", bCount, variable, 0, "", false, ""},
	OpRedefine:  {"REDEFINE", aFuncs, 0, 0, "", false, ""},
}

// String returns the name of op in listings: "ADD".
func (op Op) String() string { return table[op].name }

// form is how a program writes op: "+" for OpAdd.
func (op Op) form() string {
	switch op {
	case OpGetField, OpSetField:
		return "."
	case OpSetAt:
		return "at"
	}
	return table[op].form
}

// Instr is one instruction.
type Instr struct {
	Op   Op
	A, B int32
}

// Pops returns how many operands in takes off the stack.
func (in Instr) Pops() int {
	if n := table[in.Op].pops; n != variable {
		return n
	}
	return int(in.B)
}

// Const is a constant: the bits of an int64 or of a float64. Unlike a float64
// it compares by its bits, so that 0.0 and -0.0 are two constants.
type Const struct {
	IsFloat bool
	Bits    uint64
}

// Int is the value of an integer constant.
func (k Const) Int() int64 { return int64(k.Bits) }

// Float is the value of a float constant.
func (k Const) Float() float64 { return math.Float64frombits(k.Bits) }

// Code is the bytecode of a function or of the main program. A frame has
// Locals+MaxStack slots; the parameters are the first locals, all others start
// as nil. The stack need not be empty at a loop header: (+ 1 (do (while ...) 2))
// is an expression.
type Code struct {
	Program    *Program
	Name       string // "main" for the main program
	Index      int    // in Program.Funcs; -1 for the main program
	Decl       Pos    // where it is declared
	Params     int
	Locals     int // parameters and variables
	LocalNames []string
	MaxStack   int // how deep the stack gets, exactly
	Ops        []Instr
	Pos        []Pos   // of each instruction: where its form begins
	Loops      []int32 // the loop headers, by loop number
}

// ClassDecl is a class as a program declares it.
type ClassDecl struct {
	Name   string
	Fields []string
}

// Program is a compiled source file.
type Program struct {
	File       string
	Source     string
	Main       *Code
	Funcs      []*Code
	Classes    []ClassDecl
	Consts     []Const  // no two are the same
	FieldNames []string // of all classes; the operand of GETFIELD and SETFIELD
}

// ErrorAt is a runtime error at the instruction pc.
func (c *Code) ErrorAt(pc int, msg string) *Error {
	return &Error{c.Program.File, c.Pos[pc], msg}
}
