package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"
)

// maxInput is the size of the largest file that is read. No trace or program
// comes near it; /dev/zero would go beyond.
const maxInput = 64 << 20

// stdinName is what messages call standard input.
const stdinName = "stdin"

// open returns the file called name, or standard input for "-", and what to call
// it in messages.
func open(e *env, name string) (io.ReadCloser, string, error) {
	if name == "-" {
		return io.NopCloser(e.stdin), stdinName, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, "", unreadable(name, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a directory, expected a file")
	}
	if err != nil {
		_ = f.Close()
		return nil, "", unreadable(name, err)
	}
	return f, name, nil
}

// readText returns the text of a file, or of standard input for "-", and what to
// call it in messages.
func readText(e *env, name string) (text, called string, err error) {
	f, called, err := open(e, name)
	if err != nil {
		return "", called, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	switch {
	case err != nil:
		return "", called, unreadable(called, err)
	case len(data) > maxInput:
		return "", called, unreadable(called, fmt.Errorf("it has more than %d MiB", maxInput>>20))
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		return "", called, unreadable(called, errors.New("it is no text in UTF-8"))
	}
	return string(data), called, nil
}

// unreadable says without repetition what is wrong with a file.
func unreadable(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return usagef("metatrace: can't read %s: %w", name, err)
}
