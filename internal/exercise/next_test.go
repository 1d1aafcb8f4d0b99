package exercise

import "testing"

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
