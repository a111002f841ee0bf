package policy_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// sharing is a room of a host and two guests' organisations, with a feed.
func sharing(t *rapid.T) (*incident.Room, []*incident.Member, *incident.Feed) {
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

func anySight(t *rapid.T) incident.Sight {
	s := incident.Sight{Root: 20, Kind: rapid.SampledFrom([]incident.Kind{"item.published", "tearline.published", "message.posted", "decision.proposed"}).Draw(t, "kind"),
		TLP:      rapid.SampledFrom([]incident.TLP{incident.Clear, incident.Green, incident.Amber, incident.AmberStrict, incident.Red}).Draw(t, "tlp"),
		Org:      rapid.SampledFrom([]incident.OrgID{"DSC", "X1N", "X2E"}).Draw(t, "org"),
		Recorded: rapid.Bool().Draw(t, "recorded")}
	s.Audience.Kind = rapid.SampledFrom([]incident.AudienceKind{incident.ToRoom, incident.ToHosts, incident.ToNamed}).Draw(t, "audience")
	if s.Audience.Kind == incident.ToNamed {
		s.Audience.Members = rapid.SliceOfDistinct(rapid.SampledFrom([]incident.MemberNo{1, 2, 3}), func(n incident.MemberNo) incident.MemberNo { return n }).Draw(t, "members")
		s.Audience.Orgs = rapid.SliceOfDistinct(rapid.SampledFrom([]incident.OrgID{"DSC", "X1N", "X2E"}), func(o incident.OrgID) incident.OrgID { return o }).Draw(t, "orgs")
	}
	return s
}

func TestNothingGoesOutInAFileThatIsREDOrRecordedByOthersOrUnseen(t *testing.T) {
	shared := 0
	rapid.Check(t, func(t *rapid.T) {
		room, members, _ := sharing(t)
		m, s := rapid.SampledFrom(members).Draw(t, "member"), anySight(t)
		may := policy.MayShare(room, m, s)
		// By other words than the rule's own.
		receives := s.Audience.Kind == incident.ToRoom || s.Audience.Kind == incident.ToHosts && m.Org == "DSC" || s.Audience.Kind == incident.ToNamed && s.Audience.Includes(m)
		if want := receives && s.TLP != incident.Red && (!s.Recorded || s.Org == m.Org); may != want {
			t.Fatalf("%s of %v may share %+v: %v", m.Org, m.Number, s, may)
		}
		if may {
			shared++
		}
	})
	if shared == 0 {
		t.Error("nobody ever could: the test is blind")
	}
}

func TestAFeedIsGivenWhatGoesToTheRoomOrToAllOfItsOrganisationAndNothingElse(t *testing.T) {
	given := 0
	rapid.Check(t, func(t *rapid.T) {
		room, _, f := sharing(t)
		me, s := policy.FeedReader(room, f, f.At.Time), anySight(t)
		if me == nil || me.Number != 0 || me.Host {
			t.Fatalf("%+v", me)
		}
		all := s.Audience.Kind == incident.ToRoom
		for _, o := range s.Audience.Orgs {
			all = all || o == "X1N"
		}
		intel := s.Kind == "item.published" || s.Kind == "tearline.published"
		may := policy.MayFeed(room, me, s)
		if want := intel && all && s.TLP != incident.Red && !s.Recorded; may != want {
			t.Fatalf("the feed of X1N may have %+v: %v", s, may)
		}
		if may {
			given++
		}
	})
	if given == 0 {
		t.Error("nothing ever was: the test is blind")
	}
}

func TestAFeedReadsNothingFromBeforeItsStartNorAfterItsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room, members, f := sharing(t)
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
	})
}
