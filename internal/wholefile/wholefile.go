// Package wholefile replaces files as a whole: whoever reads one sees the old
// contents or the new, never a part.
package wholefile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write replaces the contents of a file, or makes it. The file's folder must
// exist. After an error the file is as it was.
func Write(file string, data []byte) error {
	f, err := Create(file)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Discard()
		return err
	}
	return f.Close()
}

// A File is a file that is being written. Nobody sees what is in it before Close.
type File struct {
	*os.File
	name string // "" if it is written in place
}

// Create begins to write a file. Its folder must exist. What is there and is no ordinary
// file (a pipe, /dev/null) is written to in place.
func Create(name string) (*File, error) {
	mode := os.FileMode(0o644)
	switch info, err := os.Stat(name); {
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &File{File: f}, nil
	case err == nil:
		mode = info.Mode().Perm()
	}
	// In the same folder: a rename is atomic within one file system only.
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return &File{f, name}, nil
}

// Close puts the file in the place of the one with its name. After an error that is as it
// was.
func (f *File) Close() error {
	err := f.File.Close()
	if f.name == "" {
		return err
	}
	if err == nil {
		err = os.Rename(f.File.Name(), f.name)
	}
	if err != nil {
		os.Remove(f.File.Name())
	}
	return err
}

// Discard gives the file up: all is as it was before Create.
func (f *File) Discard() {
	f.File.Close()
	if f.name != "" {
		os.Remove(f.File.Name())
	}
}
