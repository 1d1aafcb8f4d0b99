package exercise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"metatrace/internal/wholefile"
)

// NextHint writes the hints of an exercise, one more at each call. How many
// were given is kept in the user's cache folder, or in the folder that the
// environment variable METATRACE_STATE names. An unknown id is an error that
// lists the known ones.
func NextHint(w io.Writer, chapters []Chapter, id string) error {
	ex, err := find(chapters, id)
	if err != nil {
		return err
	}
	file, err := hintFile()
	if err != nil {
		return err
	}
	given, err := readGiven(file)
	if err != nil {
		return err
	}
	n := min(max(given[id], 0), len(ex.Hints))
	more := n < len(ex.Hints)
	if more {
		n++
		given[id] = n
		if err := writeGiven(file, given); err != nil {
			return err
		}
	}
	return writeHints(w, ex, n, more, file)
}

// writeHints writes the first n hints of an exercise; more says whether the
// last of them is new. file is where they are counted.
func writeHints(w io.Writer, ex Exercise, n int, more bool, file string) error {
	head := fmt.Sprintf("hint %d of %d", n, len(ex.Hints))
	if !more {
		// The file is not part of the repository: a fresh copy of it finds them used up.
		head = fmt.Sprintf("you have had all the hints there are (counted in %s; delete it to start over)", file)
	}
	if _, err := fmt.Fprintf(w, "Exercise %s, %s: %s\n", ex.ID, ex.Title, head); err != nil {
		return err
	}
	for i, h := range ex.Hints[:n] {
		if _, err := fmt.Fprintf(w, "  %d. %s\n", i+1, h); err != nil {
			return err
		}
	}
	return nil
}

// hintFile is the file that says how many hints of each exercise were given.
func hintFile() (string, error) {
	dir := os.Getenv("METATRACE_STATE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder to note in which hints were given: %w (METATRACE_STATE can name one)", err)
		}
		dir = filepath.Join(cache, "metatrace")
	}
	return filepath.Join(dir, "hints.json"), nil
}

// readGiven returns how many hints were given of each exercise. A file that
// does not make sense counts as none: hints are no treasure.
func readGiven(file string) (map[string]int, error) {
	given := map[string]int{}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return given, nil
	}
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(data, &given) != nil || given == nil {
		return map[string]int{}, nil
	}
	return given, nil
}

func writeGiven(file string, given map[string]int) error {
	data, err := json.Marshal(given)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return wholefile.Write(file, data)
}
