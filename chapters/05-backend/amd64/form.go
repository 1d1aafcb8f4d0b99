package amd64

import (
	"fmt"
	"strconv"
	"strings"
)

// shape is the kind of operands of a form: what stands in the fields reg and r/m of
// ModRM, and what follows.
type shape uint8

const (
	none  shape = iota // nothing
	rm                 // reg is the destination, r/m the source
	mr                 // r/m is the destination, reg the source
	rmi8               // as rm, and an immediate of 8 bits
	rmi32              // as rm, and an immediate of 32 bits
	m                  // r/m alone
	mcl                // r/m and the register CL
	mi8                // r/m and an immediate of 8 bits
	mi32               // r/m and an immediate of 32 bits
	oi                 // no ModRM: a register in the opcode, and an immediate
	rel8               // the distance of a jump in 8 bits
	rel32              // the distance of a jump in 32 bits
	shapes
)

// form is a Form that was read.
type form struct {
	ok     bool // there is one
	opcode Opcode
	digit  Reg // what stands in reg if no register does
}

// forms has Table, by instruction and shape.
var forms = read(Table)

func read(table []Form) (all [numOps][shapes]form) {
	for _, t := range table {
		f := &all[t.Op][shapeOf(t.Operands)]
		if f.ok {
			panic("amd64: two forms with the same shape: " + t.Name + " " + t.Operands)
		}
		*f = parse(t.Encoding)
		f.opcode.Low8 = strings.Contains(t.Operands, "r/m8")
	}
	return all
}

// shapeOf returns the shape of operands as the manual writes them. r/m is what may be
// in memory.
func shapeOf(operands string) shape {
	inMemory := func(s string) bool { return strings.Contains(s, "/m") || strings.HasPrefix(s, "m") }
	list := strings.Split(operands, ", ")
	switch {
	case operands == "":
		return none
	case operands == "rel8":
		return rel8
	case operands == "rel32":
		return rel32
	case len(list) == 1:
		return m
	case len(list) == 3 && list[2] == "imm8":
		return rmi8
	case len(list) == 3:
		return rmi32
	case list[1] == "CL":
		return mcl
	case inMemory(list[1]):
		return rm
	case inMemory(list[0]) && list[1] == "imm8":
		return mi8
	case inMemory(list[0]) && list[1] == "imm32":
		return mi32
	case inMemory(list[0]):
		return mr
	}
	return oi
}

// parse reads an encoding as the manual writes it.
func parse(encoding string) form {
	f := form{ok: true}
	for _, word := range strings.Fields(encoding) {
		switch word {
		case "+", "/r", "rd", "ib", "id", "io", "cb", "cd":
			// the shape says so
		case "REX.W":
			f.opcode.W = true
		case "66", "F2", "F3":
			f.opcode.Prefix = hex(word)
		case "0F":
			f.opcode.Escape = true
		default:
			if digit, ok := strings.CutPrefix(word, "/"); ok {
				f.digit = Reg(hex(digit))
				continue
			}
			f.opcode.Byte = hex(strings.TrimSuffix(word, "+"))
		}
	}
	return f
}

func hex(s string) byte {
	n, err := strconv.ParseUint(s, 16, 8)
	if err != nil {
		panic(fmt.Sprintf("amd64: Table has %q where a byte was expected", s))
	}
	return byte(n)
}
