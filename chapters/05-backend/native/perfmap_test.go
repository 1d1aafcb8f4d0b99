package native

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"
)

func TestPerfMap(t *testing.T) {
	var b bytes.Buffer
	p := NewPerfMap(&b)
	err := errors.Join(p.Add(Region{0xabc0, 33}, "loop\nsum"), p.Add(Region{0x10, 1}, "x"), p.Close())
	if want := "abc0 21 loop sum\n10 1 x\n"; b.String() != want || err != nil {
		t.Errorf("%q, %v; want %q", b.String(), err, want)
	}
}

func TestPerfMapIsWherePerfLooks(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is perf only on Linux")
	}
	name := fmt.Sprintf("/tmp/perf-%d.map", os.Getpid())
	defer os.Remove(name)
	for range 2 { // the second time there is a file already
		p, err := CreatePerfMap()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Add(Region{0xabc0, 33}, "loop"), p.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := os.ReadFile(name); string(data) != "abc0 21 loop\n" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
}
