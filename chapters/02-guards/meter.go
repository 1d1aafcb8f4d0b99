package guards

import (
	"time"

	"metatrace/internal/heap"
)

// A Meter adds times and allocated objects up by phase. Phases nest: while an
// inner one runs, the outer one stands still.
type Meter struct {
	heap    *heap.Heap
	since   time.Duration // the last change, counted from epoch
	objects int64         // allocated until then
	phases  []phase
}

// phase is where a phase's time and objects are added up.
type phase struct {
	time    *time.Duration
	objects *int64
}

// NewMeter returns a Meter for what happens on h.
func NewMeter(h *heap.Heap) *Meter { return &Meter{heap: h} }

// Enter begins a phase, whose time and objects are added to what is pointed to.
func (m *Meter) Enter(time *time.Duration, objects *int64) {
	m.stop()
	m.phases = append(m.phases, phase{time, objects})
}

// Leave ends the phase that was entered last.
func (m *Meter) Leave() {
	m.stop()
	m.phases = m.phases[:len(m.phases)-1]
}

// stop adds what happened since the last change to the running phase.
func (m *Meter) stop() {
	now, objects := time.Since(epoch), m.heap.Stats().Objects
	if n := len(m.phases); n > 0 {
		*m.phases[n-1].time += now - m.since
		*m.phases[n-1].objects += objects - m.objects
	}
	m.since, m.objects = now, objects
}

// epoch is what a Meter counts from. time.Since costs half of what time.Now does.
var epoch = time.Now()
