package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type contactAnswer struct {
	Phone string `json:"phone" doc:"Empty if none is known."`
}

type ownContactAnswer struct {
	Phone string `json:"phone" doc:"Empty if none is known."`
	Rooms int    `json:"rooms" doc:"In how many rooms hosts can see it."`
}

type ownContactIn struct {
	Body struct {
		Phone string `json:"phone" doc:"Empty to have it forgotten."`
	}
}

// mountContacts mounts how people are reached. No log, snapshot or stream holds
// it.
func (s *Server) mountContacts() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/members/{root}/contact", Access: Member, Tag: "members", ID: "member-contact",
		Summary: "How to ring a member", Doc: "For leads, deputies and liaisons."}, s.contact)
	operate(s, operation{Method: http.MethodGet, Path: "/contact", Access: SignedIn, Tag: "members", ID: "own-contact", Summary: "My own telephone number"}, s.ownContact)
	operateEmpty(s, operation{Method: http.MethodPut, Path: "/contact", Access: SignedIn, Tag: "members", ID: "set-own-contact",
		Summary: "Give another telephone number of mine", Doc: "Hosts see it in every room I am in.", Faults: []incident.Fault{incident.Conflict}}, s.setOwnContact)
}

// reachable are the states in which a member's contact is kept.
var reachable = []incident.MemberState{incident.Proposed, incident.Invited, incident.Asked, incident.Vouched, incident.Joined}

// contact tells those who run the room how to ring somebody of it. To everyone
// else there is nothing here.
func (s *Server) contact(ctx context.Context, c *call, in *InMember) (contactAnswer, error) {
	root, of, err := c.target(*in)
	if err != nil {
		return contactAnswer{}, err
	}
	if of == nil || !slices.Contains(reachable, of.State) || policy.Permit(policy.Ring, &policy.Scene{Room: c.room, Actor: c.actor, Target: of, Now: time.Now()}) != nil {
		return contactAnswer{}, incident.Missing()
	}
	known, err := s.Directory.ContactOf(ctx, c.room.ID, root)
	return contactAnswer{known.Phone}, err
}

// joined lists the memberships of a person who is in these rooms now.
func (s *Server) joined(ctx context.Context, p incident.PersonID) ([]journal.Mine, error) {
	if p == "" {
		return nil, nil
	}
	mine, err := s.Journal.Mine(ctx, p)
	return slices.DeleteFunc(mine, func(m journal.Mine) bool { return m.State != incident.Joined }), err
}

func (s *Server) ownContact(ctx context.Context, c *call, _ *none) (ownContactAnswer, error) {
	rooms, err := s.joined(ctx, c.actor.Person)
	a := ownContactAnswer{Rooms: len(rooms)}
	for _, m := range rooms {
		known, err := s.Directory.ContactOf(ctx, m.Room, m.Root)
		if err != nil {
			return a, err
		}
		if known.Phone != "" {
			a.Phone = known.Phone
			break
		}
	}
	return a, err
}

func (s *Server) setOwnContact(ctx context.Context, c *call, in *ownContactIn) (none, error) {
	if c.actor.Way == incident.ByCodes {
		return none{}, policy.ByCodes()
	}
	phone := strings.TrimSpace(in.Body.Phone)
	if phone != "" && !telephone(phone) {
		return none{}, incident.BadField("phone", "Give a telephone number: digits, spaces and a + in front.")
	}
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return none{}, err
	}
	rooms, err := s.joined(ctx, c.actor.Person)
	if err != nil {
		return none{}, err
	}
	if len(rooms) == 0 {
		return none{}, incident.Refuse(incident.Conflict, "You are in no room yet. A number is kept for the rooms you are in.")
	}
	for _, m := range rooms {
		known, err := s.Directory.ContactOf(ctx, m.Room, m.Root)
		if err != nil {
			return none{}, err
		}
		known.Phone = phone
		if err := s.Directory.SetContact(ctx, m.Room, m.Root, known); err != nil {
			return none{}, err
		}
	}
	return none{}, nil
}

// telephone reports whether it can be dialled: 5 to 15 digits (ITU-T E.164) and
// what people write between them.
func telephone(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" ()-./", r):
		default:
			return false
		}
	}
	return digits >= 5 && digits <= 15 && len(s) <= 40
}

// carryContact gives a membership that has no number the one its person has in
// another room. They are in without it: what goes wrong is not theirs.
func (s *Server) carryContact(ctx context.Context, room incident.LogID, root incident.Seq, p incident.PersonID) {
	err := func() error {
		known, err := s.Directory.ContactOf(ctx, room, root)
		if err != nil || known.Phone != "" {
			return err
		}
		rooms, err := s.joined(ctx, p)
		if err != nil {
			return err
		}
		for _, m := range rooms {
			other, err := s.Directory.ContactOf(ctx, m.Room, m.Root)
			if err != nil {
				return err
			}
			if other.Phone != "" {
				known.Phone = other.Phone
				return s.Directory.SetContact(ctx, room, root, known)
			}
		}
		return nil
	}()
	if err != nil {
		s.Log.WarnContext(ctx, "a member's number could not be carried over", "error", err)
	}
}

// forgetContact drops the contact of a membership that has ended.
func (s *Server) forgetContact(ctx context.Context, room incident.LogID, root incident.Seq) error {
	return s.Directory.SetContact(ctx, room, root, directory.Contact{})
}
