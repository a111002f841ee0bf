package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// The whole of who may do what, as the security officer signed it. "y" may;
// "." may not; "-" may not, and is told that there is no such thing. "own" is a representative on an entry of their own writing and
// of their own organisation. The last three columns: also when the room is
// closed, also before the newest handling rules are accepted, in an exercise
// only. Nobody here is a party to what is asked about: see parties.
const permits = `
                  lead deputy liaison loggist comms rep  observer auditor own  closed unread exercise
accept            y    y      y       y       y     y    y        y       y    closed unread .
accept-action     .    .      .       .       .     .    .        .       .    .      .      .
agree-erasure     .    .      .       .       .     .    .        .       .    closed .      .
ask-erasure       y    y      .       .       .     .    .        .       .    closed .      .
drop-erasure      y    y      .       .       .     .    .        .       .    closed .      .
lift-hold         .    .      .       .       .     .    .        .       .    closed .      .
place-hold        y    y      y       .       .     .    .        .       .    closed .      .
refuse-erasure    y    y      y       .       .     .    .        .       .    closed .      .
set-retention     y    y      .       .       .     .    .        .       .    closed .      .
add-to-decision   y    y      y       y       y     y    .        .       y    .      .      .
admit             y    y      .       .       .     .    .        .       .    .      .      .
agree-book        .    .      .       .       .     .    .        .       .    .      .      .
agree-red         .    .      .       .       .     .    .        .       .    .      .      .
agree-lowering    .    .      .       .       .     .    .        .       .    .      .      .
ask-known         y    y      .       .       .     .    .        y       .    closed unread .
assess            .    .      .       .       .     .    .        .       .    .      .      .
brief             y    y      .       .       .     .    .        .       .    .      .      .
bring-report      y    y      .       .       .     .    .        .       .    .      .      .
change            y    y      .       .       .     .    .        .       .    .      .      .
chase-action      y    y      y       y       y     .    .        .       .    .      .      .
clock             y    y      .       .       .     .    .        .       .    .      .      exercise
close-book        y    y      .       .       .     .    .        .       .    .      .      .
close-feed        y    y      .       .       .     .    .        .       .    closed .      .
confirm-decision  .    .      .       .       .     .    .        .       .    .      .      .
correct           .    .      .       .       .     .    .        .       y    .      .      .
correct-log-entry .    .      .       .       .     .    .        .       y    .      .      .
continue          y    y      .       .       .     .    .        .       .    closed unread .
decline-action    .    .      .       .       .     .    .        .       .    .      .      .
dispute-decision  .    .      .       .       .     .    .        .       .    .      .      .
export-intel      y    y      y       y       y     y    y        y       y    closed .      .
finish-action     .    .      .       .       .     .    .        .       .    .      .      .
grant             y    y      .       .       .     .    .        .       .    .      .      .
hand-action       .    .      .       .       .     .    .        .       .    .      .      .
invite            y    y      y       .       .     .    .        .       .    .      .      .
judge             y    y      y       .       .     .    .        .       .    closed .      .
leave             y    y      y       y       y     y    y        y       y    closed unread .
link-room         y    y      .       .       .     .    .        .       .    .      .      .
unlink-room       y    y      .       .       .     .    .        .       .    .      .      .
lower             .    .      .       .       .     .    .        .       .    .      .      .
move              y    y      .       .       .     .    .        .       .    .      .      .
note              y    y      y       y       y     y    y        y       y    .      .      .
open              y    y      y       y       y     y    y        y       y    closed .      .
open-feed         y    y      .       .       .     .    .        .       .    .      .      .
open-book         y    y      .       y       .     .    .        .       .    .      .      .
pin               y    y      .       .       .     .    .        .       .    .      .      .
post              y    y      y       y       y     y    .        .       y    .      .      .
propose           .    .      .       .       .     y    .        .       y    .      .      .
propose-decision  y    y      y       y       y     y    .        .       y    .      .      .
raise-action      y    y      y       y       y     y    .        .       y    .      .      .
read-access       y    y      .       .       .     .    .        y       .    closed unread .
read-desk         y    y      .       .       .     .    .        y       .    closed unread .
record-decision   y    y      y       y       y     y    .        .       y    .      .      .
remove            y    y      .       .       .     .    .        .       .    closed .      .
reopen            y    y      .       .       .     .    .        .       .    closed .      .
report            y    y      .       .       .     .    .        .       .    .      .      .
restore           y    y      .       .       .     .    .        .       .    .      .      .
review-decision   y    y      .       .       .     .    .        .       .    .      .      .
ring              y    y      y       .       .     .    .        .       .    closed .      .
rules             y    y      .       .       .     .    .        .       .    .      .      .
tier              y    y      .       .       .     .    .        .       .    .      .      .
tighten           y    y      .       .       .     .    .        .       y    .      .      .
title             y    y      .       .       .     .    .        .       .    .      .      .
unpin             y    y      .       .       .     .    .        .       .    .      .      .
vouch             y    y      y       .       .     .    .        .       .    .      .      .
widen             .    .      .       .       .     .    .        .       y    .      .      .
withdraw          y    y      y       .       .     .    .        .       .    closed .      .
withdraw-action   y    y      .       .       .     .    .        .       y    .      .      .
withhold          y    y      .       .       .     .    .        .       .    .      .      .
publish-item      y    y      y       y       y     y    .        .       y    .      .      .
correct-item      .    .      .       .       .     .    .        .       y    .      .      .
merge-item        .    .      .       .       .     .    .        .       y    .      .      .
publish-tearline  .    .      .       .       .     .    .        .       y    .      .      .
mark-sighting     y    y      y       y       y     y    .        .       y    .      .      .
recall            .    .      .       .       .     .    .        .       y    closed .      .
request-release   y    y      y       y       y     y    y        y       y    .      .      .
answer-release    .    .      .       .       .     .    .        .       y    .      .      .
agree-export      y    y      y       .       .     .    .        .       .    closed .      .
answer-export     y    y      y       y       y     y    .        .       y    closed .      .
approve-export    .    .      .       .       .     .    .        .       .    .      .      .
redact-export     y    y      y       .       .     .    .        .       y    closed .      .
refuse-export     y    y      y       .       .     .    .        .       .    closed .      .
request-export    y    y      .       .       .     .    .        y       .    closed .      .
take-export       y    y      y       .       .     .    .        .       y    closed .      .
withdraw-export   y    y      .       .       .     .    .        .       y    closed .      .
write-log-entry   .    .      .       .       .     .    .        .       .    .      .      .
request-escalation y   y      y       y       y     y    .        .       y    .      .      .
accept-escalation .    .      .       .       .     .    .        .       .    .      .      .
refuse-escalation .    .      .       .       .     .    .        .       .    .      .      .
withdraw-escalation y  y      .       .       .     .    .        .       y    .      .      .
act-escalation    .    .      .       .       .     .    .        .       y    .      .      .
stand-down-escalation y y     .       .       .     .    .        .       y    .      .      .
set-cadence       y    y      .       .       .     .    .        .       .    .      .      .
hold-meeting      y    y      y       y       y     .    .        .       .    .      .      .
put-off-meeting   y    y      .       .       .     .    .        .       .    .      .      .
file-sitrep       y    y      y       y       y     y    .        .       y    .      .      .
correct-sitrep    .    .      .       .       .     .    .        .       y    .      .      .
give-update       y    y      y       y       y     .    .        .       .    .      .      .
snooze-update     y    y      .       .       .     .    .        .       .    .      .      .
request-update    y    y      y       y       y     y    y        y       y    .      .      .
sign-handover     .    .      .       .       .     .    .        .       .    .      .      .
accept-handover   .    .      .       .       .     .    .        .       .    .      .      .
decline-handover  .    .      .       .       .     .    .        .       .    .      .      .
withdraw-handover y    y      .       .       .     .    .        .       y    .      .      .
ask-broadcast     y    y      y       .       .     -    -        -       -    .      .      .
approve-broadcast .    .      .       .       .     -    -        -       -    .      .      .
send-alone        y    y      .       .       .     -    -        -       -    .      .      .
refuse-broadcast  .    .      .       .       .     -    -        -       -    .      .      .
withdraw-broadcast y   y      .       .       .     -    -        -       -    .      .      .
stop-broadcast    y    y      y       .       .     -    -        -       -    .      .      .
read-broadcast    y    y      y       y       y     -    -        -       -    closed .      .
assign-post       y    y      .       .       .     .    .        .       .    .      .      .
acknowledge-post  .    .      .       .       .     .    .        .       .    .      .      .
release-post      y    y      .       .       .     .    .        .       .    .      .      .
assume-post       .    .      .       .       .     .    .        .       .    .      .      .
start-clock       y    y      y       y       y     y    .        .       y    .      .      .
correct-clock     .    .      .       .       .     .    .        .       .    .      .      .
hand-clock        .    .      .       .       .     .    .        .       .    .      .      .
evidence-clock    .    .      .       .       .     .    .        .       .    .      .      .
withdraw-clock    .    .      .       .       .     .    .        .       .    .      .      .
chase-clock       y    y      y       y       y     .    .        .       .    .      .      .
brief-ministers   y    y      y       y       y     .    .        .       .    .      .      .
open-cell         y    y      .       .       .     .    .        .       .    .      .      .
post-veiled       .    .      .       .       .     y    .        .       y    .      .      .
answer-promotion  .    .      .       .       .     .    .        .       .    .      .      .
ask-promotion     .    .      .       .       .     .    .        .       .    .      .      .
seat              .    .      .       .       .     .    .        .       .    .      .      .
`

// scenes holds a room with one person per column, and an entry of another
// guest organisation that everyone sees.
func scenes(t *testing.T, mode incident.Mode) (p *servertest.Paper, actors map[string]incident.Actor, theirs, own incident.Seq) {
	p = servertest.NewPaper(t, mode, incident.RosterNames)
	actors = map[string]incident.Actor{
		"lead":     p.Lead,
		"deputy":   p.Join("Dev Rao", "NCSC", incident.Deputy, incident.Full),
		"liaison":  p.Join("Rowan Ash", "NCSC", incident.Liaison, incident.Full),
		"loggist":  p.Join("Lena Fox", "DSC", incident.Loggist, incident.Full),
		"comms":    p.Join("Cass Bell", "DSC", incident.Comms, incident.Full),
		"rep":      p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full),
		"observer": p.Join("Orla Quinn", "X3F", incident.Observer, incident.Full),
		"auditor":  p.Join("Ada Voss", "AUD", incident.Auditor, incident.Full),
	}
	actors["own"] = actors["rep"]
	other := p.Join("Ellis Byrne", "X2E", incident.Representative, incident.Full)
	theirs = p.Must(other, command.PostMessage{Text: "we are cut off"})
	own = p.Must(actors["own"], command.PostMessage{Text: "so are we"})
	return p, actors, theirs, own
}

func rows(text string) (columns []string, table map[policy.Act][]string) {
	table = map[policy.Act][]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		f := strings.Fields(line)
		if columns == nil {
			columns = f
			continue
		}
		table[policy.Act(f[0])] = f[1:]
	}
	return columns, table
}

func TestWhoMayDoWhat(t *testing.T) {
	columns, table := rows(permits)
	for _, act := range policy.Acts() {
		if table[act] == nil {
			t.Errorf("nobody has said who may %q: add it to the table", act)
		}
	}
	for act, row := range table {
		if !slices.Contains(policy.Acts(), act) {
			t.Errorf("the table lists %q, for which there is no rule", act)
			continue
		}
		exercise, closed, unread := row[len(row)-1] != ".", row[len(row)-3] != ".", row[len(row)-2] != "."
		for i, may := range row[:len(row)-3] {
			who := columns[i]
			t.Run(string(act)+"/"+who, func(t *testing.T) {
				p, actors, theirs, own := scenes(t, incident.ModeExercise)
				object := p.Objects[theirs]
				if who == "own" {
					object = p.Objects[own]
				}
				s := policy.Scene{Room: p.Room, Actor: actors[who], Object: object, Now: p.Now}
				want := incident.Fault("")
				if may == "." {
					want = incident.Forbidden
				} else if may == "-" {
					want = incident.NotFound
				}
				judge(t, act, s, want, "as it is")

				// Someone who is not in the room learns nothing, whatever they ask.
				stranger := s
				stranger.Actor = incident.Actor{Person: "stranger"}
				judge(t, act, stranger, incident.NotFound, "from outside")

				if may != "y" {
					return
				}
				shut := s
				shut.Room = p.Room.Clone()
				shut.Room.Lifecycle = incident.Closed
				judge(t, act, shut, unless(closed, incident.Conflict), "in a closed room")
				newer := s
				newer.Room = p.Room.Clone()
				newer.Room.Rules = &incident.Rules{Version: 2}
				judge(t, act, newer, unless(unread, incident.Forbidden), "before accepting the newest rules")
				real := s
				real.Room = p.Room.Clone()
				real.Room.Mode = incident.ModeIncident
				judge(t, act, real, unless(!exercise, incident.Forbidden), "in the real thing")
			})
		}
	}
}

// Who may also, by what they have to do with what is asked about. A cell lists
// the roles that may as that party and may not otherwise; "all" is every role
// there is. The parties: whose organisation may assess on the scale; a second
// person, of the other host and one tier up from who asked; the decision-maker;
// whom the action is for; who keeps the book; for whom it is kept; who is of
// the other host than placed the hold; who neither asked to erase nor agreed, and
// is of a host that has not.
const parties = `
                  assessor                 second               maker         assignee  keeper               subject  lifter       approver
accept-action     .                        .                    .             all       .                    .  .  .
agree-erasure     .  .  .  .  .  .  .            lead,deputy,liaison
agree-book        .                        .                    .             .         .                    all  .  .
agree-lowering    .                        lead,deputy,liaison  .             .         .                    .  .  .
assess            lead,deputy,liaison,rep  .                    .             .         .                    .  .  .
close-book        .                        .                    .             .         liaison,loggist,comms,rep,observer,auditor  .  .  .
confirm-decision  .                        .                    all           .         .                    .  .  .
decline-action    .                        .                    .             all       .                    .  .  .
dispute-decision  .                        .                    all           .         .                    .  .  .
finish-action     .                        .                    .             all       .                    .  .  .
hand-action       .                        .                    .             all       .                    .  .  .
lift-hold         .  .  .  .  .  .  lead,deputy  .
lower             lead,deputy,liaison,rep  .                    .             .         .                    .  .  .
review-decision   .                        .                    liaison,loggist,comms,rep,observer,auditor  .  .  .  .  .
write-log-entry   .                        .                    .             .         lead,deputy,loggist  .  .  .
`

// theirs puts a person into the scene as the party: the entry, the book, the
// question and the room's assessors are as they would be then.
func theirs(p *servertest.Paper, who incident.Actor, party string, guest incident.Seq) policy.Scene {
	m := *p.Member(who)
	s := policy.Scene{Room: p.Room.Clone(), Actor: who, Now: p.Now}
	object := *p.Objects[guest]
	other := incident.MemberNo(1)
	if m.Number == other {
		other = 2
	}
	switch party {
	case "assessor":
		m.Seat.OrgType = incident.HostBody
		s.Scale = incident.NHSLevel
		if !m.Host { // a guest may, of law enforcement, and only categorise
			m.Seat.OrgType, s.Scale = incident.Police, incident.NCSCCategory
		}
		s.Room.Assessors = []incident.Assessor{{Org: m.Org, Scale: s.Scale}}
	case "second":
		m.Held = incident.Tactical
		s.Asked = &incident.Lowering{By: incident.By{Member: other}, Tier: incident.Operational}
	case "maker":
		object.Decision = &incident.Decision{Maker: m.Number}
	case "assignee":
		object.Action = &incident.Action{For: incident.Assignee{Member: m.Number, Org: m.Org}}
	case "keeper":
		s.Book = &incident.Book{Root: guest, Marking: object.Marking, Loggist: m.Number, Maker: other}
	case "subject":
		s.Book = &incident.Book{Root: guest, Marking: object.Marking, Loggist: other, Maker: m.Number}
	case "lifter":
		s.Hold = &incident.Hold{Root: guest, By: incident.By{Member: other, Org: "another"}}
	case "approver":
		s.Erasure = &incident.Erasure{Root: guest, Marking: object.Marking, By: incident.By{Member: other, Org: m.Org}}
	}
	if party == "maker" || party == "assignee" {
		s.Object = &object
	}
	s.Room.Members = slices.Clone(s.Room.Members)
	s.Room.Members[slices.IndexFunc(s.Room.Members, func(x *incident.Member) bool { return x.Root == m.Root })] = &m
	return s
}

func TestWhoMayDoWhatAsAPartyToIt(t *testing.T) {
	columns, anyway := rows(permits)
	names, table := rows(parties)
	roles := columns[:8]
	p, actors, guest, _ := scenes(t, incident.ModeExercise)
	for act, row := range table {
		if len(row) != len(names) || !slices.Contains(policy.Acts(), act) {
			t.Errorf("the row %q is not one of the table's", act)
		}
	}
	for _, act := range policy.Acts() {
		for i, party := range names {
			cell := "."
			if table[act] != nil {
				cell = table[act][i]
			}
			for j, role := range roles {
				may := anyway[act][j] == "y" || cell == "all" || slices.Contains(strings.Split(cell, ","), role)
				want := incident.Fault("")
				if !may {
					want = incident.Forbidden
				}
				if anyway[act][j] == "-" {
					want = incident.NotFound
				}
				at := fmt.Sprintf("%s as %s, %s", act, role, party)
				s := theirs(p, actors[role], party, guest)
				judge(t, act, s, want, at)
				if !may || anyway[act][j] == "y" {
					continue
				}
				shut := s
				shut.Room = s.Room.Clone()
				shut.Room.Lifecycle = incident.Closed
				judge(t, act, shut, unless(anyway[act][len(anyway[act])-3] != ".", incident.Conflict), at+", in a closed room")
				newer := s
				newer.Room = s.Room.Clone()
				newer.Room.Rules = &incident.Rules{Version: 2}
				judge(t, act, newer, incident.Forbidden, at+", before accepting the newest rules")
				stranger := s
				stranger.Actor = incident.Actor{Person: "stranger"}
				judge(t, act, stranger, incident.NotFound, at+", from outside")
			}
		}
	}
}

func TestAnActionForAnOrganisationIsForThoseWhoSpeakForIt(t *testing.T) {
	p, actors, guest, _ := scenes(t, incident.ModeIncident)
	for _, act := range []policy.Act{policy.AcceptAction, policy.DeclineAction, policy.FinishAction, policy.HandAction} {
		for role, org := range map[string]incident.OrgID{"lead": "DSC", "deputy": "NCSC", "liaison": "NCSC", "loggist": "DSC", "comms": "DSC", "rep": "X1N", "observer": "X3F", "auditor": "AUD"} {
			for _, of := range []incident.OrgID{"DSC", "NCSC", "X1N", "X3F", "AUD"} {
				object := *p.Objects[guest]
				object.Action = &incident.Action{For: incident.Assignee{Org: of}}
				want := incident.Forbidden
				if of == org && role != "observer" && role != "auditor" {
					want = ""
				}
				judge(t, act, policy.Scene{Room: p.Room, Actor: actors[role], Object: &object}, want, fmt.Sprintf("%s as %s of %s, for %s", act, role, org, of))
			}
		}
	}
}

func TestEachOrganisationAssessesOnItsOwnScale(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeIncident)
	for role, may := range map[string]incident.Scale{"lead": incident.NHSLevel, "deputy": incident.NCSCCategory, "liaison": incident.NCSCCategory, "rep": ""} {
		for _, scale := range append(slices.Clone(incident.Scales), "") {
			want := incident.Forbidden
			if scale == may && may != "" {
				want = ""
			}
			for _, act := range []policy.Act{policy.Assess, policy.Lower} {
				judge(t, act, policy.Scene{Room: p.Room, Actor: actors[role], Scale: scale}, want, fmt.Sprintf("%s on %q as %s", act, scale, role))
			}
		}
	}
	// Configured by mistake, a guest still sets no NHS level and only law enforcement categorises.
	shut := p.Room.Clone()
	shut.Assessors = []incident.Assessor{{Org: "X1N", Scale: incident.NHSLevel}, {Org: "X1N", Scale: incident.NCSCCategory}}
	for _, scale := range incident.Scales {
		judge(t, policy.Assess, policy.Scene{Room: shut, Actor: actors["rep"], Scale: scale}, incident.Forbidden, "a trust on "+string(scale))
	}
}

// Who is the second person, by what both are: the tier of who asked, the
// answerer's own, and whether they are of the same host.
func TestTheSecondPersonIsOneTierUpOrAtTheTopAPeerOrTheOtherHost(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeIncident)
	asker := p.Member(actors["lead"])
	for _, asked := range []incident.Tier{incident.Operational, incident.Tactical, incident.Strategic} {
		for _, own := range []incident.Tier{incident.Operational, incident.Tactical, incident.Strategic} {
			for _, org := range []incident.OrgID{"DSC", "NCSC"} {
				want := incident.Forbidden
				if own.Rank() > asked.Rank() || asked == incident.Strategic && (own == incident.Strategic || org == "NCSC") {
					want = ""
				}
				room := p.Room.Clone()
				room.Members = slices.Clone(room.Members)
				second := *p.Member(actors["liaison"])
				second.Held, second.Org, second.Seat.Org = own, org, org
				room.Members[slices.IndexFunc(room.Members, func(m *incident.Member) bool { return m.Root == second.Root })] = &second
				s := policy.Scene{Room: room, Actor: actors["liaison"], Asked: &incident.Lowering{By: incident.By{Member: asker.Number, Org: "DSC"}, Tier: asked}}
				judge(t, policy.AgreeLowering, s, want, fmt.Sprintf("asked at %s, answered at %s by %s", asked, own, org))
				s.Actor = actors["lead"]
				judge(t, policy.AgreeLowering, s, incident.Forbidden, "by who asked, at "+string(asked))
			}
		}
	}
}

func TestWhoComesBackForTheOtherHostIsNoSecondPerson(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeIncident)
	before := p.Number(actors["liaison"])
	p.Must(actors["liaison"], command.LeaveRoom{})
	root := p.Must(p.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(),
		Seat: incident.Seat{Name: "Rowan Ash", Org: "DSC", OrgType: incident.HostBody, Role: incident.Deputy, History: incident.Full}})
	p.Must(actors["liaison"], command.JoinRoom{Root: root, Person: actors["liaison"].Person, How: "subject", Rules: 1})
	for _, asked := range []incident.Tier{incident.Operational, incident.Strategic} {
		judge(t, policy.AgreeLowering, policy.Scene{Room: p.Room, Actor: actors["liaison"], Asked: &incident.Lowering{By: incident.By{Member: before, Org: "NCSC"}, Tier: asked}},
			incident.Forbidden, "asked for NCSC, answered for DSC by the same person")
	}
}

// A decision, an action and a book are for somebody of an organisation: who
// comes back for another is not them.
func TestWhoComesBackForAnotherOrganisationIsNoPartyAnyMore(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeIncident)
	sam := actors["rep"]
	before := p.Number(sam)
	object := *p.Objects[p.Must(p.Lead, command.PostMessage{Text: "x"})]
	object.Decision, object.Action = &incident.Decision{Maker: before}, &incident.Action{For: incident.Assignee{Member: before, Org: "X1N"}}
	book := &incident.Book{Marking: object.Marking, Maker: before, Loggist: before}
	come := func(org incident.OrgID) {
		p.Must(sam, command.LeaveRoom{})
		root := p.Must(p.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(),
			Seat: incident.Seat{Name: "Sam Okafor", Org: org, OrgType: incident.Acute, Role: incident.Representative, History: incident.Full}})
		p.Must(sam, command.JoinRoom{Root: root, Person: sam.Person, How: "subject", Rules: 1})
	}
	judges := func(want incident.Fault, when string) {
		for _, act := range []policy.Act{policy.ConfirmDecision, policy.DisputeDecision, policy.AcceptAction, policy.FinishAction} {
			judge(t, act, policy.Scene{Room: p.Room, Actor: sam, Object: &object}, want, string(act)+when)
		}
		judge(t, policy.AgreeBook, policy.Scene{Room: p.Room, Actor: sam, Book: book}, want, "agree-book"+when)
	}
	judges("", ", as they were")
	come("X1N")
	judges("", ", come back for the same")
	come("X2E")
	judges(incident.Forbidden, ", come back for another")
}

func unless(fine bool, f incident.Fault) incident.Fault {
	if fine {
		return ""
	}
	return f
}

func judge(t *testing.T, act policy.Act, s policy.Scene, want incident.Fault, when string) {
	t.Helper()
	err := policy.Permit(act, &s)
	got := incident.Fault("")
	if err != nil {
		got = incident.FaultOf(err)
	}
	if got != want {
		t.Errorf("%s: answered %q, want %q (%v)", when, got, want, err)
	}
}

func TestAnActNobodyHasARuleForIsForbidden(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	if err := policy.Permit("erase", &policy.Scene{Room: p.Room, Actor: p.Lead}); incident.FaultOf(err) != incident.Forbidden {
		t.Fatalf("answered %v", err)
	}
}

func TestAHostsRoleInAGuestsHandsGivesNothing(t *testing.T) {
	p, actors, theirs, _ := scenes(t, incident.ModeIncident)
	guest := *p.Member(actors["rep"])
	for _, role := range []incident.Role{incident.Lead, incident.Deputy, incident.Liaison} {
		for _, act := range []policy.Act{policy.Brief, policy.Title, policy.Withhold, policy.Invite, policy.Remove, policy.Vouch, policy.Grant} {
			room := p.Room.Clone()
			room.Members = slices.Clone(room.Members)
			i := slices.IndexFunc(room.Members, func(m *incident.Member) bool { return m.Root == guest.Root })
			forged := guest
			forged.Role = role
			room.Members[i] = &forged
			judge(t, act, policy.Scene{Room: room, Actor: actors["rep"], Object: p.Objects[theirs]}, incident.Forbidden, string(role)+" "+string(act))
		}
	}
}

func TestWhatOneMayNotSeeIsMissingForEveryAct(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeExercise)
	hidden := p.Must(p.Lead, command.PostMessage{Text: "hosts only", Audience: &incident.Audience{Kind: incident.ToHosts}})
	missing := policy.Permit(policy.Note, &policy.Scene{Room: p.Room, Actor: incident.Actor{Person: "nobody"}})
	for _, act := range policy.Acts() {
		err := policy.Permit(act, &policy.Scene{Room: p.Room, Actor: actors["rep"], Object: p.Objects[hidden]})
		if err == nil || err.Error() != missing.Error() {
			t.Errorf("%s on an entry that is not theirs: %v; on what does not exist: %v", act, err, missing)
		}
	}
	p = servertest.NewPaper(t, incident.ModeIncident, incident.RosterHosts)
	a, b := p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full), p.Join("Ellis Byrne", "X2E", incident.Representative, incident.Full)
	for _, act := range policy.Acts() {
		err := policy.Permit(act, &policy.Scene{Room: p.Room, Actor: a, Target: p.Member(b)})
		if err == nil || err.Error() != missing.Error() {
			t.Errorf("%s on a member who is not theirs to know: %v", act, err)
		}
	}
}

// Of the two who agree to an erasure neither asked, and each is of another
// host: by person, so that whoever acts for both hosts in turn counts once.
func TestTwoPeopleAgreeToAnErasureOneOfEachHostAndNeitherAsked(t *testing.T) {
	p, actors, guest, _ := scenes(t, incident.ModeIncident)
	number := func(role string) incident.MemberNo { return p.Number(actors[role]) }
	ask := func(by string, agreed ...string) *incident.Erasure {
		a := &incident.Erasure{Root: guest, Marking: p.Objects[guest].Marking, By: incident.By{Member: number(by), Org: p.Member(actors[by]).Org}}
		for _, role := range agreed {
			a.Agreed = append(a.Agreed, incident.ErasureApproval{By: incident.By{Member: number(role), Org: p.Member(actors[role]).Org}})
		}
		return a
	}
	other := p.Join("Una Hart", "DSC", incident.Liaison, incident.Full)
	for _, c := range []struct {
		who  incident.Actor
		ask  *incident.Erasure
		want incident.Fault
		when string
	}{
		{actors["lead"], ask("lead"), incident.Forbidden, "who asked"},
		{actors["deputy"], ask("lead"), "", "of the other host"},
		{other, ask("lead"), "", "of the asker's host, another person"},
		{actors["liaison"], ask("lead", "deputy"), incident.Forbidden, "of the host that has agreed"},
		{actors["deputy"], ask("lead", "deputy"), incident.Forbidden, "who has agreed"},
		{other, ask("lead", "deputy"), "", "of the host that has not"},
		{actors["rep"], ask("lead", "deputy"), incident.Forbidden, "a guest"},
		{actors["loggist"], ask("lead", "deputy"), incident.Forbidden, "a loggist"},
	} {
		judge(t, policy.AgreeErasure, policy.Scene{Room: p.Room, Actor: c.who, Erasure: c.ask}, c.want, c.when)
	}
	// The same person, back for the other host under another number.
	before := ask("liaison")
	p.Must(actors["liaison"], command.LeaveRoom{})
	root := p.Must(p.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(),
		Seat: incident.Seat{Name: "Rowan Ash", Org: "DSC", OrgType: incident.HostBody, Role: incident.Deputy, History: incident.Full}})
	p.Must(actors["liaison"], command.JoinRoom{Root: root, Person: actors["liaison"].Person, How: "subject", Rules: 1})
	judge(t, policy.AgreeErasure, policy.Scene{Room: p.Room, Actor: actors["liaison"], Erasure: before}, incident.Forbidden, "who asked, for the other host")
}
