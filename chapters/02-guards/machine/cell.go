package machine

// A Cell stands for something that is constant until somebody changes it, such as the
// function behind a global name. Compiled code depends on it without looking, and is
// told when it was wrong. (RPython calls such a thing a quasi-immutable field.)
type Cell struct {
	Name       string
	changes    int
	dependents map[Dependent]bool
}

// A Dependent is compiled code that is wrong once a Cell has changed.
type Dependent interface {
	// Invalidate tells it. It is called once, and the Cell has forgotten it then.
	Invalidate(c *Cell)
}

// Watch notes that d depends on c.
func (c *Cell) Watch(d Dependent) {
	if c.dependents == nil {
		c.dependents = map[Dependent]bool{}
	}
	c.dependents[d] = true
}

// Forget ends what Watch began.
func (c *Cell) Forget(d Dependent) { delete(c.dependents, d) }

// Changes returns how often c has changed.
func (c *Cell) Changes() int { return c.changes }

// Change tells all that depend on c that it has changed.
func (c *Cell) Change() {
	c.changes++
	all := c.dependents
	c.dependents = nil
	for d := range all {
		d.Invalidate(c)
	}
}
