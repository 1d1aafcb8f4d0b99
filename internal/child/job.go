package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// variable names the folder of the job, in a child's environment.
const variable = "METATRACE_CHILD"

// A job says which call of Run a child executes.
type job struct {
	Name string // of the test
	Call int    // how many calls of Run in that test come before
	// Earlier has what these calls returned, and those of the tests around the test.
	Earlier map[string][]Result
}

// ourJob returns the job of this process, and false if it is not a child.
var ourJob = sync.OnceValues(func() (job, bool) {
	var j job
	dir := os.Getenv(variable)
	if dir == "" {
		return j, false
	}
	data, err := os.ReadFile(filepath.Join(dir, "job"))
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(3)
	}
	return j, true
})

// earlier returns what call n of the named test returned.
func (j job) earlier(name string, n int) (Result, bool) {
	if list := j.Earlier[name]; n < len(list) {
		return list[n], true
	}
	return Result{}, false
}

// writeJob writes the job of a child to its folder.
func writeJob(dir, name string, call int) error {
	j := job{name, call, map[string][]Result{}}
	calls.Lock()
	for other, list := range calls.byName {
		if other == name || strings.HasPrefix(name, other+"/") {
			j.Earlier[other] = list.results
		}
	}
	data, err := json.Marshal(j)
	calls.Unlock()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "job"), data, 0o600)
}

// A Writer is where the function given to Run, in the child, says what it does. All
// is written at once: it is there when the next instruction ends the process.
type Writer struct {
	mu     sync.Mutex
	report io.Writer
}

// openReport opens the report of this child.
func openReport() (*Writer, error) {
	f, err := os.OpenFile(filepath.Join(os.Getenv(variable), "report"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &Writer{report: f}, nil
}

// Write adds to the Output of the Result.
func (w *Writer) Write(p []byte) (int, error) {
	w.line("output", string(p))
	return len(p), nil
}

// Step says what is done next: the last one before a crash is the Step of the Result.
func (w *Writer) Step(format string, args ...any) {
	w.line("step", fmt.Sprintf(format, args...))
}

// Code says where the code is that is entered next: size bytes at address addr. The
// Offset of a Crash is counted from there.
func (w *Writer) Code(addr uintptr, size int) {
	w.line("code", fmt.Sprintf("%#x %d", addr, size))
}

// line writes one line of the report: a word, and quoted text.
func (w *Writer) line(word, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := fmt.Fprintf(w.report, "%s %q\n", word, text); err != nil {
		panic(fmt.Sprintf("child: the report cannot be written: %v", err))
	}
}

// A report is what the lines of a child say.
type report struct {
	begun, done bool
	result      Result
	code        uintptr // where the last code was
	size        int     // its bytes
}

// readReport reads the report in a child's folder. The last line may be torn.
func readReport(dir string) (report, error) {
	var r report
	data, err := os.ReadFile(filepath.Join(dir, "report"))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	for line := range strings.Lines(string(data)) {
		word, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			break
		}
		switch word {
		case "begin":
			r.begun = true
		case "done":
			r.done = true
		case "output":
			r.result.Output = append(r.result.Output, text...)
		case "step":
			r.result.Step = text
		case "code":
			if _, err := fmt.Sscanf(text, "%v %d", &r.code, &r.size); err != nil {
				return r, fmt.Errorf("report: %q: %w", text, err)
			}
		}
	}
	return r, err
}
