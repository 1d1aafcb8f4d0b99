//go:build linux || darwin

package backend

import "metatrace/chapters/05-backend/native"

// Host returns the machine that this program runs on.
func (k *Kit) Host() (Machine, error) { return NewARM64(k, native.GuardOffset()), nil }
