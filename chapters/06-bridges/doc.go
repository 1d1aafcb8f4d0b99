// Package bridges is chapter 6: the engine. It decides when to record, what to compile
// and where a trace goes on when a guard fails, and when to give up.
package bridges
