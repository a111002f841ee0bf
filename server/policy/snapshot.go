package policy

import (
	"cmp"
	"encoding/json"
	"slices"

	"wardroom/server/incident"
)

// Snapshot is the objects of a room's standing facts that one member may see,
// as the wire carries them. Only this package can make one.
//
// The web app keeps the same shape: applying the events after S to the
// snapshot at S gives the snapshot at T, for every kind and person.
type Snapshot struct {
	json  []byte
	shows []Shown
}

// Shown is a root of which a snapshot tells something, and how much of it one
// must be allowed to see to be told.
type Shown struct {
	Root incident.Seq
	Form Form
}

// Shows lists the roots with an audience of their own of which the snapshot
// tells something, for the second wall to judge. All else in it is of standing
// kinds: whoever is in the room may have it.
func (s Snapshot) Shows() []Shown { return s.shows }

// MarshalJSON returns the state's JSON.
func (s Snapshot) MarshalJSON() ([]byte, error) { return s.json, nil }

// String keeps a snapshot out of logs.
func (s Snapshot) String() string { return "snapshot" }

type stateJSON struct {
	Assessments []assessmentJSON  `json:"assessments"`
	Books       []bookJSON        `json:"books"`
	Brief       *briefJSON        `json:"brief"`
	Cadence     cadenceJSON       `json:"cadence"`
	Erasures    []erasureJSON     `json:"erasures"`
	Holds       []incident.Hold   `json:"holds"`
	Members     []memberJSON      `json:"members"`
	Pins        []pinJSON         `json:"pins"`
	Posts       []postJSON        `json:"posts"`
	Report      *reportJSON       `json:"report"`
	Retention   retentionJSON     `json:"retention"`
	Room        roomJSON          `json:"room"`
	Rules       *incident.Rules   `json:"rules"`
	You         incident.MemberNo `json:"you"`
}

type roomJSON struct {
	Assessors []incident.Assessor `json:"assessors"`
	Called    []incident.OrgID    `json:"called"`
	Cell      *incident.Cell      `json:"cell"` // of a side room
	Clock     *incident.Clock     `json:"clock"`
	Earlier   *earlierJSON        `json:"earlier"` // the section before, if that was broken off
	Ended     *incident.Instant   `json:"ended"`
	Hosts     []incident.OrgID    `json:"hosts"`
	ID        incident.LogID      `json:"id"`
	Lifecycle incident.Lifecycle  `json:"lifecycle"`
	Mode      incident.Mode       `json:"mode"`
	Opened    incident.Instant    `json:"opened"`
	Reference string              `json:"reference"`
	Roster    incident.Roster     `json:"roster"`
	Section   int                 `json:"section"`
	Title     string              `json:"title"`
	TLP       incident.TLP        `json:"tlp"`
}

type earlierJSON struct {
	Held   uint64               `json:"held"`
	Judged []incident.Judgement `json:"judged"`
	Log    incident.LogID       `json:"log"`
	Size   uint64               `json:"size"`
	State  incident.BreakState  `json:"state"`
}

func earlier(e *incident.Earlier) *earlierJSON {
	if e == nil {
		return nil
	}
	return &earlierJSON{Held: e.Break.Held, Judged: append([]incident.Judgement{}, e.Judged...), Log: e.Break.Log, Size: e.Break.Size, State: e.Break.State}
}

type memberJSON struct {
	AskedName string               `json:"askedName"`
	Ended     *incident.Instant    `json:"ended"`
	Host      bool                 `json:"host"`
	Invited   *incident.Instant    `json:"invited"`
	InvitedBy incident.MemberNo    `json:"invitedBy"`
	Joined    *incident.Instant    `json:"joined"`
	Name      string               `json:"name"`
	Number    incident.MemberNo    `json:"number"`
	ODS       string               `json:"ods"`
	Org       incident.OrgID       `json:"org"`
	OrgName   string               `json:"orgName"`
	OrgType   incident.OrgType     `json:"orgType"`
	Role      incident.Role        `json:"role"`
	Root      incident.Seq         `json:"root"`
	Rules     int                  `json:"rules"`
	Start     incident.Seq         `json:"start"`
	State     incident.MemberState `json:"state"`
	Tier      incident.Tier        `json:"tier"` // "" where the roster hides the name
}

type assessmentJSON struct {
	By       incident.By        `json:"by"`
	Criteria []string           `json:"criteria"`
	Ended    bool               `json:"ended"`
	Grade    incident.Grade     `json:"grade"`
	Lowering *incident.Lowering `json:"lowering"`
	Org      incident.OrgID     `json:"org"`
	Root     incident.Seq       `json:"root"`
	Scale    incident.Scale     `json:"scale"`
	Seq      incident.Seq       `json:"seq"`
	Since    incident.Instant   `json:"since"`
}

type bookJSON struct {
	Agreed  *incident.Instant `json:"agreed"`
	Closed  *incident.Instant `json:"closed"`
	First   int               `json:"first"`
	Loggist incident.MemberNo `json:"loggist"`
	Maker   incident.MemberNo `json:"maker"`
	Number  int               `json:"number"`
	Opened  incident.Instant  `json:"opened"`
	Root    incident.Seq      `json:"root"`
	Signal  string            `json:"signal"`
}

type briefJSON struct {
	At      incident.Instant    `json:"at"`
	By      incident.By         `json:"by"`
	Lines   incident.BriefLines `json:"lines"`
	Root    incident.Seq        `json:"root"`
	Seq     incident.Seq        `json:"seq"`
	Version int                 `json:"version"`
}

type reportJSON struct {
	At      incident.Instant `json:"at"`
	By      incident.By      `json:"by"`
	Methane incident.Methane `json:"methane"`
	Root    incident.Seq     `json:"root"`
	Seq     incident.Seq     `json:"seq"`
}

type erasureJSON struct {
	Agreed  []incident.ErasureApproval `json:"agreed"`
	At      incident.Instant           `json:"at"`
	By      incident.By                `json:"by"`
	Entries []incident.Seq             `json:"entries"`
	Ground  incident.ErasureGround     `json:"ground"`
	Reason  string                     `json:"reason"`
	Root    incident.Seq               `json:"root"`
	Slots   []int                      `json:"slots"`
}

// postJSON is one person's time in a post.
type postJSON struct {
	Assigned incident.Instant  `json:"assigned"`
	Assumed  bool              `json:"assumed"` // taken without consent
	Deputy   incident.MemberNo `json:"deputy"`
	From     *incident.Instant `json:"from"` // when it was acknowledged
	Member   incident.MemberNo `json:"member"`
	Post     incident.Post     `json:"post"`
	Root     incident.Seq      `json:"root"`
	Until    *incident.Instant `json:"until"`
}

// cadenceJSON is where the room's rhythms stand, and what leads set.
type cadenceJSON struct {
	Meeting beatJSON        `json:"meeting"`
	Set     *cadenceSetJSON `json:"set"`
	Sitrep  beatJSON        `json:"sitrep"`
	Update  beatJSON        `json:"update"`
}

type beatJSON struct {
	Due     *incident.Instant `json:"due"`
	Every   int               `json:"every"` // minutes
	From    *incident.Instant `json:"from"`
	Kept    *incident.Instant `json:"kept"`
	Missed  *incident.Instant `json:"missed"`
	Moved   *incident.Instant `json:"moved"`
	PutOff  bool              `json:"putOff"`
	Snoozed int               `json:"snoozed"`
}

type cadenceSetJSON struct {
	Meeting incident.Interval `json:"meeting"`
	Seq     incident.Seq      `json:"seq"`
	Sitrep  incident.Interval `json:"sitrep"`
	Update  incident.Interval `json:"update"`
}

func cadence(room *incident.Room) cadenceJSON {
	beat := func(of incident.Rhythm) beatJSON {
		b := room.Beat(of)
		return beatJSON{Due: when(b.Due), Every: b.Every, From: when(b.From), Kept: when(b.Kept), Missed: when(b.Missed), Moved: when(b.Moved), PutOff: b.PutOff, Snoozed: b.Snoozed}
	}
	j := cadenceJSON{Meeting: beat(incident.Meetings), Sitrep: beat(incident.Sitreps), Update: beat(incident.Updates)}
	if room.Cadence != nil && room.Cadence.Set != nil {
		set := room.Cadence.Set
		j.Set = &cadenceSetJSON{Meeting: set.Intervals[incident.Meetings], Seq: set.Seq, Sitrep: set.Intervals[incident.Sitreps], Update: set.Intervals[incident.Updates]}
	}
	return j
}

type retentionJSON struct {
	At    *incident.Instant `json:"at"`
	By    incident.By       `json:"by"`
	Seq   incident.Seq      `json:"seq"`
	Years int               `json:"years"`
}

type pinJSON struct {
	At   incident.Instant  `json:"at"`
	By   incident.MemberNo `json:"by"`
	Root incident.Seq      `json:"root"`
}

// Snap returns what the member may see of the room's standing facts, without
// the roots named. The member must be in the room.
func Snap(room *incident.Room, m *incident.Member, without ...incident.Seq) Snapshot {
	var shows []Shown
	st := stateJSON{You: m.Number, Rules: room.Rules, Members: []memberJSON{}, Pins: []pinJSON{}, Posts: []postJSON{}, Erasures: []erasureJSON{},
		Holds: append([]incident.Hold{}, room.Holds...), Retention: retention(room), Cadence: cadence(room),
		Assessments: []assessmentJSON{}, Books: []bookJSON{}, Room: roomJSON{Assessors: append([]incident.Assessor{}, room.Assessors...), Called: append([]incident.OrgID{}, room.Called...),
			Cell: room.Cell, Clock: room.Clock, Earlier: earlier(room.Earlier), Hosts: room.Hosts, ID: room.ID, Lifecycle: room.Lifecycle, Ended: when(room.Ended), Mode: room.Mode, Opened: room.Opened,
			Reference: room.Reference, Roster: room.Roster, Section: room.Section, Title: room.Title, TLP: room.TLP}}
	for _, of := range room.Members {
		switch SeesMember(room, m, of) {
		case Open:
			st.Members = append(st.Members, openMember(of))
		case Envelope:
			st.Members = append(st.Members, envelopeMember(of))
		}
	}
	if b := room.Brief; b != nil {
		st.Brief = &briefJSON{At: b.At, By: b.By, Lines: b.Lines, Root: b.Root, Seq: b.Seq, Version: b.Version}
	}
	if r := room.Report; r != nil && !r.Erased && !slices.Contains(without, r.Root) && Sees(room, m, r.Sight) == Open {
		shows = append(shows, Shown{r.Root, Open})
		st.Report = &reportJSON{At: r.At, By: r.By, Methane: r.Methane, Root: r.Root, Seq: r.Seq}
	}
	for _, a := range room.Assessments {
		st.Assessments = append(st.Assessments, assessmentJSON{By: a.By, Criteria: append([]string{}, a.Criteria...), Ended: a.Ended, Grade: a.Grade, Lowering: a.Lowering,
			Org: a.Org, Root: a.Root, Scale: a.Scale, Seq: a.Seq, Since: a.Since})
	}
	for _, t := range room.Tenures {
		st.Posts = append(st.Posts, postJSON{Assigned: t.Assigned, Assumed: t.Assumed, Deputy: t.Deputy, From: when(t.From), Member: t.Member, Post: t.Post, Root: t.Root, Until: when(t.Until)})
	}
	for _, k := range room.Books {
		if !slices.Contains(without, k.Root) && Sees(room, m, k.Sight()) == Open {
			shows = append(shows, Shown{k.Root, Open})
			st.Books = append(st.Books, bookJSON{Agreed: when(k.Agreed), Closed: when(k.Closed), First: k.First, Loggist: k.Loggist, Maker: k.Maker,
				Number: k.Number, Opened: k.Opened, Root: k.Root, Signal: k.Signal})
		}
	}
	for _, a := range room.Erasures {
		if !slices.Contains(without, a.Root) && Sees(room, m, a.Sight()) == Open {
			shows = append(shows, Shown{a.Root, Open})
			st.Erasures = append(st.Erasures, erasureJSON{Agreed: append([]incident.ErasureApproval{}, a.Agreed...), At: a.At, By: a.By, Entries: a.Entries,
				Ground: a.Ground, Reason: a.Reason, Root: a.Root, Slots: a.Slots})
		}
	}
	for _, p := range room.Pins {
		if !slices.Contains(without, p.Root) && May(room, m, p.Sight) {
			shows = append(shows, Shown{p.Root, Envelope})
			st.Pins = append(st.Pins, pinJSON{At: p.At, By: p.By, Root: p.Root})
		}
	}
	slices.SortFunc(st.Pins, func(a, b pinJSON) int {
		return cmp.Or(a.At.Compare(b.At.Time), cmp.Compare(a.Root, b.Root))
	})
	b, err := json.Marshal(st)
	if err != nil {
		panic("policy: a snapshot that cannot be written: " + err.Error()) // no type in it can fail
	}
	return Snapshot{b, shows}
}

func retention(room *incident.Room) retentionJSON {
	k := room.Keeps()
	return retentionJSON{At: when(k.At), By: k.By, Seq: k.Seq, Years: k.Years}
}

func openMember(m *incident.Member) memberJSON {
	j := memberTimes(m)
	j.AskedName, j.Name, j.ODS, j.OrgName, j.OrgType = m.AskedName, m.Seat.Name, m.Seat.ODS, m.Seat.OrgName, m.Seat.OrgType
	j.Role, j.Rules, j.Start, j.Tier = m.Role, m.Rules, m.Start, m.Tier()
	return j
}

// envelopeMember is what slots 0–3 of the membership's entries tell: its
// organisation and the role it joined in, no name.
func envelopeMember(m *incident.Member) memberJSON {
	j := memberTimes(m)
	if m.Number == 0 {
		j.Org = "" // nobody has acted under it yet
		return j
	}
	j.Role = m.Seat.Role
	return j
}

func memberTimes(m *incident.Member) memberJSON {
	return memberJSON{Ended: when(m.Ended), Host: m.Host, Invited: when(m.Invited), InvitedBy: m.InvitedBy, Joined: when(m.Joined),
		Number: m.Number, Org: m.Org, Root: m.Root, State: m.State}
}

func when(t incident.Instant) *incident.Instant {
	if t.IsZero() {
		return nil
	}
	return &t
}
