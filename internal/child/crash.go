package child

import (
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A Crash is how a child ended that should not have.
type Crash struct {
	Limit  time.Duration // the child did not end in this time; 0 if it ended by itself
	Signal string        // "SIGSEGV"; "" if it was none
	Addr   uint64        // what could not be accessed; 0 if the signal is not of that kind
	PC     uint64        // address of the instruction; 0 if unknown
	// Offset is where in the code that was named last the instruction is, in bytes;
	// -1 if it is not there.
	Offset int
	Text   string // what the process printed, the beginning of it
}

// Error says in one line how the child ended.
func (c *Crash) Error() string {
	var b strings.Builder
	switch {
	case c.Limit != 0:
		fmt.Fprintf(&b, "it did not end within %v", c.Limit)
	case c.Signal == "SIGSEGV" || c.Signal == "SIGBUS":
		fmt.Fprintf(&b, "%s: it accessed address %#x", c.Signal, c.Addr)
	case c.Signal != "":
		fmt.Fprintf(&b, "%s: %s", c.Signal, signals[c.Signal])
	default:
		first, _, _ := strings.Cut(c.Text, "\n")
		fmt.Fprintf(&b, "the process ended: %s", first)
	}
	switch {
	case c.Offset >= 0:
		fmt.Fprintf(&b, ", in the instruction at byte %d of the code", c.Offset)
	case c.PC != 0:
		fmt.Fprintf(&b, ", in an instruction at %#x, which is not in the code", c.PC)
	}
	return b.String()
}

// signals says what the processor means by a signal.
var signals = map[string]string{
	"SIGILL":  "no instruction of this processor",
	"SIGTRAP": "an instruction that stops, as free code memory is full of",
	"SIGFPE":  "a division by zero, or one whose result is too large",
}

// What Go's runtime prints, in printpanics and sighandler.
var (
	inPanic  = regexp.MustCompile(`\[signal (SIG[A-Z]+): .* addr=0x([0-9a-f]+) pc=0x([0-9a-f]+)\]`)
	atThread = regexp.MustCompile(`(?m)^PC=0x([0-9a-f]+) m=`)
	fatal    = regexp.MustCompile(`(?m)^(SIG[A-Z]+): .*\nPC=0x([0-9a-f]+) m=`)
)

// mostText is how much of a child's text is kept, in bytes.
const mostText = 16 << 10

// crashOf returns what the text of a child's end says. The code was size bytes at
// address code.
func crashOf(text string, code uintptr, size int) *Crash {
	c := &Crash{Offset: -1, Text: text[:min(len(text), mostText)]}
	if m := inPanic.FindStringSubmatch(text); m != nil {
		c.Signal, c.Addr, c.PC = m[1], hex(m[2]), hex(m[3])
	} else if m := fatal.FindStringSubmatch(text); m != nil {
		c.Signal, c.PC = m[1], hex(m[2])
	}
	if c.Signal == "SIGFPE" {
		c.Addr = 0 // it was that of the instruction
	}
	if c.Signal == "SIGTRAP" && runtime.GOARCH == "amd64" {
		c.PC-- // int3 is over when it stops
	}
	// A child that was told to say where its threads are has a line for each.
	pcs := []uint64{c.PC}
	for _, m := range atThread.FindAllStringSubmatch(text, -1) {
		pcs = append(pcs, hex(m[1]))
	}
	for _, pc := range pcs {
		if at := pc - uint64(code); at < uint64(size) {
			c.PC, c.Offset = pc, int(at)
			break
		}
	}
	return c
}

// hex returns the number that hexadecimal digits mean.
func hex(digits string) uint64 {
	n, _ := strconv.ParseUint(digits, 16, 64)
	return n
}
