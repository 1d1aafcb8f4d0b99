package wholefile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWriteReplacesAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	for _, text := range []string{"first", "second, longer", ""} {
		if err := Write(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != text {
			t.Errorf("after Write(%q) the file holds %q, %v", text, got, err)
		}
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("the folder holds %v", entries)
	}
}

func TestWriteFailsWithoutFolder(t *testing.T) {
	if err := Write(filepath.Join(t.TempDir(), "none", "f"), nil); err == nil {
		t.Error("no error for a folder that does not exist")
	}
}

func TestCreateShowsNothingBeforeClose(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	read := func() string {
		got, _ := os.ReadFile(name)
		return string(got)
	}
	for i, close := range []func(f *File) error{(*File).Close, func(f *File) error { f.Discard(); return nil }} {
		if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("new"); err != nil || read() != "old" {
			t.Errorf("%v, the file holds %q", err, read())
		}
		if err := close(f); err != nil {
			t.Error(err)
		}
		if want := []string{"new", "old"}[i]; read() != want {
			t.Errorf("the file holds %q, not %q", read(), want)
		}
		if info, _ := os.Stat(name); info.Mode().Perm() != 0o600 {
			t.Errorf("the file's mode is %v", info.Mode())
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("the folder holds %v", entries)
		}
	}
}

// What is no ordinary file stays what it is.
func TestCreateKeepsDevices(t *testing.T) {
	info, err := os.Stat(os.DevNull)
	if err != nil || info.Mode().IsRegular() {
		t.Skip("no device here")
	}
	f, err := Create(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if after, _ := os.Stat(os.DevNull); after.Mode() != info.Mode() {
		t.Errorf("%s is %v now", os.DevNull, after.Mode())
	}
	if _, err := Create(t.TempDir()); err == nil {
		t.Error("no error for a folder")
	}
}
