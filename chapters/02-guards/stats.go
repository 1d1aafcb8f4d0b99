package guards

import (
	"fmt"
	"io"
	"slices"
	"time"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// Stats is what a Driver did. The names in JSON are those of run -stats=json.
//
// Operations, guards among them, and allocations among them are counted as they
// stand in the compiled loops and functions: as recorded, as optimized, and of the latter those
// that every iteration executes. These are all of them, or, of a trace with a
// label, those behind it: what stands before is executed once an entry.
type Stats struct {
	Loops           int            `json:"loops"`            // loops compiled
	Functions       int            `json:"functions"`        // and, in chapter 6: functions
	Versions        int            `json:"versions"`         // of either, for what is virtual at the start
	Bridges         int            `json:"bridges"`          //
	Freed           int            `json:"freed"`            // loops and functions, with all that belongs to them
	Invalidated     int            `json:"invalidated"`      // of those, because something was redefined
	Paused          int            `json:"paused"`           // times that entering did not pay, so that it was left alone for a while
	Blacklisted     int            `json:"blacklisted"`      // headers and exits that nobody tries any more
	Aborts          map[string]int `json:"aborts"`           // recordings given up, by reason
	OpsRecorded     int            `json:"ops_recorded"`     // operations
	OpsOptimized    int            `json:"ops_optimized"`    //
	OpsLoop         int            `json:"ops_loop"`         //
	GuardsRecorded  int            `json:"guards_recorded"`  // guards
	GuardsOptimized int            `json:"guards_optimized"` //
	GuardsLoop      int            `json:"guards_loop"`      //
	AllocsRecorded  int            `json:"allocs_recorded"`  // allocations
	AllocsOptimized int            `json:"allocs_optimized"` //
	AllocsLoop      int            `json:"allocs_loop"`      //
	OpsBridges      int            `json:"ops_bridges"`      // operations recorded for bridges and versions
	GuardFailures   int64          `json:"guard_failures"`   // exits from traces to the interpreter
	Entries         int64          `json:"entries"`          // entries into traces
	// Iterations are those that traces executed to their end: a jump, or the
	// label that ends the first one. See Options.Count.
	Iterations int64 `json:"iterations"`

	// Objects allocated, by who did it. A trace is charged for what it allocates
	// while it runs, and not for what an exit has to make for the interpreter:
	// that is done once an entry, however long the trace ran.
	ObjectsInterpreter int64 `json:"objects_interpreter"`
	ObjectsRecording   int64 `json:"objects_recording"`
	ObjectsTraces      int64 `json:"objects_traces"`
	ObjectsExits       int64 `json:"objects_exits"`

	HeapObjects     int64 `json:"heap_objects"`     // objects allocated in all
	HeapBytes       int64 `json:"heap_bytes"`       // their size
	HeapCollections int64 `json:"heap_collections"` // collections

	// Times in nanoseconds. What one phase calls counts for the inner one.
	Interpreting time.Duration `json:"ns_interpreting"`
	Recording    time.Duration `json:"ns_recording"`
	Optimizing   time.Duration `json:"ns_optimizing"`
	Compiling    time.Duration `json:"ns_compiling"` // what Executors do to optimized traces
	Executing    time.Duration `json:"ns_executing"`
	Collecting   time.Duration `json:"ns_collecting"` // inside the others

	CodeStats // what Compiling consists of, if it makes machine code
}

// Stats returns what d did so far.
func (d *Driver) Stats() Stats { return d.stats.Complete(d.heap, d.exec) }

// Complete returns s with what the heap and the executor know.
func (s Stats) Complete(on *heap.Heap, exec Executor) Stats {
	h := on.Stats()
	s.HeapObjects, s.HeapBytes, s.HeapCollections = h.Objects, h.Bytes, h.Collections
	s.Collecting = h.CollectTime
	counts := exec.Counts()
	s.Iterations, s.ObjectsExits, s.CodeStats = counts.Iterations, counts.Objects, counts.Code
	s.ObjectsTraces -= s.ObjectsExits // exits are within the time of traces
	// What was made when the program was loaded is the interpreter's.
	s.ObjectsInterpreter = h.Objects - s.ObjectsRecording - s.ObjectsTraces - s.ObjectsExits
	return s
}

// Add counts the operations of a trace that was compiled.
func (s *Stats) Add(recorded, optimized *ir.Trace) {
	tally(recorded.Ops, &s.OpsRecorded, &s.GuardsRecorded, &s.AllocsRecorded)
	tally(optimized.Ops, &s.OpsOptimized, &s.GuardsOptimized, &s.AllocsOptimized)
	tally(optimized.Ops[optimized.LabelAt()+1:], &s.OpsLoop, &s.GuardsLoop, &s.AllocsLoop)
}

// tally adds up what stands in list.
func tally(list []*ir.Op, ops, guards, allocs *int) {
	*ops += len(list)
	for _, op := range list {
		switch {
		case op.Code.Has(ir.Guard):
			*guards++
		case op.Code.IsAllocation():
			*allocs++
		}
	}
}

// WriteText writes s as a table.
func (s Stats) WriteText(w io.Writer) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-26s "+format+"\n", append([]any{name}, args...)...)
	}
	some := func(name string, n int) {
		if n > 0 {
			row(name, "%d", n)
		}
	}
	row("loops compiled", "%d", s.Loops)
	some("functions compiled", s.Functions)
	some("versions for objects", s.Versions)
	some("bridges compiled", s.Bridges)
	some("trees freed", s.Freed)
	some("trees out of date", s.Invalidated)
	some("times trees did not pay", s.Paused)
	some("places given up for good", s.Blacklisted)
	s.writeWork(row)
	s.writeTimes(row)
}

// writeWork writes what was compiled and executed.
func (s Stats) writeWork(row func(name, format string, args ...any)) {
	var reasons []string
	for why := range s.Aborts {
		reasons = append(reasons, why)
	}
	slices.Sort(reasons)
	for _, why := range reasons {
		row("recordings given up", "%d (%s)", s.Aborts[why], why)
	}
	static := func(name string, recorded, optimized, loop int) {
		if s.OpsLoop == s.OpsOptimized { // no trace has a label
			row(name, "%d recorded, %d optimized", recorded, optimized)
			return
		}
		row(name, "%d recorded, %d optimized, %d of them in the loop", recorded, optimized, loop)
	}
	static("operations", s.OpsRecorded, s.OpsOptimized, s.OpsLoop)
	static("guards", s.GuardsRecorded, s.GuardsOptimized, s.GuardsLoop)
	static("allocations", s.AllocsRecorded, s.AllocsOptimized, s.AllocsLoop)
	row("traces", "%d entries, %d iterations, %d guard failures", s.Entries, s.Iterations, s.GuardFailures)
	row("objects allocated", "%d by the interpreter, %d by the recorder, %d by traces, %d by exits",
		s.ObjectsInterpreter, s.ObjectsRecording, s.ObjectsTraces, s.ObjectsExits)
	if s.Iterations > 0 && s.Functions == 0 { // else it is calls that do the work
		row("objects an iteration", "%.1f", float64(s.ObjectsTraces)/float64(s.Iterations))
	}
	row("heap", "%d bytes allocated, %d collections", s.HeapBytes, s.HeapCollections)
}

// writeTimes writes what it took.
func (s Stats) writeTimes(row func(name, format string, args ...any)) {
	if code := s.CodeStats; code.Bytes > 0 {
		row("machine code", "%d bytes", code.Bytes)
		row("µs an operation recorded", "%s in all: optimizing %s, lowering %s, allocating %s, emitting %s, placing %s",
			s.perOp(s.Optimizing+s.Compiling), s.perOp(s.Optimizing), s.perOp(code.Lowering), s.perOp(code.Allocating),
			s.perOp(code.Emitting), s.perOp(code.Placing))
	}
	row("time", "interpreting %v, recording %v, optimizing %v, compiling %v, executing %v, collecting %v",
		round(s.Interpreting), round(s.Recording), round(s.Optimizing), round(s.Compiling), round(s.Executing), round(s.Collecting))
}

// perOp returns the microseconds of d that each recorded operation took.
func (s Stats) perOp(d time.Duration) string {
	return fmt.Sprintf("%.2f", float64(d.Nanoseconds())/1000/float64(max(s.OpsRecorded+s.OpsBridges, 1)))
}

func round(d time.Duration) time.Duration { return d.Round(time.Microsecond) }
