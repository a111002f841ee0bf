package directory

import (
	"encoding/hex"
	"testing"
	"time"

	"wardroom/server/incident"
)

func TestAListIsFrozenAndItsContactsAreToldOfARoomOnce(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	room, other := incident.LogID(incident.RandomID()), incident.LogID(incident.RandomID())
	a, b, c := incident.RandomID(), incident.RandomID(), incident.RandomID()
	line := func(contact string) To {
		return To{Contact: contact, Org: "X1N", Role: incident.CISO, SMS: incident.RandomID(), Email: incident.RandomID()}
	}
	first, second := incident.RandomID(), incident.RandomID()
	count := incident.BroadcastCount{Contacts: 2, Texts: 2, Fragments: 2}
	kept, err := d.Freeze(t.Context(), room, first, count, []To{line(a), line(b)})
	check(t, err)
	again, err := d.Freeze(t.Context(), room, first, incident.BroadcastCount{Contacts: 1}, []To{line(c)})
	check(t, err)
	if again != kept || again.Count != count {
		t.Errorf("frozen twice it is another: %+v, %+v", kept, again)
	}
	lines, err := d.Lines(t.Context(), room, first, 0, 100)
	check(t, err)
	if len(lines) != 2 || lines[0].Contact != a || lines[1].Contact != b || lines[0].N != 1 {
		t.Errorf("the list: %+v", lines)
	}
	if hashOf([]To{lines[0].To, lines[1].To}) != kept.Hash || hashOf([]To{lines[1].To, lines[0].To}) == kept.Hash {
		t.Error("its hash is not that of its lines in their order")
	}
	hash := hex.EncodeToString(kept.Hash[:])
	if same, err := d.Stands(t.Context(), room, first, hash); err != nil || !same {
		t.Errorf("as it was: %v, %v", same, err)
	}
	super(t, database, `UPDATE broadcast_to SET contact = '`+c+`' WHERE contact = '`+b+`' AND list = '`+first+`'`)
	if same, err := d.Stands(t.Context(), room, first, hash); err != nil || same {
		t.Errorf("with somebody else on it: %v, %v", same, err)
	}
	super(t, database, `UPDATE broadcast_to SET contact = '`+b+`' WHERE contact = '`+c+`' AND list = '`+first+`'`)

	// Two lists that overlap: whoever both name is told by the one that claims first.
	_, err = d.Freeze(t.Context(), room, second, count, []To{line(b), line(c)})
	check(t, err)
	check(t, d.Tell(t.Context(), room, first))
	check(t, d.Tell(t.Context(), room, first)) // after a crash
	check(t, d.Tell(t.Context(), room, second))
	lines, err = d.Lines(t.Context(), room, second, 0, 100)
	check(t, err)
	if !lines[0].Other || lines[1].Other {
		t.Errorf("who is told by the second list: %+v", lines)
	}
	if lines, err = d.Lines(t.Context(), room, first, 1, 100); err != nil || len(lines) != 1 || lines[0].Other {
		t.Errorf("the rest of the first: %+v, %v", lines, err)
	}
	told, err := d.Told(t.Context(), room)
	check(t, err)
	if len(told) != 3 || !told[a] || !told[b] || !told[c] {
		t.Errorf("told: %v", told)
	}
	if told, err = d.Told(t.Context(), other); err != nil || len(told) != 0 {
		t.Errorf("told of another room: %v, %v", told, err)
	}

	// What no log came to name goes; what one names stays.
	stray := incident.RandomID()
	_, err = d.Freeze(t.Context(), room, stray, count, []To{line(a)})
	check(t, err)
	super(t, database, `UPDATE broadcast_list SET made = made - interval '25 hours' WHERE id IN ('`+stray+`', '`+first+`')`)
	check(t, d.Asked(t.Context(), room, first))
	if n := ask[int](t, database, `SELECT count(*) FROM broadcast_list`); n != 2 {
		t.Errorf("%d lists are left", n)
	}
}

func TestARecipientIsReachedByTheNumberThatWasVerifiedLast(t *testing.T) {
	t.Parallel()
	now := time.Now()
	old, young := Channel{ID: "old", Kind: incident.BySMS, Verified: now.Add(-time.Hour)}, Channel{ID: "young", Kind: incident.BySMS, Verified: now}
	mail, never := Channel{ID: "mail", Kind: incident.ByEmail, Verified: now}, Channel{ID: "never", Kind: incident.BySMS}
	book := &Book{Orgs: []incident.Organisation{{Code: "X1N", Type: incident.Acute}}, Now: now, Stale: DefaultStale,
		Contacts: []OrgContact{{ID: "a", Org: "X1N", Role: incident.CISO, Channels: []Channel{old, young, mail, never}}, {ID: "b", Org: "X1N", Role: incident.CIO, Channels: []Channel{old}}}}
	got := book.Select([]incident.OrgType{incident.Acute}, nil, nil)
	if to, ok := got.Recipients[0].To(nil); !ok || to.SMS != "young" || to.Email != "mail" {
		t.Errorf("reached by %+v", to)
	}
	if to, ok := got.Recipients[0].To(func(id string) bool { return id == "old" }); !ok || to.SMS != "old" || to.Email != "" {
		t.Errorf("with one number allowed: %+v", to)
	}
	if to, ok := got.Recipients[1].To(func(string) bool { return false }); ok {
		t.Errorf("with none: %+v", to)
	}
	if some := book.Among(map[string]bool{"b": true, "gone": true}); len(some.Recipients) != 1 || some.Recipients[0].Contact.ID != "b" || some.Orgs != 1 {
		t.Errorf("among those named: %+v", some)
	}
}
