package exercise

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func load(t testing.TB) *Script {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestEveryItemIsDueWithinTheExerciseAndInOrder(t *testing.T) {
	s := load(t)
	last := s.Start
	for _, item := range s.Items {
		if item.Due.Before(last) || item.Due.After(s.End) {
			t.Errorf("%s is due %s, after an item due %s", item.ID, item.Due, last)
		}
		last = item.Due
	}
	if !last.Equal(s.End) {
		t.Errorf("the last item is due %s, the exercise ends %s", last, s.End)
	}
}

func TestIntervalsThatMeetPlayEveryItemOnce(t *testing.T) {
	s := load(t)
	var all []string
	for _, item := range s.Items {
		all = append(all, item.ID)
	}
	rapid.Check(t, func(t *rapid.T) {
		cuts := rapid.SliceOfN(rapid.Int64Range(-3600, int64(s.End.Sub(s.Start)/time.Second)), 0, 30).Draw(t, "cuts")
		slices.Sort(cuts)
		var played []string
		var from time.Time
		for _, cut := range append(cuts, int64(s.End.Sub(s.Start)/time.Second)) {
			to := s.Start.Add(time.Duration(cut) * time.Second)
			for _, item := range s.Between(from, to) {
				if item.Due.After(to) || !item.Due.After(from) {
					t.Fatalf("%s, due %s, is played from %s to %s", item.ID, item.Due, from, to)
				}
				played = append(played, item.ID)
			}
			from = to
		}
		if !slices.Equal(played, all) {
			t.Fatalf("played %d of %d items, or in another order", len(played), len(all))
		}
	})
}

func TestNextLeadsThroughTheWholeScript(t *testing.T) {
	s := load(t)
	played := len(s.Between(time.Time{}, s.Start))
	for at, more := s.Next(s.Start); more; at, more = s.Next(at) {
		group := s.Between(at.Add(-time.Nanosecond), at)
		if len(group) == 0 {
			t.Fatalf("nothing is due at %s", at)
		}
		played += len(group)
	}
	if played != len(s.Items) {
		t.Errorf("%d of %d items played", played, len(s.Items))
	}
}

// object is an item of the file, or the whole, to be spoilt.
type object = map[string]any

// TestAScriptWithAMistakeIsRefused spoils the script in one place each time. Every
// rule of check has its row here.
func TestAScriptWithAMistakeIsRefused(t *testing.T) {
	red := "m-035"
	for name, c := range map[string]struct {
		item  string // the item spoilt; empty: the script
		spoil func(o object)
		says  string
	}{
		"an unknown field":                    {"m-001", set("urgent", true), `unknown field "urgent"`},
		"no room title":                       {"", func(o object) { o["room"].(object)["title"] = "" }, "room's title"},
		"a room where all is RED":             {"", func(o object) { o["room"].(object)["label"] = "TLP:RED" }, "cannot be a default"},
		"an unknown roster":                   {"", func(o object) { o["room"].(object)["roster"] = "nobody" }, "roster"},
		"a pause after the end":               {"", set("pause", "2017-06-01T00:00:00+01:00"), "not in this order"},
		"a start after the opening":           {"", set("start", "2017-05-12T13:01:00+01:00"), "outside the exercise"},
		"a document without title":            {"", func(o object) { o["documents"].(object)["nao"].(object)["title"] = "" }, `document "nao"`},
		"an organisation twice":               {"", first("organisations", "code", "NCSC"), `organisation "NCSC"`},
		"an unknown type of organisation":     {"", first("organisations", "type", "ministry"), `type "ministry"`},
		"an organisation that is neither":     {"", first("organisations", "standing", "real"), "to a host or to a fictional"},
		"a person twice":                      {"", first("cast", "key", "ciso"), `person "ciso"`},
		"a person of no organisation":         {"", first("cast", "org", "RNQ"), "not of this exercise"},
		"a person of an unknown role":         {"", first("cast", "role", "chief"), `role "chief"`},
		"no opening":                          {"state-01", set("state", "responding"), "does not open the room"},
		"an id twice":                         {"m-002", set("id", "m-001"), "stands twice"},
		"an unknown type":                     {"m-001", set("type", "shout"), `type "shout"`},
		"an unknown precision":                {"pr-01", set("precision", "decade"), `precision "decade"`},
		"a date given as a minute":            {"pr-03", set("precision", "minute"), "does not fit"},
		"a minute given as a day":             {"pr-24", set("precision", "day"), "does not fit"},
		"a time in another zone":              {"m-001", set("at", "2017-05-12T12:03:00Z"), "not at +01:00"},
		"a time with seconds":                 {"m-001", set("at", "2017-05-12T13:03:01+01:00"), "finer than a minute"},
		"a message before the one ahead":      {"m-005", set("at", "2017-05-12T13:10:00+01:00"), "before the item ahead"},
		"a dated fact after its day":          {"pr-37", set("at", "2017-05-12"), "is over when"},
		"background facts out of order":       {"pr-03", set("at", "2013-07-06"), "is over when"},
		"background in the middle":            {"pr-24", set("at", "2017-05-11T16:10:00+01:00"), "which is under way"},
		"an invented time left vague":         {"m-005", set("precision", "approximate"), "happens at a minute"},
		"an invented day left vague":          {"m-005", set("undated", true), "happens at a minute"},
		"a message after the end":             {"m-110", set("at", "2017-05-19T17:31:00+01:00"), "outside the exercise"},
		"a fact without source":               {"pr-24", unset("sources"), "needs sources"},
		"a fact from an unknown document":     {"pr-24", set("sources", []any{object{"document": "gossip"}}), `source "gossip"`},
		"a fact of an unknown kind":           {"pr-24", set("kind", "rumour"), `kind "rumour"`},
		"a fact marked invented":              {"pr-24", set("provenance", "invented"), "of the public record"},
		"a fact said by somebody":             {"pr-24", set("by", "lead"), "has no by"},
		"a fact kept from some":               {"pr-24", set("audience", object{"kind": "hosts"}), "has been published"},
		"a fact under a label":                {"pr-24", set("label", "TLP:GREEN"), "has been published"},
		"a fact about a fictional body":       {"pr-24", set("actor", "Northmoor NHS Trust"), "did nothing on record"},
		"a message marked public record":      {"m-005", set("provenance", "public record"), "only facts"},
		"a message by a real body's person":   {"m-005", set("by", "minister"), "not of the cast"},
		"a message without text":              {"m-005", set("text", "  "), "needs text"},
		"a message by somebody not there":     {"m-005", set("by", "auditor"), "not in the room"},
		"a message by somebody who has left":  {"m-105", set("by", "supplier"), "not in the room"},
		"a message by somebody never invited": {"m-105", set("by", "outsider"), "not in the room"},
		"a message with a state":              {"m-005", set("state", "open"), "has no state"},
		"an unknown label":                    {"m-005", set("label", "TLP AMBER"), "none of TLP 2.0"},
		"RED to the room":                     {red, set("audience", object{"kind": "room"}), "named people only"},
		"RED without names":                   {red, set("audience", object{"kind": "named"}), "at least one other"},
		"RED without its author":              {red, set("audience", object{"kind": "named", "people": []any{"lead", "director"}}), "author is not in"},
		"RED to somebody not there":           {red, set("audience", object{"kind": "named", "people": []any{"ncsc", "lead", "nightlead"}}), "not in the room"},
		"a mention of somebody left out":      {red, set("audience", object{"kind": "named", "people": []any{"ncsc", "lead"}}), "does not receive it"},
		"names on a room audience":            {"m-005", set("audience", object{"kind": "room", "people": []any{"lead"}}), "takes no names"},
		"an unknown audience":                 {"m-005", set("audience", object{"kind": "guests"}), `audience "guests"`},
		"a guest writing to hosts only":       {"m-005", set("audience", object{"kind": "hosts"}), "author is not in"},
		"a mention not in the text":           {"m-005", set("mentions", []any{"lead"}), "not as @name"},
		"a reply to what comes later":         {"m-006", set("replyTo", "m-007"), "not before it"},
		"a reply to a joining":                {"m-006", set("replyTo", "join-01"), "replies to a join"},
		"a reply to what its author missed":   {"m-019", set("replyTo", "m-005"), "cannot read"},
		"a reply by one who cannot read":      {"m-040", set("replyTo", red), "cannot read"},
		"a correction of another's words":     {"corr-01", set("by", "ciso"), "somebody else wrote"},
		"a correction of nothing":             {"corr-01", set("target", "m-999"), "not before it"},
		"a pin on a joining":                  {"pin-01", set("target", "join-01"), "is about a join"},
		"a pin by a guest":                    {"pin-01", set("by", "ciso"), "is a lead's"},
		"a brief by a guest":                  {"brief-03", set("by", "ciso"), "is a lead's"},
		"a message by an auditor":             {"m-105", set("by", "auditor"), "there to read"},
		"Noted by the author":                 {"noted-01", set("by", "ciso"), "its own author"},
		"Noted by one who cannot read":        {"noted-12", func(o object) { o["target"], o["by"] = red, "ciso" }, "cannot read"},
		"a brief of four lines":               {"brief-02", func(o object) { o["brief"].(object)["next"] = "" }, "five lines"},
		"a brief of a page":                   {"brief-02", func(o object) { o["brief"].(object)["next"] = strings.Repeat("soon ", 80) }, "five lines"},
		"a report without a type":             {"report-01", func(o object) { o["report"].(object)["type"] = "" }, "type of incident"},
		"a state skipped":                     {"state-02", set("state", "recovering"), "does not follow"},
		"joining for another organisation":    {"join-04", set("org", "X2E"), "belongs to"},
		"joining twice":                       {"join-05", func(o object) { o["by"], o["org"], o["role"] = "ciso", "X1N", "representative" }, "in the room already"},
		"an unknown history":                  {"join-04", set("history", "some"), `history "some"`},

		"an assessor that is no host":      {"", func(o object) { o["organisations"].([]any)[2].(object)["assesses"] = "nhs_level" }, "only hosts assess"},
		"an assessor of no scale":          {"", first("organisations", "assesses", "richter"), "only hosts assess"},
		"a scale with two assessors":       {"", first("organisations", "assesses", "ncsc_category"), "has its assessor already"},
		"an assessment of another's scale": {"sev-02", within("severity", "scale", "ncsc_category"), "does not assess on scale"},
		"an assessment by a loggist":       {"sev-02", set("by", "loggist"), "does not assess, as loggist"},
		"an assessment without reason":     {"sev-02", unset("text"), "needs text"},
		"an assessment without grade":      {"sev-02", func(o object) { delete(o["severity"].(object), "grade"); delete(o["severity"].(object), "criteria") }, "has a grade"},
		"a grade off the scale":            {"sev-02", within("severity", "grade", object{"at": 5}), "none of the scale's"},
		"a grade that is no neighbour":     {"sev-01", within("severity", "grade", object{"at": 1, "or": 3}), "none of the scale's"},
		"a criterion of the other scale":   {"sev-02", within("severity", "criteria", []any{"population"}), `criterion "population"`},
		"a grade without criteria":         {"sev-02", within("severity", "criteria", []any{}), "meets criteria"},
		"an assessment that lowers":        {"sev-02", within("severity", "grade", object{"at": 2}), "asked of a second person"},
		"a second question while one waits": {"agree-03", func(o object) {
			o["type"], o["text"], o["by"] = "lowering", "And lower.", "ncsc2"
			delete(o, "target")
			o["severity"] = object{"scale": "ncsc_category"}
		}, "still waits for its answer"},
		"a signal agreed twice":                   {"line-02", func(o object) { o["type"], o["by"] = "agreed", "lead"; delete(o, "text"); delete(o, "cites") }, "confirmed already"},
		"a host left uncalled":                    {"sev-01", within("severity", "calls", []any{}), "nobody of it is there or called"},
		"a host called that is there":             {"sev-02", within("severity", "calls", []any{"ncsc2"}), "needs no calling"},
		"a guest called":                          {"sev-01", within("severity", "calls", []any{"ncsc", "ciso"}), "no host's liaison"},
		"somebody called who sees from joining":   {"join-02", set("history", "from_join"), "was called in"},
		"a lowering that is none":                 {"low-03", within("severity", "grade", object{"at": 4}), "not lower than what stands"},
		"a lowering nobody can agree to":          {"tier-02", within("for", "person", "contact"), "nobody in the room can be its second person"},
		"a lowering without a second person":      {"agree-06", func(o object) { o["type"], o["text"] = "message", "Agreed."; delete(o, "target") }, "no second person answers the lowering"},
		"a lowering agreed by who asked":          {"agree-02", set("by", "lead"), "is not its second person"},
		"a lowering agreed at the same tier":      {"agree-02", set("by", "nightlead"), "is not its second person"},
		"a lowering agreed twice":                 {"agree-04", set("target", "low-03"), "no lowering that waits"},
		"a lowering refused without reason":       {"refuse-01", unset("text"), "needs text"},
		"a tier for somebody not there":           {"tier-01", within("for", "person", "auditor"), "who is not in the room"},
		"a tier for oneself":                      {"tier-02", within("for", "person", "nightlead"), "to themselves"},
		"a tier by a guest":                       {"tier-01", set("by", "ciso"), "is a lead's"},
		"an unknown tier":                         {"tier-01", set("tier", "gold"), `tier "gold"`},
		"a tier they have":                        {"tier-01", set("tier", "operational"), "at the operational tier already"},
		"a decision without maker":                {"dec-02", within("decision", "maker", ""), "it needs a maker"},
		"a decision of somebody unknown":          {"dec-02", within("decision", "maker", "minister"), `maker "minister" is not in the room`},
		"a decision of somebody not there":        {"dec-02", within("decision", "maker", "nightlead"), "not in the room"},
		"a decision its maker does not receive":   {"dec-03", func(o object) { o["audience"] = object{"kind": "named", "people": []any{"colleague", "lead"}} }, "does not receive the decision"},
		"a decision without rationale":            {"dec-02", within("decision", "rationale", ""), "and why, are both needed"},
		"another organisation's decision":         {"dec-03", within("decision", "maker", "director"), "of another organisation"},
		"a decision of no message":                {"dec-02", within("decision", "from", "pr-22"), "no message before it"},
		"a decision under a lower label":          {"dec-02", set("label", "TLP:GREEN"), "labelled lower"},
		"a decision relying on what comes later":  {"dec-02", within("decision", "relied", []any{"m-041"}), `cites "m-041"`},
		"a decision relying on what is hidden":    {"dec-02", within("decision", "relied", []any{red}), "no entry before it that loggist can read"},
		"a decision taken in the future":          {"dec-02", set("occurred", "2017-05-12T16:09:00+01:00"), "occurred is after"},
		"a decision taken about nothing":          {"dec-02", func(o object) { delete(o, "occurred"); o["about"] = true }, "about what time"},
		"a review of the past":                    {"dec-01", set("review", "2017-05-12T14:00:00+01:00"), "review is not after"},
		"a time in another zone within":           {"dec-01", set("review", "2017-05-12T15:00:00Z"), "a minute at +01:00"},
		"an option of nothing":                    {"dec-01", within("decision", "options", []any{object{"text": ""}}), "says what it is"},
		"a decision in the place of none":         {"dec-04", within("decision", "supersedes", "dec-99"), "no decision that stands"},
		"a decision in the place of two":          {"dec-10", within("decision", "reverses", "dec-06"), "not both"},
		"a decision ended twice":                  {"dec-10", within("decision", "supersedes", "dec-01"), "no decision that stands"},
		"a decision ended from below":             {"dec-10", within("decision", "supersedes", "dec-07"), "at a higher tier"},
		"a proposal with an outcome":              {"prop-01", within("decision", "outcome", "good"), "has no outcome"},
		"a decision taken for another":            {"take-01", within("decision", "maker", "lead"), "does not wait to be decided by lead"},
		"a decision taken twice":                  {"take-01", set("target", "dec-01"), "does not wait to be decided"},
		"a decision confirmed by another":         {"confirm-01", set("by", "loggist"), "only its maker"},
		"a decision confirmed twice":              {"confirm-03", set("target", "dec-01"), "does not wait for its maker"},
		"a dispute without reason":                {"dispute-01", unset("text"), "needs text"},
		"a decision rewritten by an addition":     {"add-01", within("decision", "rationale", "another"), "stays as it is"},
		"a review of what is over":                {"review-02", set("target", "dec-01"), "does not stand"},
		"a review by a bystander":                 {"review-01", set("by", "ciso"), "is neither"},
		"a confirmation of an action":             {"confirm-01", set("target", "act-01"), "no decision before it"},
		"an action for nobody":                    {"act-05", set("for", object{}), "one person or for one organisation"},
		"an action for somebody not in the room":  {"act-05", set("for", object{"person": "nightlead"}), `is for "nightlead", who is not in the room`},
		"an action for an absent organisation":    {"act-05", set("for", object{"org": "X4S"}), `is for "X4S"`},
		"an action its assignee does not receive": {"act-07", set("for", object{"person": "ciso"}), "does not receive it"},
		"an action overdue when raised":           {"act-05", set("due", "2017-05-12T16:10:00+01:00"), "due is not after"},
		"an action of a decision that is over":    {"act-12", set("carries", "dec-09"), "no decision that stands"},
		"an action by an auditor":                 {"act-16", set("by", "auditor"), "not in the room"},
		"an action accepted by a host":            {"accept-02", set("by", "lead"), "only those it is for"},
		"an action finished by a host":            {"done-01", set("by", "ncsc"), "only those it is for"},
		"an action finished before accepted":      {"accept-04", func(o object) { o["type"], o["text"] = "chase", "Will you?"; o["by"] = "lead" }, `"act-04" is raised`},
		"an action declined after finished":       {"decline-01", set("target", "act-04"), "does not follow"},
		"an action done without evidence":         {"done-01", unset("text"), "needs text"},
		"an action handed to nobody here":         {"hand-01", within("for", "person", "outsider"), "not in the room"},
		"an action handed to its owner":           {"hand-01", within("for", "person", "ciso"), "theirs already"},
		"an action chased by a guest":             {"chase-01", set("by", "contact"), "a host chases"},
		"an action taken back by a guest":         {"withdraw-01", func(o object) { o["by"], o["target"] = "ciso", "act-08" }, "takes it back"},
		"an action about a decision":              {"accept-02", set("target", "dec-01"), "no action before it"},
		"a book kept by a guest":                  {"book-01", set("by", "ciso"), "not in the room"},
		"a book kept by a liaison":                {"book-01", set("by", "ncsc"), "keeps no book"},
		"a book kept for its loggist":             {"book-01", within("for", "person", "loggist"), "for someone else"},
		"a book kept for nobody here":             {"book-01", within("for", "person", "director"), "not in the room"},
		"a book for named eyes only": {"book-01", func(o object) {
			o["label"] = "TLP:RED"
			o["audience"] = object{"kind": "named", "people": []any{"loggist", "lead"}}
		}, "never TLP:RED"},
		"a book after one that is open": {"end-01", func(o object) { o["type"], o["text"] = "line", "Still open." }, "no closed book"},
		"a signal agreed by another":    {"agreed-01", set("by", "ncsc"), "only Priya Anand"},
		"a line by another":             {"line-02", set("by", "lead"), "only its loggist"},
		"a line in a closed book":       {"line-11", set("target", "book-01"), "no open book"},
		"a line of what is to come":     {"line-01", set("occurred", "2017-05-12T13:12:00+01:00"), "occurred is after"},
		"a line from nobody's paper":    {"line-05", within("paper", "by", ""), "whose hand"},
		"a line corrected by another":   {"reline-01", set("by", "lead"), "somebody else wrote"},
		"a correction of no line":       {"reline-01", set("target", "m-034"), "no line before it"},
		"a correction in a closed book": {"line-11", func(o object) {
			o["type"], o["target"] = "reline", "line-06"
			delete(o, "paper")
			delete(o, "occurred")
			delete(o, "cites")
		}, "of a book that is closed"},
		"a decision marked public record": {"dec-02", set("provenance", "public record"), "only facts"},
		"a message with a decision":       {"m-005", set("decision", object{"decision": "x"}), "has no decision"},
		"a decision with a deadline":      {"dec-02", set("due", "2017-05-12T18:00:00+01:00"), "has no due"},
	} {
		t.Run(name, func(t *testing.T) {
			var file object
			if err := json.Unmarshal(wannacry, &file); err != nil {
				t.Fatal(err)
			}
			spoilt := file
			if c.item != "" {
				spoilt = find(t, file, c.item)
			}
			c.spoil(spoilt)
			changed, err := json.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = decode(changed)
			if err == nil {
				t.Fatal("it is taken")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("refused, but not with %q:\n%v", c.says, err)
			}
		})
	}
}

func TestAKeyGivenTwiceIsRefused(t *testing.T) {
	twice := strings.Replace(string(wannacry), `"id": "m-005",`, `"id": "m-005", "by": "lead",`, 1)
	if _, err := decode([]byte(twice)); err == nil || !strings.Contains(err.Error(), `key "by" stands twice`) {
		t.Errorf("got %v", err)
	}
}

func TestWhatFollowsTheScriptIsRefused(t *testing.T) {
	if _, err := decode(append(slices.Clone(wannacry), "{}"...)); err == nil {
		t.Error("it is taken")
	}
	if _, err := decode(wannacry[:len(wannacry)/2]); err == nil {
		t.Error("half a script is taken")
	}
}

func TestAReplyTakesItsParentsLabelAndAudience(t *testing.T) {
	var file object
	if err := json.Unmarshal(wannacry, &file); err != nil {
		t.Fatal(err)
	}
	maps.Copy(find(t, file, "m-036"), object{"replyTo": "m-035"})
	changed, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := decode(changed)
	if err != nil {
		t.Fatal(err)
	}
	reply := s.item(t, "m-036")
	if reply.Label != Red || !slices.Equal(reply.Audience.People, []string{"ncsc", "lead", "director"}) {
		t.Errorf("the reply to a RED message is %s to %v", reply.Label, reply.Audience)
	}
}

func (s *Script) item(t testing.TB, id string) Item {
	t.Helper()
	for _, item := range s.Items {
		if item.ID == id {
			return item
		}
	}
	t.Fatalf("no item %s", id)
	return Item{}
}

func find(t *testing.T, file object, id string) object {
	t.Helper()
	for _, item := range file["items"].([]any) {
		if item.(object)["id"] == id {
			return item.(object)
		}
	}
	t.Fatalf("no item %s", id)
	return nil
}

func set(key string, value any) func(object) { return func(o object) { o[key] = value } }

func within(part, key string, value any) func(object) {
	return func(o object) { o[part].(object)[key] = value }
}

func unset(key string) func(object) { return func(o object) { delete(o, key) } }

func first(list, key string, value any) func(object) {
	return func(o object) { o[list].([]any)[0].(object)[key] = value }
}
