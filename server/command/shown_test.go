package command_test

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Whatever goes to a chosen audience carries what its writer was shown: it is
// refused, naming who, if somebody receives it now who did not then; it goes
// if people only left, or came in whom it is not for; and it goes to everyone
// once they were shown.
func TestNothingSentToAChosenAudienceReachesWhoCameInUnshown(t *testing.T) {
	to := org("DSC", "NCSC", "X1N")
	due := func(s *severe) incident.Instant { return incident.At(s.Now.AddDate(0, 0, 1)) }
	type sending struct {
		who incident.Actor
		cmd func(shown incident.Seq) command.Command
	}
	for kind, prepare := range map[string]func(s *severe) sending{
		"message.posted": func(s *severe) sending {
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.PostMessage{Text: "for a few", Audience: to, Shown: n}
			}}
		},
		"decision.recorded": func(s *severe) sending {
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.RecordDecision{Taken: command.Taken{Decision: "cut the link", Rationale: "it spreads", Maker: 1}, Chosen: command.Chosen{Audience: to, Shown: n}}
			}}
		},
		"decision.recorded in place of another": func(s *severe) sending {
			old := s.Must(s.Lead, command.RecordDecision{Taken: command.Taken{Decision: "cut the link", Rationale: "it spreads", Maker: 1}, Chosen: command.Chosen{Audience: to}})
			return sending{s.Lead, func(n incident.Seq) command.Command { // to those who had that one, chosen or not
				return command.RecordDecision{Taken: command.Taken{Decision: "restore the link", Rationale: "it is over", Maker: 1}, Supersedes: old, Chosen: command.Chosen{Shown: n}}
			}}
		},
		"decision.proposed": func(s *severe) sending {
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.ProposeDecision{Decision: "cut the link", Chosen: command.Chosen{Audience: to, Shown: n}}
			}}
		},
		"action.raised": func(s *severe) sending {
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.RaiseAction{Text: "patch them", For: incident.Assignee{Org: "X1N"}, Due: due(s), Chosen: command.Chosen{Audience: to, Shown: n}}
			}}
		},
		"item.published": func(s *severe) sending {
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.PublishItem{Item: incident.Item{Title: "a worm", Text: "it spreads"}, Chosen: command.Chosen{Audience: to, Shown: n}}
			}}
		},
		"tearline.published": func(s *severe) sending {
			item := s.Must(s.Lead, command.PublishItem{Item: incident.Item{Title: "a worm", Text: "it spreads"}, Chosen: command.Chosen{Audience: org("DSC")}})
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.PublishTearline{Root: item, Tear: command.Tear{Text: "patch now", Chosen: command.Chosen{Audience: to, Shown: n}}}
			}}
		},
		"book.opened": func(s *severe) sending {
			lena := s.Join("Lena Brandt", "DSC", incident.Loggist, incident.Full)
			return sending{lena, func(n incident.Seq) command.Command {
				return command.OpenBook{Maker: 1, Signal: "she says so", Audience: to, Shown: n}
			}}
		},
		"logentry.written": func(s *severe) sending {
			lena := s.Join("Lena Brandt", "DSC", incident.Loggist, incident.Full)
			book := s.Must(lena, command.OpenBook{Maker: 1, Signal: "she says so", Audience: to})
			return sending{lena, func(n incident.Seq) command.Command {
				return command.WriteLine{Book: book, Text: "she decides", Shown: n}
			}}
		},
		"severity.assessed, its reason": func(s *severe) sending {
			return sending{s.Lead, func(n incident.Seq) command.Command {
				c := nhs(3)
				c.Audience, c.Shown = to, n
				return c
			}}
		},
		"severity.lowering_asked, its reason": func(s *severe) sending {
			s.Must(s.Lead, nhs(3))
			seen := s.head()
			return sending{s.liaison, func(n incident.Seq) command.Command {
				c := s.lower(2)
				c.Seen, c.Audience, c.Shown = seen, to, n
				return c
			}}
		},
		"severity.lowering_refused, its reason": func(s *severe) sending {
			root := s.Must(s.Lead, nhs(3))
			s.Must(s.liaison, s.lower(2))
			seen := s.head()
			return sending{s.Lead, func(n incident.Seq) command.Command {
				return command.RefuseLowering{Root: root, Reason: "not yet", Seen: seen, Audience: to, Shown: n}
			}}
		},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newSevere(t)
			x := prepare(s)
			shown := s.head()
			s.Must(s.Lead, command.RemoveMember{Root: s.Member(s.from).Root, Reason: "moved on"})
			s.Join("Ada Quill", "X2E", incident.Representative, incident.Full)
			gone := s.head()
			events, err := s.Do(x.who, x.cmd(shown))
			if err != nil {
				t.Fatalf("somebody left, and somebody came in whom it is not for: %v", err)
			}
			seen := incident.Seq(0)
			for _, e := range events {
				seen = max(seen, e.Authority.Seen)
			}
			if seen < shown || seen > gone {
				t.Errorf("what was shown is not in the record: seen %d, shown %d", seen, shown)
			}

			s = newSevere(t)
			x = prepare(s)
			shown = s.head()
			s.Join("Vera Holt", "X1N", incident.Representative, incident.FromJoin)
			head := s.head()
			_, err = s.Do(x.who, x.cmd(shown))
			says(t, err, incident.Conflict, "Vera Holt of Northmoor NHS Trust", "Nothing was sent")
			if code(err) != incident.Gained || s.head() != head {
				t.Fatalf("refused as %q, the log is at %d, was at %d", code(err), s.head(), head)
			}
			_, err = s.Do(x.who, x.cmd(head+1))
			says(t, err, incident.Invalid, "There is no entry")
			s.Must(x.who, x.cmd(head))
		})
	}
}

// A line goes where its book goes by now: a book that was widened since the
// loggist was shown who reads it lets people in as joining does.
func TestALineReachesNobodyWhomItsBookLetInUnshown(t *testing.T) {
	s := newSevere(t)
	lena := s.Join("Lena Brandt", "DSC", incident.Loggist, incident.Full)
	book := s.Must(lena, command.OpenBook{Maker: 1, Signal: "she says so", Audience: org("DSC", "X1N")})
	shown := s.head()
	line := func(shown incident.Seq) command.Command {
		return command.WriteLine{Book: book, Text: "she decides", Shown: shown}
	}
	s.Must(s.Lead, command.TightenEntry{Root: book, Audience: org("DSC")})
	s.Must(lena, line(shown))
	tight := s.head()
	s.Must(s.Lead, command.WidenEntry{Root: book, Audience: org("DSC", "X1N"), Reason: "they need it"})
	s.Must(lena, line(shown)) // as it was shown: they had it then
	_, err := s.Do(lena, line(tight))
	says(t, err, incident.Conflict, "Sam Okafor of Northmoor NHS Trust", "Noor Haddad of Northmoor NHS Trust")
	s.Must(s.Lead, command.WidenEntry{Root: book, Audience: org("DSC", "NCSC", "X1N"), Reason: "they too"})
	_, err = s.Do(lena, line(shown))
	says(t, err, incident.Conflict, "Ewan Doyle", "Isla Grant")
	s.Room = s.Replay()
	if _, err = s.Do(lena, line(shown)); code(err) != incident.Gained {
		t.Errorf("folded anew: %v", err)
	}
	s.Must(lena, line(s.head()))
	for range incident.MaxStood { // further back than is kept: nobody is known to have had it
		s.Must(s.Lead, command.TightenEntry{Root: book, Audience: org("DSC", "X1N")})
		s.Must(s.Lead, command.WidenEntry{Root: book, Audience: org("DSC", "NCSC", "X1N"), Reason: "again"})
	}
	_, err = s.Do(lena, line(shown))
	says(t, err, incident.Conflict, "more would receive this")
}
