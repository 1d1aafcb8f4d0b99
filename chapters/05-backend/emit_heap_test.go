package backend_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/native"
)

// Spill slots from here on are the memory that loads, stores and allocations work on.
const (
	memorySlot  = 1000
	memoryWords = 1000
)

// address returns the address of a word of the memory.
func (l *lab) address(word int) uint64 {
	return uint64(l.context.Addr()) + uint64(native.SlotsAt+8*(memorySlot+word))
}

// fill gives the first words of the memory a pattern each.
func (l *lab) fill() {
	for i := range 100 {
		l.context.SetSlot(memorySlot+i, 0x8111_0000_9222_0000+uint64(i)<<32+uint64(i))
	}
}

// displacements are small, at the ends of what instructions have room for, and beyond.
var displacements = []int64{
	0, 8, -8, 1, 1 << 40, 4096, 16, 4, 12, -256, -257, -264, 255, 256, 4095, 4104, 32760, 32768, 32761, 16380, 16384,
	1<<23 + 8, -1 << 20, -4095, -4096, -4097, 1<<31 - 8, -1 << 31, 1 << 31, -1 << 40,
}

// displacementsFor returns those to test with a base and an index: with some registers
// all, with others one of each kind.
func (l *lab) displacementsFor(base, index int) []int64 {
	if index < 0 || base == l.all[0] || index == l.all[0] {
		return displacements
	}
	return displacements[:6]
}

// memoryCases calls f with registers for a base, an index (or -1) and a value.
func (l *lab) memoryCases(index bool, f func(base, index, value int)) {
	indices := []int{-1}
	if index {
		indices = l.some(integer)
	}
	for _, base := range l.some(integer) {
		for _, i := range indices {
			for _, value := range append(l.some(integer), l.some(float)...) {
				f(base, i, value)
			}
		}
	}
}

func TestEmitLoad(t *testing.T) {
	for _, code := range []backend.Opcode{backend.Load, backend.LoadLength, backend.LoadIndex} {
		l := newLab(t)
		l.fill()
		l.memoryCases(code == backend.LoadIndex, func(base, index, dst int) {
			if code == backend.LoadLength && dst >= 32 {
				return
			}
			for _, imm := range l.displacementsFor(base, index) {
				s := l.snippet()
				args := []backend.Loc{registerLoc(base)}
				if index >= 0 {
					args = append(args, registerLoc(index))
				}
				s.step(backend.Inst{Code: code, Imm: imm}, registerLoc(dst), args...)
				s.finish()
				c, in := s.compile(), l.patterns()
				const at = 77
				in[base] = l.address(at) - uint64(imm)
				switch {
				case index == base:
					in[base] /= 9 // base + 8*base
					if in[base]*9 != l.address(at)-uint64(imm) {
						c.free()
						return // no such address
					}
				case index >= 0:
					in[index] = 1<<61 - 3
					in[base] += 8 * 3
				}
				_, out := c.run(in)
				want := *in
				want[dst] = l.context.Slot(memorySlot + at)
				if code == backend.LoadLength {
					want[dst] &= 1<<32 - 1
				}
				l.equal(c, fmt.Sprint(code, " ", imm), &want, &out)
				c.free()
			}
		})
	}
}

// Some machines have a constant index in the displacement.
func TestEmitConstantIndex(t *testing.T) {
	l := newLab(t)
	l.fill()
	base, value, word := l.some(integer)[0], l.some(integer)[1], func(n int) uint64 { return l.context.Slot(memorySlot + n) }
	for _, index := range []uint64{0, 5, math.MaxUint64, 1<<28 - 2, 1 << 28, 1 << 60} {
		load := backend.Inst{Code: backend.LoadIndex, Imm: 16}
		if !l.m.Immediate(&load, 1, index) {
			continue
		}
		s := l.snippet()
		constant := s.constant(index)
		s.step(load, registerLoc(value), registerLoc(base), constant)
		s.step(backend.Inst{Code: backend.StoreIndex, Imm: 24}, backend.Loc{}, registerLoc(base), constant, registerLoc(value))
		s.finish()
		c, in := s.compile(), l.patterns()
		const at = 44
		in[base] = l.address(at) - 16 - 8*index
		want := word(at)
		c.run(in)
		require.Equal(t, want, word(at+1), "%q", c.text())
		c.free()
		l.fill()
	}
}

// equal asserts that registers are as wanted.
func (l *lab) equal(c *code, what string, want, got *registers) {
	l.t.Helper()
	for _, r := range l.all {
		if want[r] != got[r] {
			require.Fail(l.t, fmt.Sprintf("register %v is %#x, want %#x", registerLoc(r), got[r], want[r]), "%s:\n%q", what, c.text())
		}
	}
}

func TestEmitStore(t *testing.T) {
	for _, code := range []backend.Opcode{backend.Store, backend.StoreIndex} {
		l := newLab(t)
		l.memoryCases(code == backend.StoreIndex, func(base, index, value int) {
			if index == base || index == value || base == value {
				return // what is stored would depend on the address
			}
			for _, imm := range l.displacementsFor(base, index) {
				l.store(code, base, index, value, imm, 0)
				if value == l.some(integer)[0] {
					l.store(code, base, index, -1, imm, 0)
					l.store(code, base, index, -1, imm, math.MaxUint64-2)
				}
			}
		})
	}
}

// store tests a store of a register, or, if value is -1, of a constant.
func (l *lab) store(code backend.Opcode, base, index, value int, imm int64, constant uint64) {
	l.t.Helper()
	in := backend.Inst{Code: code, Imm: imm}
	args := []backend.Loc{registerLoc(base)}
	if value < 0 && !l.m.Immediate(&in, map[backend.Opcode]int{backend.Store: 1, backend.StoreIndex: 2}[code], constant) {
		return
	}
	l.fill()
	s := l.snippet()
	if index >= 0 {
		args = append(args, registerLoc(index))
	}
	if value >= 0 {
		args = append(args, registerLoc(value))
	} else {
		args = append(args, s.constant(constant))
	}
	s.step(in, backend.Loc{}, args...)
	s.finish()
	c, words := s.compile(), l.patterns()
	defer c.free()
	const at = 55
	words[base] = l.address(at) - uint64(imm)
	if index >= 0 {
		words[index] = 1<<61 - 3
		words[base] += 8 * 3
	}
	_, out := c.run(words)
	l.equal(c, fmt.Sprint(code, " ", imm), words, &out)
	want := constant
	if value >= 0 {
		want = words[value]
	}
	require.Equal(l.t, want, l.context.Slot(memorySlot+at), "%q", c.text())
	require.Equal(l.t, uint64(0x8111_0000_9222_0000+(at+1)<<32+at+1), l.context.Slot(memorySlot+at+1))
	require.Equal(l.t, uint64(0x8111_0000_9222_0000+(at-1)<<32+at-1), l.context.Slot(memorySlot+at-1))
}

func TestEmitGuardClass(t *testing.T) {
	l := newLab(t)
	for _, class := range []int64{0, 1, 4095, 4096, 4097, 1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
		for _, base := range l.some(integer) {
			s := l.snippet()
			exit := s.exit(backend.ExitGuard)
			s.step(backend.Inst{Code: backend.GuardClass, Imm: class, Exit: exit}, backend.Loc{}, registerLoc(base))
			finish := s.finish()
			c, in := s.compile(), l.patterns()
			in[base] = l.address(3)
			for header, want := range map[uint64]int{
				uint64(class): finish.Number, uint64(class) | 0xffff<<32: finish.Number,
				uint64(class) ^ 1: exit.Number, uint64(class) ^ 1<<31: exit.Number,
			} {
				l.context.SetSlot(memorySlot+3, header)
				got, out := c.run(in)
				require.Equal(t, want, got, "class %d header %#x %q", class, header, c.text())
				l.equal(c, "guardclass", in, &out)
			}
			c.free()
		}
	}
}

// hole gives the heap a hole of some words at the beginning of the memory.
func (l *lab) hole(words int) {
	for i := range memoryWords {
		l.context.SetSlot(memorySlot+i, 0)
	}
	l.context.SetWord(native.CursorAt, l.address(0))
	l.context.SetWord(native.LimitAt, l.address(words))
	l.context.SetWord(native.ObjectsAt, 41)
}

func TestEmitNew(t *testing.T) {
	l := newLab(t)
	for _, dst := range l.some(integer) {
		for _, bytes := range []int64{8, 24, 4096, 4104, 6400, 1 << 24, 1 << 30} {
			for _, header := range []uint64{0, 1, 5000, 1 << 31} {
				s := l.snippet()
				alloc := s.exit(backend.ExitAlloc)
				alloc.Live &^= 1 << dst
				s.step(backend.Inst{Code: backend.New, Imm: bytes, Exit: alloc}, registerLoc(dst), backend.Loc{}, s.constant(header))
				finish := s.finish()
				l.allocation(s.compile(), dst, int(bytes/8), header, alloc, finish.Number, l.patterns())
			}
		}
	}
}

// allocation tests the code of an allocation, with a hole that is just large enough,
// and one that is just too small.
func (l *lab) allocation(c *code, dst, words int, header uint64, alloc *backend.Exit, finish int, in *registers) {
	l.t.Helper()
	defer c.free()
	want := *in
	want[dst] = l.address(0)
	if words < memoryWords {
		l.hole(words)
		exit, out := c.run(in)
		require.Equal(l.t, finish, exit, "%q", c.text())
		l.equal(c, "new", &want, &out)
		require.Equal(l.t, header, l.context.Slot(memorySlot))
		require.Equal(l.t, l.address(words), l.context.Word(native.CursorAt))
		require.Equal(l.t, uint64(42), l.context.Word(native.ObjectsAt))
	}
	l.hole(min(words-1, memoryWords))
	exit, out := c.run(in)
	require.Equal(l.t, alloc.Number, exit, "%q", c.text())
	require.Equal(l.t, l.address(0), l.context.Word(native.CursorAt))
	require.Equal(l.t, uint64(41), l.context.Word(native.ObjectsAt))
	for _, r := range l.all {
		if r != dst || len(alloc.Locs) > 0 && alloc.Locs[0] == registerLoc(dst) {
			require.Equal(l.t, in[r], out[r])
		}
	}
	for _, r := range l.all { // it has to come back from the context
		l.context.SetWord(native.SaveAt+8*r, out[r])
	}
	l.context.SetWord(native.ResultAt, 0x1234_5678)
	want[dst] = 0x1234_5678
	native.Enter(l.context.Resume(), l.context.Addr())
	require.Equal(l.t, uint64(finish), l.context.Exit())
	for _, r := range l.all {
		out[r] = l.context.Saved(r)
	}
	l.equal(c, "resumed", &want, &out)
}

func TestEmitNewArray(t *testing.T) {
	l := newLab(t)
	for _, class := range []int64{0, 7, 70_000} {
		for _, dst := range l.some(integer) {
			for _, n := range []uint64{0, 1, 10, 600, 1<<31 - 1, 1 << 31, 1 << 32, 1 << 63, 1<<64 - 1, 1<<61 + 1} {
				for _, place := range append(l.some(integer), -1) {
					in, s := l.patterns(), l.snippet()
					alloc := s.exit(backend.ExitAlloc)
					alloc.Live &^= 1 << dst
					inst := backend.Inst{Code: backend.NewArray, Imm: class, Exit: alloc}
					items := backend.Loc{}
					if place >= 0 {
						in[place], items = n, registerLoc(place)
						alloc.Locs = []backend.Loc{items}
					} else if items = s.constant(n); !l.m.Immediate(&inst, 0, n) {
						continue
					}
					s.step(inst, registerLoc(dst), items)
					finish := s.finish()
					words := memoryWords + 1
					if n < memoryWords {
						words = int(n) + 1
					}
					l.allocation(s.compile(), dst, words, n<<32|uint64(class), alloc, finish.Number, in)
				}
			}
		}
	}
}
