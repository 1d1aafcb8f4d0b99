package exercise

import (
	"strings"
	"testing"
	"time"
)

func TestWithin(t *testing.T) {
	ex := Exercise{ID: "9.1", File: "chapters/09-x/double.go", Field: "Double"}
	for _, tt := range []struct {
		name, want string // the notes; "" if it passes
		check      func(t TB, order *string)
	}{
		{"passes", "", func(TB, *string) {}},
		{"errors", "bad", func(t TB, _ *string) { t.Error("bad") }},
		{"stops", "bad", func(t TB, _ *string) { t.Fatal("bad"); panic("went on") }},
		{"panics", "panic: no\n\nmetatrace/internal/exercise.TestWithin.", func(TB, *string) { panic("no") }},
		{"fails-in-cleanup", "late 2", func(t TB, order *string) {
			t.Cleanup(func() { *order += "3"; t.Error("late", len(*order)+1) })
			t.Cleanup(func() { *order += "2"; t.FailNow() })
			t.Cleanup(func() {
				t.Cleanup(func() { *order = "" })
				*order += "1"
			})
		}},
		{"cleans-up-what-failed", "failed true", func(t TB, _ *string) {
			t.Cleanup(func() { t.Log("failed", t.Failed()) })
			panic("no")
		}},
		{"panics-in-cleanup", "panic: twice", func(t TB, _ *string) { t.Cleanup(func() { panic("twice") }) }},
	} {
		r, order := &recorder{name: tt.name}, ""
		within(r, ex, time.Minute, func(t TB) { tt.check(t, &order) })
		got := strings.Join(r.notes, "\n")
		if r.Failed() != (tt.want != "") || tt.name != "fails-in-cleanup" && !strings.Contains(got, tt.want) {
			t.Errorf("%s: failed %v, %q; want %q", tt.name, r.Failed(), got, tt.want)
		}
		if tt.name == "fails-in-cleanup" && order != "23" {
			t.Errorf("cleanups ran in the order %q, want 23", order)
		}
		r.end()
	}
}

// A check that is left behind can do what it wants: nobody hears of it, and what it
// works with stays there.
func TestWithinLeavesALoopBehind(t *testing.T) {
	ex := Exercise{ID: "9.1", File: "chapters/09-x/double.go", Field: "Double"}
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Run("inner", func(t *testing.T) { // it is over when the check goes on
		r := &recorder{name: "inner"}
		within(r, ex, 20*time.Millisecond, func(t TB) {
			t.Cleanup(func() { close(stopped) })
			<-stop
			panic("late")
		})
		want := "exercise 9.1: the check has not ended after 20ms: is there a loop in func Double (chapters/09-x/double.go) that does not end?"
		if len(r.notes) != 1 || r.notes[0] != want {
			t.Errorf("it says %q, want %q", r.notes, want)
		}
	})
	select {
	case <-stopped:
		t.Error("cleaned up while the check goes on")
	default:
	}
	close(stop)
	<-stopped
}

func TestComesBack(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	for _, tt := range []struct {
		name, want string
		f          func()
	}{
		{"comes", "", func() {}},
		{"panics", "panic: no\n\nmetatrace/internal/exercise.TestComesBack.", func() { panic("no") }},
		{"stays", "Double(2) did not come back", func() { <-stop }},
	} {
		got := try(tt.name, time.Minute, func(t TB) {
			comesBack(t, 100*time.Millisecond, func() string { return "Double(2)" }, tt.f)
		})
		if !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
