package exercise

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// stateText is how a state is called in the table.
var stateText = map[State]string{Todo: "to do", Failing: "failing", Done: "done"}

// WriteJSON writes the progress as one indented JSON object.
func (p Progress) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(p)
}

// WriteText writes the progress as a table a chapter, and what is next.
func (p Progress) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, c := range p.Chapters {
		writeChapter(&b, c)
	}
	switch {
	case len(p.Chapters) == 0:
		b.WriteString("The course has no chapters yet.\n")
	case p.Next == nil:
		b.WriteString("All exercises are done.\n")
	default:
		writeNext(&b, *p.Next, p.passedBy(*p.Next))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeChapter(b *strings.Builder, c ChapterProgress) {
	done, minutes := 0, 0
	for _, ex := range c.Exercises {
		if ex.State == Done {
			done++
		} else {
			minutes += ex.Minutes
		}
	}
	fmt.Fprintf(b, "Chapter %d: %s (%d of %d done", c.Number, c.Title, done, len(c.Exercises))
	if minutes > 0 {
		fmt.Fprintf(b, ", about %d minutes to go", minutes)
	}
	b.WriteString(")\n")
	for _, ex := range c.Exercises {
		stars := strings.Repeat("★", ex.Stars) + strings.Repeat(" ", max(0, 3-ex.Stars))
		fmt.Fprintf(b, "  %-4s %s  %2d min  %-7s  %s\n", ex.ID, stars, ex.Minutes, stateText[ex.State], ex.Title)
	}
	b.WriteString("\n")
}

// passedBy reports whether an exercise behind ex is done, and ex is not: the reader
// passed it by, and has come to the end.
func (p Progress) passedBy(ex ExerciseProgress) bool {
	behind := false
	for _, c := range p.Chapters {
		for _, other := range c.Exercises {
			if behind && other.State == Done {
				return ex.State == Todo
			}
			behind = behind || other.ID == ex.ID
		}
	}
	return false
}

func writeNext(b *strings.Builder, ex ExerciseProgress, passedBy bool) {
	note := ""
	if passedBy {
		note = " (you left it out)"
	}
	fmt.Fprintf(b, "Next: %s %s%s\n", ex.ID, ex.Title, note)
	verb := "write"
	if ex.State == Failing {
		verb = "mend "
	}
	fmt.Fprintf(b, "  %s  func %s in %s:%d\n", verb, ex.Func, ex.File, ex.Line)
	fmt.Fprintf(b, "  check  %s\n", ex.Test)
	fmt.Fprintf(b, "  hint   go run . hint %s\n", ex.ID)
}
