package backend_test

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	backendsolution "metatrace/solutions/05-backend"
)

// ADD with different registers. One byte says which operation it is, 03. The byte
// behind it is ModRM, the one before it REX.
func Example_add() {
	kit := &backendsolution.Kit
	machine := backend.NewAMD64(kit, 16)
	for _, regs := range [][2]amd64.Reg{
		{amd64.RAX, amd64.RBX}, {amd64.RBX, amd64.RAX}, {amd64.RAX, amd64.R9}, {amd64.R9, amd64.RAX},
	} {
		a := amd64.New(amd64.Kit{ModRM: kit.ModRM, REX: kit.REX, AppendMem: kit.AppendMem}, 16)
		a.RR(amd64.ADD, regs[0], regs[1])
		text, _ := machine.Disassemble(a.Code, 0)
		fmt.Printf("% x  %s\n", a.Code, text)
	}
	// Output:
	// 48 03 c3  add rax, rbx
	// 48 03 d8  add rbx, rax
	// 49 03 c1  add rax, r9
	// 4c 03 c8  add r9, rax
}

// exampleTrace adds up the numbers from i1 to i0.
const exampleTrace = `
[i0, i1, i2]
i3 = int_le(i1, i0)
guard_true(i3) [i2]
i4 = int_add_ovf(i2, i1)
guard_no_overflow() [i1, i2]
i5 = int_add(i1, 1)
jump(i0, i5, i4)
`

func exampleLowered(text string) *backend.Lowered {
	trace, err := ir.Parse("example", text)
	if err != nil {
		panic(err)
	}
	l, err := backend.Lower(trace, backend.LowerOptions{})
	if err != nil {
		panic(err)
	}
	return l
}

// Guards have become one with what they test, and an exit is a list of values. The
// trace goes back to its start, so a label stands there. (The poll of the jump has an
// exit, too. v3 and v5 are constants.)
func ExampleLower() {
	l := exampleLowered(exampleTrace)
	fmt.Print(l)
	// Output:
	// in v0 v1 v2
	// label v0 v1 v2
	// guard v1 le v0 else exit 0 [v2]
	// v4 = addovf v2, v1 else exit 1 [v1 v2]
	// v6 = add v1, 1
	// jump v0 v6 v4 else exit 2 []
}

// Instruction 0 is the label, 4 the jump. v1 is an input, used last by the addition at
// 3. The jump makes it anew, for the next iteration: from 4 to the label. v0 is wanted
// in each iteration, and never made anew.
func ExampleLiveRange() {
	l := exampleLowered(exampleTrace)
	for v, ranges := range backendsolution.LiveRanges(l) {
		if !l.Values[v].Const {
			fmt.Printf("v%d %v\n", v, ranges)
		}
	}
	// Output:
	// v0 [{-1 5}]
	// v1 [{-1 3} {4 5}]
	// v2 [{-1 2} {4 5}]
	// v4 [{2 4}]
	// v6 [{3 4}]
}

// Two values change places. One after the other, the two moves lose one of them.
func Example_swap() {
	r0, r1, temp := backend.Loc{Kind: backend.InReg, N: 0}, backend.Loc{Kind: backend.InReg, N: 1}, backend.Loc{Kind: backend.InReg, N: 9}
	swap := []backend.Move{{Dst: r0, Src: r1}, {Dst: r1, Src: r0}}
	for _, moves := range [][]backend.Move{swap, backendsolution.ParallelMoves(swap, temp)} {
		word := map[backend.Loc]string{r0: "a", r1: "b"}
		for _, m := range moves {
			word[m.Dst] = word[m.Src]
		}
		fmt.Printf("%d moves: R0 has %s, R1 has %s\n", len(moves), word[r0], word[r1])
	}
	// Output:
	// 2 moves: R0 has b, R1 has b
	// 3 moves: R0 has b, R1 has a
}

// The whole way, for arm64. Nothing is run here, so any machine will do.
func ExampleMachine() {
	kit := &backendsolution.Kit
	machine := backend.NewARM64(kit, 16)
	l := exampleLowered("[i0]\ni1 = int_add(i0, 2)\nfinish(i1)\n")
	allocation, err := kit.Allocate(machine, l)
	if err != nil {
		panic(err)
	}
	assembly, err := machine.Emit(allocation)
	if err != nil {
		panic(err)
	}
	for at := 0; at < len(assembly.Code); {
		text, n := machine.Disassemble(assembly.Code[at:], uint64(at))
		fmt.Printf("% x  %s\n", assembly.Code[at:at+n], text)
		at += n
	}
	// Output:
	// 40 43 41 f9  ldr x0, [x26,#640]
	// 00 08 00 91  add x0, x0, #0x2
	// 01 00 00 14  b 0xc
	// 40 43 00 f9  str x0, [x26,#128]
	// 10 00 80 d2  mov x16, #0x0
	// 50 03 00 f9  str x16, [x26]
	// c0 03 5f d6  ret
}
