package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"

	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/wholefile"
)

// A watcher listens to the engine for -log=FILE and -explain.
//
//	engine ──▶ log ──▶ FILE, which is there at the end as a whole
//	      └──▶ explainer ──▶ a page on standard error, at the end
type watcher struct {
	explainer *bridges.Explainer // or nil
	log       *bridges.Log       // or nil
	buffer    *bufio.Writer      // of the log
	file      *wholefile.File    //
	name      string             // of the file
	over      bool               // what comes now is no part of the run
}

// newWatcher returns what -log=FILE and -explain ask for. Call closeLog at the end of the
// run, or discard.
func newWatcher(o *runOptions) (*watcher, error) {
	w := &watcher{}
	if o.explain {
		w.explainer = bridges.NewExplainer(o.source)
	}
	if o.events == "" {
		return w, nil
	}
	file, err := wholefile.Create(o.events)
	if err != nil {
		return nil, unwritable(o.events, err)
	}
	w.name = o.events
	w.file, w.buffer = file, bufio.NewWriterSize(file, 1<<16)
	w.log = bridges.NewLog(w.buffer)
	return w, nil
}

// listen is what the engine calls, or nil: then telling costs nothing.
func (w *watcher) listen() func(bridges.Event) {
	if w.explainer == nil && w.log == nil {
		return nil
	}
	return func(event bridges.Event) {
		if w.over {
			return
		}
		if w.explainer != nil {
			w.explainer.Event(event)
		}
		if w.log != nil {
			w.log.Event(event)
		}
	}
}

// explain writes the page of -explain.
func (w *watcher) explain(e *env, s guards.Stats) {
	if w.explainer != nil {
		w.explainer.WriteText(e.stderr, s)
	}
}

// closeLog puts the log in its place: what happens from now on is no part of the run. One
// that is not complete is of no use. Calling it again does nothing.
func (w *watcher) closeLog() error {
	w.over = true
	file := w.file
	if w.file = nil; file == nil {
		return nil
	}
	err := errors.Join(w.log.Err(), w.buffer.Flush())
	if err != nil {
		file.Discard()
	} else {
		err = file.Close()
	}
	if err != nil {
		return unwritable(w.name, err)
	}
	return nil
}

// unwritable says that the log can't be written, and why, without the name of a file that
// nobody has heard of.
func unwritable(name string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("metatrace run: can't write the log %s: %w", name, err)
}

// discard gives the log up.
func (w *watcher) discard() {
	if w.file != nil {
		w.file.Discard()
	}
}
