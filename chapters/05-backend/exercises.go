package backend

import "metatrace/internal/exercise"

// Exercises is the manifest of chapter 5, in the order in which its README
// comes to them.
var Exercises = []exercise.Exercise{
	{
		ID: "5.1", Title: "One byte for the operands", Field: "ModRM", File: "chapters/05-backend/operands.go",
		Stars: 1, Minutes: 2,
		Hints: []string{
			"Three fields in one byte: shift each to its place, and put them together with |. What is too large for its field?",
			"mod<<6 | byte(reg&7)<<3 | byte(rm&7).",
		},
	},
	{
		ID: "5.2", Title: "Sixteen registers", Field: "REX", File: "chapters/05-backend/operands.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"A register's number has four bits. ModRM has the lower three; reg>>3 is the fourth. Where does each go?",
			"W is worth 8, R 4, X 2, B 1: byte(reg>>3)<<2 | byte(index>>3)<<1 | byte(base>>3), and 8 if w.",
			"If that is 0, return 0, else 0x40 | it. Base and R are in different places: REX(true, R9, 0, RAX) is 0x4C, REX(true, RAX, 0, R9) is 0x49.",
		},
	},
	{
		ID: "5.3", Title: "A memory operand", Field: "AppendMem", File: "chapters/05-backend/operands.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"Three decisions, one after the other: how many bytes has Disp (this is mod), is there a SIB (this is rm), and what is in it. Only then append. SIB has its bits where ModRM has them, so ModRM makes it, too.",
			"mod is 0 if Disp is 0 and m.Base&7 is not 5, else 1 if Disp == int32(int8(Disp)), else 2. SIB follows if m.Scale != 0 or m.Base&7 == 4.",
			"With an index: ModRM(mod, reg, 4), then ModRM(log2 of Scale, m.Index, m.Base). With base RSP or R12 alone: ModRM(mod, reg, 4), then ModRM(0, 4, m.Base). Else ModRM(mod, reg, m.Base). The 32 bits: binary.LittleEndian.AppendUint32.",
		},
	},
	{
		ID: "5.4", Title: "Compare and branch", Field: "IntJump", File: "chapters/05-backend/jumps.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"The guard holds if a cond b; the jump leaves if it does not. Which conditions of the processor compare with a sign, which without?",
			"Make a table from Cond to the amd64.CC that says the same (L LE G GE with a sign, B BE A AE without; of a & b, E is no bit), and return its Opposite().",
		},
	},
	{
		ID: "5.5", Title: "NaN", Field: "FloatJumps", File: "chapters/05-backend/jumps.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Without NaN first: find the condition of the processor that holds if a cond b. The flags are those of unsigned numbers, so it is none of L, LE, G, GE. Leave is this condition if not is set, else its opposite. Then go through the line NaN of the table.",
			"A holds for no NaN, so BE, its opposite, does: for >, both are right without another jump. B would be taken for NaN: hence the exchange for <, which makes it a >. E and NE are left.",
			"E is taken for NaN, though NaN is equal to nothing: a jump E that leaves must not leave for NaN (NaNStays), and a jump NE that leaves has to leave for NaN, too (NaNLeaves). All else is NaNNothing.",
		},
	},
	{
		ID: "5.6", Title: "A constant in 13 bits", Field: "LogicalImm", File: "chapters/05-backend/logical.go",
		Stars: 3, Minutes: 30,
		Hints: []string{
			"Three questions, one after the other: of what size is the element, how many ones has it, and by how much are they rotated? bits.RotateLeft64(x, size/2) == x says that half the size is enough.",
			"The run starts at a bit that is 1 and has a 0 at its right, around the end if need be: x &^ bits.RotateLeft64(x, 1) has these bits, and bits.TrailingZeros64 finds the first. Rotate x right by so many: the element must be 1<<ones - 1 now. If it is not, there are two runs in it.",
			"With the run starting at bit start, immr is -start & (size-1): what rotates it back. imms is ones-1 | (-2*size & 0x3f): for 32, -64 & 63 is 0; for 16, -32 & 63 is 0b100000; for 64, -128 & 63 is 0 as well, and n is 1.",
		},
	},
	{
		ID: "5.7", Title: "Live ranges", Field: "LiveRanges", File: "chapters/05-backend/ranges.go",
		Stars: 3, Minutes: 50,
		Hints: []string{
			"Walk backward. The first use that you meet is the last one: it opens a span. The instruction that makes the value closes it. For each value, keep where its open span ends, or that none is open.",
			"At one instruction the order is backward, too: first the exit (it is behind), then Dst closes its span, then Args and List open theirs. At the end the inputs close theirs, at -1.",
			"Jump, before its List opens anything: each argument of the label gets {n-1 n}. LabelHere: close the spans of its List (they begin at the label), and set the end of each other open span to n, since whatever is open there comes from before the loop; then its List opens as uses. A new span whose To is the From of the next one is one with it: this makes one of the arguments' lives before and behind the label.",
		},
	},
	{
		ID: "5.8", Title: "Which register", Field: "ChooseRegister", File: "chapters/05-backend/choose.go",
		Stars: 1, Minutes: 15,
		Hints: []string{
			"The three rules are three passes over free. Which of them can never be without an answer?",
			"Hints first, hints outside and free inside: the order of hints counts. Then keep a best register: one that suits beats one that does not; of two that suit the lesser Until wins, of two that don't the greater.",
		},
	},
	{
		ID: "5.9", Title: "Who has to go", Field: "Victim", File: "chapters/05-backend/victim.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"A maximum over a list: write the distance of one candidate as a function of its own. In which type does twice Never fit?",
			"far := int64(c.Next), doubled if c.Const || c.Stored. A later candidate wins if it is further, or as far and cheaper, where cheaper is 2 for Const, 1 for Stored, 0 else.",
		},
	},
	{
		ID: "5.10", Title: "All at once", Field: "ParallelMoves", File: "chapters/05-backend/moves.go",
		Stars: 3, Minutes: 25,
		Hints: []string{
			"A place may be overwritten as soon as no move that is still to do reads it. Do such a move. Which place may become free by it? When there is no such move left, what is left?",
			"Keep the Src of each Dst that is still to do, and how many of them read each place. After the move Dst = Src, one fewer reads Src: if nobody does any more, and Src is itself a Dst to do, it is next. What is left then are cycles, in each of which every place is read once.",
			"To open a cycle: take one of its moves, copy its Src to temp, and let the move read temp instead. Now nobody reads that Src, so it is next, and the chain goes round until it comes to the move that reads temp. Do this for each cycle.",
		},
	},
	{
		ID: "5.11", Title: "What a guard's exit saves", Field: "ExitSaves", File: "chapters/05-backend/exit.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"Which of the four kinds of places does Go not find anything at, once the code has returned?",
			"set |= 1 << loc.N for InReg, set |= 1 << (32 + loc.N) for InFloat, nothing for the others.",
		},
	},
	{
		ID: "5.12", Title: "Read it back", Field: "ExitWord", File: "chapters/05-backend/exit.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"A switch over loc.Kind. Each case is one index.",
			"saved[loc.N], saved[32+loc.N], slots[loc.N], values[loc.N].Bits.",
		},
	},
}
