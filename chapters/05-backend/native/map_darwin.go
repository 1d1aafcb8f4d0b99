//go:build amd64 || arm64

package native

import "errors"

// mapViews has no memfd to map here.
func mapViews(size int) (writable, executable []byte, err error) {
	return nil, nil, errors.New("native: this system has no memory files")
}
