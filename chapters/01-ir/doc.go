// Package ir is chapter 1: operations, traces, their text form, the evaluator,
// and an optimizer that walks over a trace once.
//
//	text ──Parse──▶ Trace ──Optimize──▶ Trace ──String──▶ text
//	                  └──────Evaluator──────┘
//
// Given are the types (ir.go), the table of opcodes (opcode.go, table.go), the
// parser, printer and verifier, the evaluator (eval.go: the oracle, slow and
// plain), the driver of the optimizer (optimizer.go) and the matcher of rules
// (rule.go, match.go, rulecheck.go).
//
// Yours are the nine functions of Kit: see exercises.go for the list and
// README.md for the lesson. Given code calls them through a Kit and does not
// know whose they are. This package knows nothing of interpreters or machine
// code. Beside it, package tracegen makes random traces and package tracetest
// checks optimizers by small texts, both for tests.
package ir
