package exercise

import (
	"strings"
	"testing"
)

func TestNextIsWhereTheReaderGoesOn(t *testing.T) {
	for _, c := range []struct{ states, want string }{
		{"ttt", "0"}, {"dtt", "1"}, {"tdt", "2"}, {"tdd", "0"}, {"tdf", "2"}, {"ftd", "0"}, {"ddd", ""},
	} {
		p := Progress{Chapters: []ChapterProgress{{}}}
		for i, s := range c.states {
			state := map[rune]State{'t': Todo, 'd': Done, 'f': Failing}[s]
			p.Chapters[0].Exercises = append(p.Chapters[0].Exercises, ExerciseProgress{ID: string(rune('0' + i)), State: state})
		}
		got := ""
		if next := p.next(); next != nil {
			got = next.ID
		}
		if got != c.want {
			t.Errorf("of %s the next is %q, want %q", c.states, got, c.want)
		}
	}
}

func TestNextSaysWhatWasLeftOut(t *testing.T) {
	for _, c := range []struct {
		states []State
		want   string
	}{
		{[]State{Todo, Done, Todo}, "Next: 2 two\n"},
		{[]State{Todo, Todo, Done}, "Next: 0 zero (you left it out)\n"},
		{[]State{Done, Failing, Done}, "Next: 1 one\n"},
	} {
		p := Progress{Chapters: []ChapterProgress{{}}}
		for i, s := range c.states {
			p.Chapters[0].Exercises = append(p.Chapters[0].Exercises,
				ExerciseProgress{ID: string(rune('0' + i)), Title: []string{"zero", "one", "two"}[i], State: s})
		}
		p.Next = p.next()
		var b strings.Builder
		if err := p.WriteText(&b); err != nil || !strings.Contains(b.String(), c.want) {
			t.Errorf("%v: %v, %s", c.states, err, b.String())
		}
	}
}
