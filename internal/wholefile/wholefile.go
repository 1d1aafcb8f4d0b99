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
	mode := os.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	// In the same folder: a rename is atomic within one file system only.
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Chmod(tmp.Name(), mode)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
