package hub

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
)

// What was delivered is read back as an auditor would: by the rows.
func TestWhatTheSocketTookIsWrittenDownOnceAndNothingElse(t *testing.T) {
	s := newScene(t)
	ada := s.Person("Ada Voss", "AUD")
	s.Join(s.room, s.lead, ada, incident.Auditor, incident.Full)
	e := s.listen(s.lead, nil)
	before := s.head()
	first := s.Say(s.room, s.lead, "one")
	last := s.Say(s.room, s.lead, "two")
	e.until("both entries", func(all []heard) bool {
		return slices.ContainsFunc(all, func(h heard) bool {
			return h.Type == "events" && slices.ContainsFunc(h.Events, func(f fragment) bool { return f.Seq == last })
		})
	})
	if err := s.Journal.WriteDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	known := func(of incident.MemberNo) journal.Known {
		k, err := s.Journal.Known(t.Context(), s.room, ada.Person, []incident.MemberNo{of}, nil, 1, last, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := known(1)
	if len(k.State) != 1 || k.State[0].Last != before {
		t.Errorf("the snapshot is told as %+v, want one at %d", k.State, before)
	}
	got := map[incident.Seq]int{}
	for _, d := range k.Delivered {
		if d.How != journal.Live || d.At.Before(d.Since) {
			t.Errorf("delivered: %+v", d)
		}
		for n := d.First; n <= d.Last; n++ {
			got[n]++
		}
	}
	if len(got) != int(last-first)+1 || got[first] != 1 || got[last] != 1 {
		t.Errorf("entries %d to %d were delivered once each; written down is %v", first, last, got)
	}
	if k := known(2); len(k.Delivered) != 0 || len(k.State) != 0 {
		t.Errorf("somebody without a socket was given %+v", k)
	}
}
