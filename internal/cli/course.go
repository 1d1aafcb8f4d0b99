package cli

import (
	"fmt"

	"metatrace/internal/course"
	"metatrace/internal/exercise"
)

const progressHelp = `
usage: metatrace progress [-json]

Shows the exercises of all chapters: how hard they are (stars), how long they
take, and whether each is to do, failing or done. An exercise is to do while its
function is a stub; once you have written it, its test decides. The last lines
say what is next, with file and line.

  -json  print one JSON object: "chapters", each with its "exercises", the counts
         "done", "failing" and "todo", "minutes_left", and "next", which is null
         at the end.

It tests what you wrote with the go command, so run it within your clone.
Exit status: 0 done, 1 it can't be found out, 2 the command line is wrong.
`

func progressCommand(e *env, args []string) error {
	fs := flagSet("progress")
	asJSON := fs.Bool("json", false, "")
	rest, done, err := parse(e, fs, progressHelp, args)
	if done || err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("metatrace progress: unexpected argument %q, expected flags only", rest[0])
	}
	if err := exercise.WriteProgress(e.stdout, course.Chapters(), *asJSON); err != nil {
		return fmt.Errorf("metatrace progress: %w", err)
	}
	return nil
}

const hintHelp = `
usage: metatrace hint ID

Shows a hint for an exercise, and one more at each call: the first is vague, the
last nearly gives it away. Take your time between them.

  $ metatrace hint 1.3

How many you had is noted in your cache folder, or in the folder that the
environment variable METATRACE_STATE names.
Exit status: 0 done, 1 the note can't be written, 2 there is no such exercise.
`

func hintCommand(e *env, args []string) error {
	rest, done, err := parse(e, flagSet("hint"), hintHelp, args)
	if done || err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("metatrace hint: %d arguments, expected the number of an exercise, such as 1.3", len(rest))
	}
	err = exercise.NextHint(e.stdout, course.Chapters(), rest[0])
	switch {
	case err == nil:
		return nil
	case !isExercise(rest[0]):
		return usagef("metatrace hint: %w", err)
	}
	return fmt.Errorf("metatrace hint: %w", err)
}

func isExercise(id string) bool {
	for _, c := range course.Chapters() {
		for _, ex := range c.Exercises {
			if ex.ID == id {
				return true
			}
		}
	}
	return false
}
