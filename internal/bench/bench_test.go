package bench

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/course"
)

// TestChecksAreInlined asks the compiler: a twin that calls is no match.
func TestChecksAreInlined(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command")
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, f := range []string{"add", "sub", "mul"} {
		require.Contains(t, string(out), "can inline "+f+"\n")
	}
}

// Whatever executes a program prints what its twin in Go prints, however many
// rounds it does, and the times are those of what was asked for.
func TestEnginesAgreeWithTheTwins(t *testing.T) {
	for i := range Programs {
		p := &Programs[i]
		if testing.Short() && i%4 != 0 {
			continue // under an emulator each takes seconds
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			if !p.Prints {
				assert.Equal(t, p.Go(1), p.Go(2))
			}
			for _, boxes := range []space.Boxes{space.HeapBoxes, space.TaggedBoxes} {
				r, err := Measure(p, Options{Kits: course.Solved(), Boxes: boxes, Time: time.Nanosecond, Count: 1})
				require.NoError(t, err)
				var engines []string
				for _, m := range r.Engines {
					engines = append(engines, m.Engine)
					assert.Positive(t, m.Nanoseconds)
					assert.Positive(t, m.Rounds)
				}
				assert.Equal(t, append(append([]string{Interpreter}, course.Engines()[1:]...), Go), engines)
				assert.Equal(t, 1.0, r.Of(Interpreter).Speedup)
				assert.Equal(t, 1.0, r.Of(Interpreter).Outside)
				assert.Equal(t, 1.0, r.Of(Go).TimesGo)
			}
		})
	}
}

func TestEachFileIsAProgram(t *testing.T) {
	files, err := filepath.Glob("programs/*.tiny")
	require.NoError(t, err)
	assert.Len(t, files, len(Programs))
	for _, file := range files {
		p := Find(strings.TrimSuffix(filepath.Base(file), ".tiny"))
		require.NotNil(t, p, file)
		_, err := os.Stat(filepath.Join("../..", p.File()))
		assert.NoError(t, err)
	}
	assert.Nil(t, Find("none"))
}

// The table has every program that the chapters test the engine with.
func TestEachTestProgramIsThere(t *testing.T) {
	files, err := filepath.Glob("../../chapters/02-guards/testdata/*.tiny")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		assert.NotNil(t, Find(strings.TrimSuffix(filepath.Base(file), ".tiny")), file)
	}
}

func TestSourceSetsTheRounds(t *testing.T) {
	text, err := Find("sum").Source(77)
	require.NoError(t, err)
	assert.Contains(t, text, "\n(var n 77) ; rounds\n")
}

func TestATwinThatDiffersIsAnError(t *testing.T) {
	p := *Find("sum")
	p.Go = func(int64) string { return "7\n" }
	_, err := Measure(&p, Options{Kits: course.Solved(), Time: 1, Count: 1})
	require.EqualError(t, err, `sum, interpreter: it printed "2666646666700000\n", and the same in Go "7\n"`)
}

// The numbers of iterations are those of the loops, counted one by one.
func TestIterations(t *testing.T) {
	turns := map[string]int64{}
	composite := make([]bool, 20000)
	for i := 2; i < 20000; i++ {
		turns["sieve"]++
		for k := i * i; !composite[i] && k < 20000; k += i {
			composite[k] = true
			turns["sieve"]++
		}
	}
	for i := 1; i < 1500; i++ {
		for n := i; n != 1; turns["collatz"]++ {
			n = []int{n / 2, 3*n + 1}[n%2]
		}
	}
	for n := 2; n < 3000; n++ {
		for d := 2; d*d <= n; d++ {
			turns["primes"]++
			if n%d == 0 {
				break
			}
		}
	}
	var count func(n int)
	count = func(n int) {
		if turns["fib"]++; n > 1 {
			count(n - 1)
			count(n - 2)
		}
	}
	count(20)
	turns["control"], turns["arrays"] = 0, 120*119/2
	for i := range 1500 {
		for k := 0; k != 20 && (k <= 5 || k%(i%30+1) != 0); k++ {
			turns["control"]++
		}
		turns["control"]++
	}
	list := fillPseudo(160)
	for i := range list {
		for k := range i {
			if list[k] > list[i] {
				turns["arrays"]++ // it has to get past it
			}
		}
	}
	for name, n := range turns {
		assert.Equal(t, n, Find(name).Iterations, name)
	}
}

func result() *Result {
	r := &Result{Program: "sum", Turn: "turn of the loop", Iterations: 200000, Engines: []Measurement{
		{Engine: Interpreter, Nanoseconds: 80, Rounds: 3, Outside: 1},
		{Engine: course.Portable, Nanoseconds: 16, Rounds: 10, Outside: 0.001},
		{Engine: course.Native, Nanoseconds: 1, Rounds: 200, Outside: 0.0042},
		{Engine: Go, Nanoseconds: 2, Rounds: 100},
	}}
	r.compare()
	return r
}

func TestTable(t *testing.T) {
	var b strings.Builder
	table := NewTable(&b, []string{"sum"}, false)
	table.Row(result())
	without := result()
	without.Engines = append(without.Engines[:2], without.Engines[3])
	table.Row(without)
	assert.Equal(t, strings.TrimLeft(`
program         interpreter   portable     native         Go   portable    native   native/Go  outside
sum                80.00 ns   16.00 ns    1.00 ns    2.00 ns       5.0x     80.0x       0.50x    0.4 %
sum                80.00 ns   16.00 ns          -    2.00 ns       5.0x         -           -        -
`, "\n"), b.String())
}

func TestTableAsMarkdown(t *testing.T) {
	var b strings.Builder
	r := result()
	r.Engines[0].Nanoseconds, r.Engines[1].Nanoseconds = 12345, 4.5e6
	NewTable(&b, nil, true).Row(r)
	assert.Equal(t, strings.TrimLeft(`
| program | interpreter | portable | native | Go | portable | native | native/Go | outside |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| sum | 12.3 µs | 4.50 ms | 1.00 ns | 2.00 ns | 5.0x | 80.0x | 0.50x | 0.4 % |
`, "\n"), b.String())
}

// What is slower than the interpreter is so by the engine that run takes by itself.
func TestSlower(t *testing.T) {
	for factor, want := range map[float64]string{
		1.09: "\nNone takes more than 1.1 times the interpreter's time.\n",
		1.12: "\nMore than 1.1 times the interpreter's time: sum (1.12x).\n",
	} {
		r := result()
		r.Of(course.Best()).Nanoseconds = 80 * factor
		r.compare()
		var b strings.Builder
		WriteSlower(&b, []*Result{result(), r})
		assert.Equal(t, want, b.String())
	}
}

func TestMeasureAFile(t *testing.T) {
	r, err := Measure(FromFile("a.tiny", "(print 7)"), Options{Kits: course.Solved(), Time: 1, Count: 1})
	require.NoError(t, err)
	assert.Len(t, r.Engines, len(course.Engines()))
	assert.Nil(t, r.Of(Go))
	assert.Zero(t, r.Of(Interpreter).TimesGo)
	_, err = Measure(FromFile("a.tiny", "(print (/ 1 0))"), Options{Kits: course.Solved(), Time: 1, Count: 1})
	assert.EqualError(t, err, "a.tiny:1:8: division by zero")
}

func TestJSON(t *testing.T) {
	data, err := json.Marshal(result())
	require.NoError(t, err)
	assert.JSONEq(t, `{"program": "sum", "iteration": "turn of the loop", "iterations_per_round": 200000, "engines": [
		{"engine": "interpreter", "ns": 80, "rounds": 3, "outside_traces": 1, "times_interpreter": 1, "times_go": 40},
		{"engine": "portable", "ns": 16, "rounds": 10, "outside_traces": 0.001, "times_interpreter": 5, "times_go": 8},
		{"engine": "native", "ns": 1, "rounds": 200, "outside_traces": 0.0042, "times_interpreter": 80, "times_go": 0.5},
		{"engine": "go", "ns": 2, "rounds": 100, "outside_traces": 0, "times_interpreter": 40, "times_go": 1}]}`, string(data))
}

// BenchmarkPrograms measures what `metatrace bench` measures, the engines by turns:
// -benchtime=5x for five turns. Times are in ns for an iteration; x-interpreter is
// how many times as fast as the interpreter the best engine is, and x-go how many
// times the time of Go it takes.
func BenchmarkPrograms(b *testing.B) {
	for i := range Programs {
		p := &Programs[i]
		b.Run(p.Name, func(b *testing.B) {
			r, err := Measure(p, Options{Kits: course.Solved(), Time: 100 * time.Millisecond, Count: b.N})
			require.NoError(b, err)
			for _, m := range r.Engines {
				b.ReportMetric(m.Nanoseconds, m.Engine+"-ns")
			}
			best := r.Of(course.Best())
			b.ReportMetric(best.Speedup, "x-interpreter")
			b.ReportMetric(best.TimesGo, "x-go")
			b.ReportMetric(0, "ns/op")
		})
	}
}
