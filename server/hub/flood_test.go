package hub

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Many entries, or large ones, may be committed at once: whoever listens reads
// then what the ring does not hold from the journal, and misses nothing.
func TestOneTurnMayBringMoreThanTheRingHolds(t *testing.T) {
	for name, x := range map[string]struct {
		ring int
		size int // bytes of an entry's text
		many int // entries a burst
	}{
		"entries": {2, 10, 40},
		"bytes":   {0, 900 << 10, 12},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, func(o *Options) { o.Ring = x.ring })
			s.listen(s.ward, nil)
			text := strings.Repeat("x", x.size-8)
			for burst := range 4 {
				near := s.listen(s.host, nil)
				at := s.head()
				var wg sync.WaitGroup
				for i := range x.many {
					wg.Go(func() {
						tags := incident.Indicator{Kind: incident.Domain, Value: fmt.Sprintf("%d-%d.example", burst, i)}
						_, err := s.Journal.Append(t.Context(), s.room, s.lead, s.Key(), command.PublishItem{Item: incident.Item{Title: "large", Text: text[:min(len(text), 30<<10)], Indicators: padding(tags, x.size)}})
						if err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				want := at + incident.Seq(x.many)
				if x.ring == 0 { // so large that a listener is cut, and comes back
					near = s.listen(s.host, nil)
				}
				frames := near.until(fmt.Sprintf("entry %d", want), func(all []heard) bool { return reached(all) >= want })
				if last, _ := stream(t, frames, at); last < want {
					t.Errorf("the stream ends at %d of %d", last, want)
				}
			}
		})
	}
}

// padding is as many indicators as make an entry of that many bytes.
func padding(first incident.Indicator, size int) []incident.Indicator {
	list := []incident.Indicator{first}
	for n := 0; n < size-30<<10; n += 2000 {
		list = append(list, incident.Indicator{Kind: incident.OtherIOC, Value: fmt.Sprintf("%06d%s", n, strings.Repeat("y", 1900))})
	}
	return list
}

// reached is the newest entry that the frames come to.
func reached(all []heard) (last incident.Seq) {
	for _, f := range all {
		if f.Type == "snapshot" {
			last = max(last, f.Seq)
		}
		for _, e := range f.Events {
			last = max(last, e.Seq)
		}
	}
	return last
}
