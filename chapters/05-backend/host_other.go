//go:build !(linux || darwin) || !(amd64 || arm64)

package backend

import "metatrace/chapters/05-backend/native"

// Host returns the Machine that this program runs on. The error says why there is
// none.
func (k *Kit) Host() (Machine, error) { return nil, native.Supported() }
