package cli

import (
	"errors"
	"os"
	"os/signal"
)

// errInterrupted ends a program when the user presses Ctrl-C.
var errInterrupted = status{exitInterrupted, errors.New("stopped: interrupted (Ctrl-C)")}

// onInterrupt calls stop at the first Ctrl-C, until done is called. A second Ctrl-C
// does what it always does: it ends the process.
func onInterrupt(stop func(error)) (done func()) {
	signals, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals) // from now on the system's way
			stop(errInterrupted)
		case <-over:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(over)
	}
}
