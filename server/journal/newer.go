package journal

import (
	"errors"

	"wardroom/server/incident"
)

// While a deployment is renewed node by node, a newer one may write what an
// older one cannot read. The older one then says so and goes no further: it
// serves nothing of the log as it stands, decides nothing on it and keeps no
// snapshot of it, since each would be made without the entry. Whoever listens
// there is sent away. The log itself lacks nothing. An entry that is read by
// itself, in a page, is a stub.

// errNewer is that the fold cannot go on.
var errNewer = errors.New("journal: the log goes on with what this server cannot read")

// newer says to whoever asks that another server must answer.
var newer = incident.Refuse(incident.Unavailable, "This server is being renewed and cannot read the newest of this record. Nothing is lost: it will be tried again, and a server that can read it answers.")

// IsNewer reports whether this is why a log was refused: it goes on with what
// only a newer version of the server can read.
func IsNewer(err error) bool { return errors.Is(err, newer) }

// meetNewer notes that the log cannot be read here any more, for as long as this
// process lives.
func (w *writer) meetNewer() error {
	w.mu.Lock()
	w.newer = true
	w.mu.Unlock()
	return errNewer
}

func (w *writer) isNewer() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newer
}

// tellNewer tells the watchers, once, that nothing more comes to them.
func (w *writer) tellNewer() {
	w.j.opt.Log.Error("a log goes on with what only a newer version of the server can read; this one serves it no more", "kind", w.kind)
	w.mu.Lock()
	watchers := make([]*watcher, 0, len(w.watchers))
	for x := range w.watchers {
		watchers = append(watchers, x)
	}
	w.mu.Unlock()
	for _, x := range watchers {
		x.fn(&Group{Log: w.log, Newer: true})
	}
	if w.j.opt.Newer != nil {
		w.j.opt.Newer(w.kind)
	}
}

// Newer returns how many logs in memory go on with what this server cannot
// read, and whether the deployment's own is among them.
func (j *Journal) Newer() (logs int, system bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, w := range j.writers {
		if w.isNewer() {
			logs++
			system = system || w.kind == incident.SystemLog
		}
	}
	return logs, system
}
