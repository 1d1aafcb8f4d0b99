// Package virtualssolution is chapter 3, solved. The files have the names of those
// with the stubs in chapters/03-virtuals.
package virtualssolution

import virtuals "metatrace/chapters/03-virtuals"

// Kit is the complete Kit of the chapter.
var Kit = virtuals.Kit{
	Delay:       Delay,
	Access:      Access,
	Compare:     Compare,
	Stores:      Stores,
	Force:       Force,
	Describe:    Describe,
	Materialize: Materialize,
	MayAlias:    MayAlias,
	Load:        Load,
	Store:       Store,
	Carry:       Carry,
}
