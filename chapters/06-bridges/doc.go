// Package bridges is chapter 6: the engine. It decides when to record, what to compile,
// where a trace goes on when a guard fails, and when to give up.
//
//	interpreter ── hot header ──▶ recorder ──▶ optimizer ──▶ executor
//	     ▲                           ▲                        │    │
//	     │                           └── exit failed often ───┤    │ exit with a bridge
//	     └──────────────────── exit ──────────────────────────┘    ▼
//	                                                     the next fragment
//
// The package owns the Engine, with its headers, fragments (the compiled traces), versions
// and exits; the limits (Options) and the account that says what pays (worth.go); and the
// events that tell of each decision, for the log, the statistics and run -explain. It
// interprets, records, optimizes and compiles nothing itself: for that it has the guest and
// the recorder of chapter 2, the optimizer of chapters 1, 3 and 4, and an executor of
// chapter 2 or 5.
//
// Given is what connects these: engine.go enters and leaves code, record.go and compile.go
// make it, free.go takes it away, shapeof.go and split.go say what a loop looks like from
// outside. The reader writes the seven functions of Kit, each a decision or a translation
// of its own: from counting failures to finding the version of a loop that fits a state.
package bridges
