package native

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A PerfMap tells Linux's perf the names of code that no file has: a line
// "START SIZE name" for each region, in hexadecimal. Where a later line overlaps an
// earlier one perf takes the later: a region that is freed needs no mention.
type PerfMap struct{ w io.Writer }

// NewPerfMap returns a PerfMap that writes to w.
func NewPerfMap(w io.Writer) *PerfMap { return &PerfMap{w} }

// CreatePerfMap makes the file where perf looks for the names of this process,
// /tmp/perf-PID.map. It stays after the process, for perf report.
func CreatePerfMap() (*PerfMap, error) {
	name := filepath.Join("/tmp", fmt.Sprintf("perf-%d.map", os.Getpid()))
	// An old process may have had our number. Not truncated but made anew: anybody
	// may write to /tmp, and may have put a link there.
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return &PerfMap{f}, nil
}

// Add gives the region a name, without line breaks. It is there for perf at once.
func (p *PerfMap) Add(r Region, name string) error {
	name = strings.NewReplacer("\n", " ", "\r", " ").Replace(name)
	_, err := fmt.Fprintf(p.w, "%x %x %s\n", r.Addr, r.Size, name)
	return err
}

// Close closes the file, if the PerfMap writes to one.
func (p *PerfMap) Close() error {
	if c, ok := p.w.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
