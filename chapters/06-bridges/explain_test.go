package bridges

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/recorder"
)

const guestSource = `(var i 0)
(while (< i n)
  (if (= (f i) 1)
    (set i (+ i 1))))
`

// history is what an engine may tell, with all kinds of events.
func history() []Event {
	loop := Place{"dir/a.tiny:2", 1}
	guard := From{Fragment: 1, Guard: 4, Where: "dir/a.tiny:3", Text: "guard_true(i7)", Expects: "int_eq(p1.value, 1) to hold", Failures: 1}
	call := From{Fragment: 2, Guard: 0, Where: "dir/a.tiny:1 in f", Text: "guard_no_overflow()", Expects: "no overflow", Failures: 1}
	list := []Event{
		Started{Place: Place{Where: "dir/a.tiny:2"}},
		Compiled{Place: loop, Fragment: 1, Kind: KindBody, Target: "loop1.body", Goes: "its label", Recorded: 30, Ops: 9, Guards: 2, Bytes: 80},
		Compiled{Place: loop, Fragment: 1, Kind: KindLoop, Target: "loop1", Goes: "loop1.body", Recorded: 30, Ops: 12, Guards: 5, Bytes: 120},
	}
	for i := range 3 {
		values := [][]string{{"2", "1"}, {"nil", "1"}, {"2", "1"}}[i]
		list = append(list, Entered{loop}, Left{Place: loop, From: &guard, Values: values})
	}
	return append(list,
		Compiled{Place: Place{"dir/a.tiny:3", 1}, Fragment: 2, Kind: KindBridge, From: &guard, Goes: "loop1.body", Recorded: 14, Ops: 6, Guards: 1, Bytes: 60},
		Attached{Place: Place{"dir/a.tiny:3", 1}, From: guard, Fragment: 2},
		Entered{loop}, Left{Place: loop, From: &call, Values: []string{strings.Repeat("9", 50)}},
		Entered{loop}, Left{Place: loop, Finished: true},
		Aborted{Place: Place{Where: "dir/a.tiny:9 in g"}, Why: recorder.TooLong, Detail: "more than 5000 operations", Retry: 400},
		Aborted{Place: Place{Where: "dir/a.tiny:9 in g"}, Why: recorder.TooLong, Detail: "more than 5000 operations", Retry: 0},
		Blacklisted{Place: Place{Where: "dir/a.tiny:9 in g"}, Why: recorder.TooLong, Aborts: 2},
		Aborted{Place: Place{"dir/a.tiny:1 in f", 1}, From: &call, Why: recorder.LeftLoop, Detail: "the program ended", Retry: 1},
		Limited{loop, "bridges", 1},
		Freed{Place: loop, Why: "f was redefined", Fragments: 3, Bytes: 260},
	)
}

// durations matches times, with the blanks before them.
var durations = regexp.MustCompile(` +[\d.]+(ns|µs|ms|s)\b`)

func TestExplain(t *testing.T) {
	x := NewExplainer(guestSource)
	for _, event := range history() {
		x.Event(event)
	}
	var b bytes.Buffer
	require.NoError(t, x.WriteText(&b, guards.Stats{Interpreting: 3 * time.Second, Executing: time.Second, Collecting: time.Millisecond}))
	assert.Equal(t, strings.TrimLeft(`
What was hot
  loop1, loop at line 2: entered 5 times, … in its code, 2 traces, 260 bytes; freed: f was redefined
What was compiled (operations as recorded → as optimized)
  trace 1, loop loop1 at line 2: 30 → 12 before the loop, 9 in it, 7 guards, 200 bytes; goes on in the loop
    trace 2, bridge at line 3, from guard 4: 14 → 6, 1 guard, 60 bytes; goes on in loop1.body
What was not, and why
  line 9 in g: trace too long (more than 5000 operations), 2 times; given up for good
  line 1 in f, behind guard 0 of trace 2: left the loop (the program ended); tried again after 1 failure
  line 2: the limit of bridges (1) is reached
Which guards failed most (back to the interpreter; those that go on in a bridge are not counted)
  3 times: guard 4 of trace 1, at line 3; then trace 2 was made for it
      (if (= (f i) 1)
    guard_true expects int_eq(p1.value, 1) to hold
    on 2 and 1 (2 times), nil and 1 (once)
  once: guard 0 of trace 2, at line 1 in f
      (var i 0)
    guard_no_overflow expects no overflow
    on 9999999999999999999999999999999999999999… (once)
Where the time went
  interpreting … 75 %
  recording … 0 %
  optimizing … 0 %
  compiling … 0 %
  executing … 25 %
  of all that, … went into collecting garbage
`, "\n"), regexp.MustCompile(`… +`).ReplaceAllString(durations.ReplaceAllString(b.String(), " …"), "… "))
}

func TestExplainNothing(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, NewExplainer("").WriteText(&b, guards.Stats{}))
	assert.Contains(t, b.String(), "What was hot\n  nothing that could be compiled\n")
	assert.Contains(t, b.String(), "as optimized)\n  nothing\n")
	assert.Contains(t, b.String(), "and why\n  nothing was refused\n")
	assert.Contains(t, b.String(), "counted)\n  none\n")
}

// However much happened, it is a page.
func TestExplainIsAPage(t *testing.T) {
	x := NewExplainer(guestSource)
	for i := 1; i <= 500; i++ {
		at := Place{"a.tiny:2", i}
		from := &From{Fragment: i, Guard: 0, Where: "a.tiny:2", Text: "guard_true(i1)", Expects: "i1 to hold"}
		x.Event(Compiled{Place: at, Fragment: i, Kind: KindLoop})
		x.Event(Aborted{Place: at, From: from, Why: recorder.TooDeep, Retry: 9})
		for k := range 10 {
			x.Event(Entered{at})
			x.Event(Left{Place: at, From: from, Values: []string{strings.Repeat("x", k)}})
		}
	}
	var b bytes.Buffer
	require.NoError(t, x.WriteText(&b, guards.Stats{}))
	assert.LessOrEqual(t, strings.Count(b.String(), "\n"), 80)
	for _, more := range []string{"… and 490 headers more", "… and 480 traces more", "… and 490 reasons more", "… and 495 guards more", ", … and 5 more"} {
		assert.Contains(t, b.String(), more)
	}
}

func TestLog(t *testing.T) {
	var b bytes.Buffer
	log := NewLog(&b)
	for _, event := range append(history(), Event(Left{})) {
		log.Event(event)
	}
	require.NoError(t, log.Err())
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, len(history())+1)
	names := map[string]bool{}
	for _, line := range lines {
		var event struct {
			Event string
			NS    *int64
			Where *string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &event), line)
		names[event.Event] = true
		assert.NotNil(t, event.NS)
		assert.NotNil(t, event.Where)
	}
	for _, name := range []string{"started", "aborted", "blacklisted", "compiled", "attached", "entered", "left", "freed", "limited"} {
		assert.True(t, names[name], name)
	}
	assert.Regexp(t, `^\{"event":"started","ns":\d+,"where":"dir/a.tiny:2"\}$`, lines[0])
}

// fullDisk fails.
type fullDisk struct{ writes int }

func (d *fullDisk) Write([]byte) (int, error) { d.writes++; return 0, errors.New("no space left") }

func TestLogKeepsTheFirstError(t *testing.T) {
	disk := &fullDisk{}
	log := NewLog(disk)
	log.Event(Entered{})
	log.Event(Entered{})
	require.EqualError(t, log.Err(), "no space left")
	assert.Equal(t, 1, disk.writes)
}

func TestExpects(t *testing.T) {
	for text, want := range map[string]string{
		"guard_true(i2) []":                     "int_lt(int_add(i0, 1), 20) to hold",
		"guard_false(i2) []":                    "int_lt(int_add(i0, 1), 20) not to hold",
		"guard_value(i0, 7) []":                 "i0 to be 7",
		"guard_class(p1, ConstClass(W_Int)) []": "p1 to be a W_Int",
		"guard_nonnull(p1) []":                  "p1 not to be NULL",
		"guard_isnull(p1) []":                   "p1 to be NULL",
		"guard_true(i5) []":                     "int_is_true(p1.value) to hold",
		"guard_not_invalidated() []":            "nothing to be redefined that the code takes for constant",
		"guard_always_fails() []":               "code to go on with, and there was none",
	} {
		trace, err := ir.Parse("t", "struct W_Int vtable=W_Int value:i\n"+
			"[i0, p1]\ni1 = int_add(i0, 1)\ni2 = int_lt(i1, 20)\ni4 = getfield_gc_i(p1, descr=W_Int.value)\ni5 = int_is_true(i4)\n"+text+"\nfinish()\n")
		if !assert.NoError(t, err, text) {
			continue
		}
		assert.Equal(t, want, expects(trace.Ops[4]))
	}
}

func TestNoMemoryForCodeIsAnError(t *testing.T) {
	refused := errors.New("no memory")
	l := &lazy{make: func() (guards.Executor, error) { return nil, refused }}
	l.Link(&recorder.Function{})
	assert.Zero(t, l.Counts())
	_, err := l.Load(nil, guards.LoadOptions{})
	assert.ErrorIs(t, err, refused)
	assert.ErrorAs(t, err, &noExecutor{})
	assert.NoError(t, l.Close())
}
