// Package x is shown by the cells of the tests.
package x

// An Op is an operation.
type Op struct {
	Code int // what it does
}

// Limits.
const (
	// Low is low.
	Low  = 1
	High = 2 // not as low
)

var a, b = 1, 2

// Fold folds.
//
// It does.
func Fold(op *Op) *Op {
	// region body
	if op == nil {
		// region inner
		return nil
		// endregion
	}
	// endregion body
	return op
}

// String is a method.
func (op *Op) String() string { return "op" }
