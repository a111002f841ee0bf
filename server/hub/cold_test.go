package hub

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

var leaf = regexp.MustCompile(`"(leaf|seed)":"[^"]*"|"[A-Za-z0-9+/]{43}="|"[a-z2-7]{26}"|[0-9A-Z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z`)

// A hub that knows nothing of an entry any more, or not yet, hears that its
// marking changed. Whoever cannot see it, before or after, gets what they get
// when anything else is said that is not for them.
func TestAHubThatHasForgottenAnEntryTellsNobodyThatItsMarkingChanged(t *testing.T) {
	for name, cold := range map[string]func(*scene) *Hub{
		"older than the ring": func(s *scene) *Hub {
			for i := range 12 {
				s.Say(s.room, s.lead, fmt.Sprint(i))
			}
			return s.hub
		},
		"begun anew": func(s *scene) *Hub { return newHub(s.T, s.House) },
		"elsewhere": func(s *scene) *Hub { // the other node's journal reads what this one writes
			h := New(Options{Journal: s.Node()})
			s.T.Cleanup(h.Close)
			return h
		},
	} {
		t.Run(name, func(t *testing.T) {
			hidden := func(s *scene, root incident.Seq) []command.Command {
				return []command.Command{command.PostMessage{Text: "another", Audience: &incident.Audience{Kind: incident.ToHosts}}, command.NoteEntry{Root: root},
					command.TightenEntry{Root: root, TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, s.hostNo}}},
					command.TightenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}},
					command.PinEntry{Root: root}}
			}
			var worlds []string
			for what := range 5 {
				s := newScene(t, func(o *Options) { o.Ring = 8 })
				root := s.do(s.lead, command.PostMessage{Text: "for hosts", Audience: &incident.Audience{Kind: incident.ToHosts}})
				if name == "older than the ring" {
					s.listen(s.lead, nil)
				}
				s.hub = cold(s)
				from := s.Say(s.room, s.lead, "before")
				live, host := s.listen(s.ward, nil), s.listen(s.host, nil)
				at := s.do(s.lead, hidden(s, root)[what])
				live.next("the hidden entry", 0, has(at)) // or it may come in one frame with the next
				end := s.Say(s.room, s.lead, "end")
				live.next("the end", 0, has(end))
				host.next("the end", 0, has(end))
				again := s.listen(s.ward, &from)
				var list []string
				for _, f := range slices.Concat(live.all()[1:], again.all()) {
					list = append(list, leaf.ReplaceAllString(f.raw, `"…"`))
				}
				worlds = append(worlds, fmt.Sprint(list))
			}
			for what, w := range worlds {
				if w != worlds[0] {
					t.Errorf("a hidden %T is told from a hidden message:\n%s\n%s", hidden(&scene{}, 1)[what], worlds[0], w)
				}
			}
		})
	}
}

// The same for who comes back over it to a hub whose ring somebody else's
// reading has filled.
func TestAGapThatAnotherFilledTellsNobodyThatAMarkingChanged(t *testing.T) {
	var worlds []string
	for what := range 2 {
		s := newScene(t)
		root := s.do(s.lead, command.PostMessage{Text: "for hosts", Audience: &incident.Audience{Kind: incident.ToHosts}})
		from := s.Say(s.room, s.lead, "before")
		s.do(s.lead, []command.Command{command.NoteEntry{Root: root}, command.TightenEntry{Root: root, TLP: incident.AmberStrict, Audience: &incident.Audience{Kind: incident.ToNamed,
			Members: []incident.MemberNo{1}, Orgs: []incident.OrgID{"DSC", "NCSC"}}}}[what])
		s.Say(s.room, s.lead, "after")
		host := s.listen(s.host, seqp(from)) // fills the ring for everyone
		if got := types(host.all()); got[0] != "events" {
			t.Fatalf("the host's gap brought %v", got)
		}
		var list []string
		for _, f := range s.listen(s.ward, seqp(from)).all() {
			list = append(list, leaf.ReplaceAllString(f.raw, `"…"`))
		}
		worlds = append(worlds, fmt.Sprint(list))
	}
	if worlds[0] != worlds[1] {
		t.Errorf("the worlds differ:\n%s\n%s", worlds[0], worlds[1])
	}
}
