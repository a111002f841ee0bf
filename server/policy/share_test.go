package policy_test

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// sharing is a room of a host and two guests' organisations, with a feed.
func sharing() (*incident.Room, []*incident.Member, *incident.Feed) {
	r := incident.NewRoom("room")
	at := incident.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	apply := func(root incident.Seq, b incident.Body) {
		e := &incident.Event{Seq: r.Head + 1, Root: root, Body: b, Kind: incident.KindOf(b), Times: incident.Times{Recorded: at}}
		if root == 0 {
			e.Root = e.Seq
		}
		r.Apply(e)
	}
	apply(0, &incident.RoomOpened{Hosts: []incident.OrgID{"DSC"}, Roster: incident.RosterNames, TLP: incident.AmberStrict})
	for i, org := range []incident.OrgID{"DSC", "X1N", "X2E"} {
		seat := incident.Seat{Org: org, Role: incident.Representative, Name: "Somebody"}
		if org == "DSC" {
			seat.Role = incident.Lead
		}
		apply(0, &incident.MemberInvited{Seat: seat})
		apply(r.Head, &incident.MemberJoined{Number: incident.MemberNo(i + 1), Person: incident.PersonID("p" + string(org)), Seat: seat})
	}
	apply(0, &incident.FeedOpened{ID: "feed", Org: "X1N", Expires: incident.At(at.Add(time.Hour))})
	return r, r.Members, r.FeedOf("feed")
}

// everySight is each sight that there can be in this room, once.
func everySight(fn func(incident.Sight)) {
	var audiences []incident.Audience
	for bits := range 64 {
		a := incident.Audience{Kind: incident.ToNamed}
		for i, org := range []incident.OrgID{"DSC", "X1N", "X2E"} {
			if bits>>i&1 == 1 {
				a.Members = append(a.Members, incident.MemberNo(i+1))
			}
			if bits>>(i+3)&1 == 1 {
				a.Orgs = append(a.Orgs, org)
			}
		}
		audiences = append(audiences, a)
	}
	audiences = append(audiences, incident.Audience{Kind: incident.ToRoom}, incident.Audience{Kind: incident.ToHosts})
	for _, kind := range []incident.Kind{"item.published", "tearline.published", "message.posted"} {
		for _, tlp := range []incident.TLP{incident.Clear, incident.Green, incident.Amber, incident.AmberStrict, incident.Red} {
			for _, org := range []incident.OrgID{"DSC", "X1N", "X2E"} {
				for _, recorded := range []bool{false, true} {
					for _, audience := range audiences {
						fn(incident.Sight{Root: 20, Kind: kind, TLP: tlp, Org: org, Recorded: recorded, Audience: audience})
					}
				}
			}
		}
	}
}

func TestNothingGoesOutInAFileThatIsREDOrRecordedOrUnseen(t *testing.T) {
	room, members, _ := sharing()
	shared := 0
	for _, m := range members {
		everySight(func(s incident.Sight) {
			// By other words than the rule's own.
			receives := s.Audience.Kind == incident.ToRoom || s.Audience.Kind == incident.ToHosts && m.Org == "DSC" || s.Audience.Kind == incident.ToNamed && s.Audience.Includes(m)
			want := receives && s.TLP != incident.Red && !s.Recorded
			if may := policy.MayShare(room, m, s); may != want {
				t.Errorf("%s may share %+v: %v", m.Org, s, may)
			}
			if want {
				shared++
			}
		})
	}
	if shared == 0 {
		t.Error("nobody ever could: the test is blind")
	}
}

func TestAFeedIsGivenWhatGoesToTheRoomOrToAllOfItsOrganisationAndNothingElse(t *testing.T) {
	room, _, f := sharing()
	me := policy.FeedReader(room, f, f.At.Time)
	if me == nil || me.Number != 0 || me.Host {
		t.Fatalf("%+v", me)
	}
	given := 0
	everySight(func(s incident.Sight) {
		all := s.Audience.Kind == incident.ToRoom || slices.Contains(s.Audience.Orgs, "X1N")
		want := s.Kind != "message.posted" && all && s.TLP != incident.Red && !s.Recorded
		if may := policy.MayFeed(room, me, s); may != want {
			t.Errorf("the feed of X1N may have %+v: %v", s, may)
		}
		if want {
			given++
		}
	})
	if given == 0 {
		t.Error("nothing ever was: the test is blind")
	}
}

func TestAFeedReadsNothingFromBeforeItsStartNorAfterItsEnd(t *testing.T) {
	room, members, f := sharing()
	me := policy.FeedReader(room, f, f.At.Time)
	me.Start = 30
	if s := (incident.Sight{Root: 20, Kind: "item.published", TLP: incident.Amber, Audience: incident.Audience{Kind: incident.ToRoom}}); policy.MayFeed(room, me, s) {
		t.Fatal("it reads what came before its start")
	}
	if policy.FeedReader(room, f, f.Expires.Time) != nil {
		t.Error("it outlives its time")
	}
	gone := room.Clone()
	gone.Apply(&incident.Event{Seq: room.Head + 1, Root: members[1].Root, Body: &incident.MemberLeft{}, Kind: "member.left"})
	if policy.FeedReader(gone, f, f.At.Time) != nil {
		t.Error("it outlives its organisation's presence")
	}
	closed := room.Clone()
	closed.Lifecycle = incident.Closed
	if policy.FeedReader(closed, f, f.At.Time) != nil {
		t.Error("it reads a closed room")
	}
	ended := room.Clone()
	ended.Apply(&incident.Event{Seq: room.Head + 1, Root: f.Root, Body: &incident.FeedClosed{}, Kind: "feed.closed", Times: incident.Times{Recorded: f.At}})
	if policy.FeedReader(ended, ended.FeedOf("feed"), f.At.Time) != nil {
		t.Error("it outlives its end")
	}
	if policy.FeedReader(room, f, f.At.Time) == nil {
		t.Error("the published fold was changed")
	}
}

func TestAFeedReadsNoEarlierThanSomebodyOfItsOrganisationWhoIsThere(t *testing.T) {
	room, _, f := sharing()
	for _, m := range room.Members {
		if m.Org == f.Org {
			m.Start = f.Start + 30 // the first have left; who is there came later
		}
	}
	me := policy.FeedReader(room, f, f.At.Time)
	if me == nil || me.Start != f.Start+30 {
		t.Fatalf("it reads from %+v", me)
	}
	between := incident.Sight{Root: f.Start + 10, Kind: "item.published", TLP: incident.AmberStrict, Org: "DSC", Audience: incident.Audience{Kind: incident.ToRoom}}
	if policy.MayFeed(room, me, between) {
		t.Error("what was shared while nobody of theirs was there comes to their machine")
	}
	for _, m := range room.Members {
		if m.Org == f.Org {
			m.State = incident.Left
		}
	}
	if policy.FeedReader(room, f, f.At.Time) != nil {
		t.Error("it reads for nobody")
	}
}
