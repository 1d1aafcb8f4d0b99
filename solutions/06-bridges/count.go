package bridgessolution

import bridges "metatrace/chapters/06-bridges"

// Count notes that compiled code was left by x: Failures goes up by one, and Left, the
// failures until the next try, down by one. It returns true if it is time to record a
// bridge: if Left has got to 0, or is below.
//
// For example, an exit with Left 200 returns true for the first time at its 200th
// failure.
func Count(x *bridges.Exit) bool {
	x.Failures++
	x.Left--
	return x.Left <= 0
}
