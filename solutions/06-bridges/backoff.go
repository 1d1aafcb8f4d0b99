package bridgessolution

import bridges "metatrace/chapters/06-bridges"

// Backoff returns after how many more visits (of a header) or failures (of an exit) the
// engine tries again what has come to nothing aborts times, 1 or more. The first time
// it is twice as many as wait, what it took to get hot; and then each time twice as
// many as before. It is never more than bridges.MaxBackoff, also where doubling does
// not fit into an int.
//
// For example, with wait 200 the aborts 1, 2, 3 lead to 400, 800, 1600.
func Backoff(aborts, wait int) int {
	for range aborts {
		if wait > bridges.MaxBackoff/2 {
			return bridges.MaxBackoff
		}
		wait *= 2
	}
	return wait
}
