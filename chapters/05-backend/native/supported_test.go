package native

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSupportedSaysWhyNot(t *testing.T) {
	ours := slices.Contains([]string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"}, runtime.GOOS+"/"+runtime.GOARCH)
	err := Supported()
	if err == nil {
		if !ours {
			t.Error("machine code is said to run here")
		}
		return
	}
	if ours {
		t.Logf("a system that refuses machine code: %v", err)
	} else if !strings.Contains(err.Error(), runtime.GOOS+"/"+runtime.GOARCH) || GuardOffset() != -1 {
		t.Errorf("%v, guard offset %d", err, GuardOffset())
	}
	if _, err := New(1 << 12); err == nil {
		t.Error("New makes a Memory all the same")
	}
	if _, err := NewMode(1<<12, ModeProtect); err == nil {
		t.Error("NewMode makes a Memory all the same")
	}
	if _, err := NewContext(); err == nil {
		t.Error("NewContext makes a Context all the same")
	}
}
