package backend_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/internal/child"
	solution "metatrace/solutions/05-backend"
)

// TestCrashIsReported runs machine code that is wrong on purpose. The report names the
// instruction and the operation that it was made for.
func TestCrashIsReported(t *testing.T) {
	if err := backend.Available(); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		name  string
		limit time.Duration
		edit  func(*backend.Kit)
		want  string
	}{
		{"no-instruction", nativeLimit, func(k *backend.Kit) {
			k.REX = func(w bool, reg, index, base amd64.Reg) byte {
				if rex := solution.REX(w, reg, index, base); rex != 0x48 {
					return rex
				}
				return 0x06 // PUSH ES, which there is not in 64 bits
			}
		}, `SIGILL: no instruction of this processor, in the instruction at byte \d+ of the code
It was made for:  (?s:.*)\n  ▶ [0-9a-f]{4}  db 0x06 +guard_true`},
		{"wild-store", nativeLimit, func(k *backend.Kit) {
			k.AppendMem = func(code []byte, reg amd64.Reg, m amd64.Mem) []byte {
				if m.Base == amd64.R15 && m.Disp == 0 { // the number of the exit
					return append(code, amd64ModRM(reg, 4), 0x25, 0, 0, 0x10, 0) // without a base
				}
				return solution.AppendMem(code, reg, m)
			}
		}, `SIGSEGV: it accessed address 0x100000, in the instruction at byte \d+ of the code
It was made for:  exit \d+, that of guard_true\(i3\)(?s:.*)\n  ▶ [0-9a-f]{4}  mov qword \[0x100000\], 0x\d\n`},
		{"no-end", nativeLimit, func(k *backend.Kit) {
			k.IntJump = func(cond backend.Cond) amd64.CC { return amd64.O } // no overflow, whatever is compared with 0
		}, `does something else than the evaluator: with the inputs \[0 1 2 3\] the evaluator runs, the executor says: stopped: the program was still running after 200ms`},
		{"no-end-and-no-poll", time.Second, func(k *backend.Kit) {
			k.IntJump = func(cond backend.Cond) amd64.CC { return amd64.O }
			k.AppendMem = func(code []byte, reg amd64.Reg, m amd64.Mem) []byte {
				if m.Base == amd64.R14 {
					m.Base = amd64.R15 // REX has R14: the difference is in its lower bits
				}
				return solution.AppendMem(code, reg, m)
			}
		}, `it did not end within \d+s, in the instruction at byte \d+ of the code
It was made for:  (?s:.*)\n  ▶ [0-9a-f]{4}  `},
		{"compiler", nativeLimit, func(k *backend.Kit) {
			k.LiveRanges = func(l *backend.Lowered) []backend.LiveRange { panic("lost") }
		}, `the compiler, with this function, ended its process \(this one goes on\): the process ended: panic: lost`},
		{"other-result", nativeLimit, func(k *backend.Kit) {
			k.ExitWord = func(loc backend.Loc, values []backend.Info, saved, slots []uint64) uint64 { return 1 }
		}, `does something else than the evaluator: with the inputs \[0 10 0\] they differ`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.limit < nativeLimit {
				t.Skip("waits for it")
			}
			kit, patience := with(c.edit), time.Second
			traces := nativeTraces()[:2] // sum and swap
			if strings.HasPrefix(c.name, "no-end") {
				traces, patience = traces[1:], 200*time.Millisecond
			}
			report, want := "", regexp.MustCompile(c.want)
			// On a busy machine the child may need a while to come to the code.
			for limit := c.limit; !want.MatchString(report) && limit <= nativeLimit; limit *= 4 {
				report = nativeReport(child.Run(t, limit, func(w *child.Writer) { runNative(w, kit, traces, patience) }))
			}
			t.Log(report)
			require.Regexp(t, want, report)
		})
	}
}

// amd64ModRM is a ModRM byte for [rm] without displacement.
func amd64ModRM(reg amd64.Reg, rm byte) byte { return byte(reg&7)<<3 | rm }
