package exercise

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAtThePauseTheRoomIsTheOneTheDemonstrationOpensOn holds 12 May, 16:10: the
// sixteen trusts of 16:00, the N3 cut of 16:10 last, and one entry that the
// CISO's trust does not receive.
func TestAtThePauseTheRoomIsTheOneTheDemonstrationOpensOn(t *testing.T) {
	s := load(t)
	if !s.Pause.Equal(instant(t, "2017-05-12T16:10:00+01:00")) {
		t.Fatalf("the pause is %s", s.Pause)
	}
	var sixteen, briefs int
	var withheld []Item
	played := s.Between(s.Start.Add(-1), s.Pause)
	in := map[string]bool{}
	for _, item := range played {
		switch item.Type {
		case TypeFact:
			if strings.Contains(item.Text, "16") && item.At == "2017-05-12T16:00:00+01:00" {
				sixteen++
			}
		case TypeBrief:
			briefs++
		case TypeJoin:
			in[item.By] = true
		case TypeMessage:
			a := item.Audience
			if a.Kind == AudienceHosts || a.Kind == AudienceNamed && !slices.Contains(a.People, "ciso") {
				withheld = append(withheld, item)
			}
		}
	}
	if sixteen != 1 {
		t.Errorf("%d entries at 16:00 say that 16 trusts report", sixteen)
	}
	if last := played[len(played)-1]; last.Org != "RNQ" || last.At != "2017-05-12T16:10:00+01:00" {
		t.Errorf("the last entry is %s", last.ID)
	}
	if len(withheld) != 1 || withheld[0].Label != Red || withheld[0].By != "ncsc" || !in["ciso"] || !in["colleague"] {
		t.Errorf("withheld from the CISO: %v", withheld)
	}
	if briefs < 3 {
		t.Errorf("%d versions of the brief", briefs)
	}
	if slices.Contains(withheld[0].Audience.People, "colleague") {
		t.Error("the CISO's colleague receives what she does not")
	}
}

func TestWhatTheScriptHoldsOfEachKind(t *testing.T) {
	s := load(t)
	count := map[string]int{}
	dense := 0
	for _, item := range s.Items {
		count[string(item.Type)]++
		if item.Type != TypeMessage {
			continue
		}
		count[string(item.Label)]++
		count[string(item.Audience.Kind)]++
		if item.ReplyTo != "" {
			count["replies"]++
		}
		if len(item.Mentions) > 0 {
			count["mentions"]++
		}
		if strings.Contains(item.Text, "```") {
			count["code"]++
		}
		if item.At < "2017-05-12T23:00" {
			dense++
		}
	}
	for what, atLeast := range map[string]int{
		"message": 60, "correct": 3, "pin": 5, "note": 10, "brief": 8, "join": 12, "leave": 1, "lifecycle": 4, "report": 1,
		"severity": 3, "lowering": 5, "agree": 4, "refuse": 1, "tier": 2, "decision": 10, "proposal": 1, "take": 1, "add": 1, "confirm": 5, "dispute": 1, "review": 2,
		"action": 12, "accept": 8, "decline": 1, "done": 8, "hand": 1, "chase": 2, "withdraw": 1, "book": 2, "agreed": 2, "line": 10, "reline": 1, "end_book": 2,
		"replies": 40, "mentions": 8, "code": 6, string(Green): 4, string(Clear): 1, string(AmberStrict): 50,
	} {
		if count[what] < atLeast {
			t.Errorf("%s: %d, want at least %d", what, count[what], atLeast)
		}
	}
	for what, exactly := range map[string]int{"hosts": 1, "named": 1, string(Red): 1} {
		if count[what] != exactly {
			t.Errorf("%s: %d, want %d", what, count[what], exactly)
		}
	}
	if count["message"] > 110 || dense < 60 {
		t.Errorf("%d messages, %d of them before 23:00 on the first day", count["message"], dense)
	}
}

func TestTheRoomIsOpenedAndStoodDownWhenTheRecordSays(t *testing.T) {
	s := load(t)
	for _, item := range s.Items {
		if item.State == StoodDown && item.At != s.item(t, "pr-56").At {
			t.Errorf("stood down at %s", item.At)
		}
	}
	if !s.End.Equal(s.item(t, "pr-56").Due) {
		t.Errorf("the exercise ends %s", s.End)
	}
	var raised, withdrawn Item
	for _, item := range s.Items {
		switch {
		case item.Type == TypeSeverity && item.Severity.Scale == NHSLevel && item.Severity.Grade.At == 4 && raised.ID == "":
			raised = item
		case item.Type == TypeAgree:
			withdrawn = item
		}
	}
	declared := s.item(t, "pr-22").Due
	if late := raised.Due.Sub(declared); late < 0 || late > 5*time.Minute {
		t.Errorf("level 4 is set %s after the declaration", late)
	}
	if asked := s.item(t, withdrawn.Target); !withdrawn.Due.Equal(s.End) || asked.Severity.Grade != nil || asked.Severity.Scale != NHSLevel {
		t.Errorf("at the stand-down %s answers %+v", withdrawn.ID, asked.Severity)
	}
}

// TestWhatIsLeftForEachMakerToDo holds that the script never does for its
// people what they are to be found waiting for.
func TestWhatIsLeftForEachMakerToDo(t *testing.T) {
	s := load(t)
	open := map[string]Item{} // what waits for whom, by the id it waits about
	maker := map[string]string{}
	for _, item := range s.Items {
		switch item.Type {
		case TypeDecision, TypeProposal:
			open[item.ID], maker[item.ID] = item, item.Decision.Maker
			delete(open, item.Decision.Supersedes)
			delete(open, item.Decision.Reverses)
		case TypeConfirm, TypeDispute, TypeAccept, TypeDecline, TypeWithdraw:
			delete(open, item.Target)
		case TypeAction:
			open[item.ID], maker[item.ID] = item, item.For.Person
		case TypeHand:
			maker[item.Target] = item.For.Person
		}
	}
	left := map[string]int{}
	for id := range open {
		left[maker[id]]++
	}
	if want := map[string]int{"lead": 1, "director": 1, "nightlead": 1, "ciso": 2}; !maps.Equal(left, want) {
		t.Errorf("what is left to do, by person: %v, want %v", left, want)
	}
}

// killSwitch is the name that stops the malware where it can be reached. Blocking
// it makes machines encrypt that would have stopped (US-CERT TA17-132A).
const killSwitch = "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea"

// TestNobodyIsToldToBlockTheKillSwitch holds the one exchange about it: the
// mistake is answered within minutes, pinned, and corrected by who made it.
func TestNobodyIsToldToBlockTheKillSwitch(t *testing.T) {
	s := load(t)
	var answer Item
	for _, item := range s.Items {
		text := written(item)
		if strings.Contains(text, killSwitch) {
			if strings.Contains(text, killSwitch+".") {
				t.Errorf("%s: the name is not defanged", item.ID)
			}
			if answer.ID == "" {
				answer = item
			}
		}
	}
	if !strings.Contains(answer.Text, "**Do not block it**") || answer.By != "ncsc" {
		t.Fatalf("the first to give the name is %s: %s", answer.ID, answer.Text)
	}
	mistake := s.item(t, answer.ReplyTo)
	var pinned, corrected bool
	for _, item := range s.Items {
		pinned = pinned || item.Type == TypePin && item.Target == answer.ID
		if item.Type == TypeCorrect && item.Target == mistake.ID {
			corrected = strings.Contains(item.Text, "must stay reachable")
		}
		// Whoever else writes of blocking a name says that it must not be done.
		if item.ID == mistake.ID || item.Provenance != Invented {
			continue
		}
		for _, sentence := range regexp.MustCompile(`[.\n]\s`).Split(written(item), -1) {
			low := strings.ToLower(sentence)
			if !strings.Contains(low, "block") && !strings.Contains(low, "den") {
				continue
			}
			if !regexp.MustCompile(`domain|that name|long|off switch`).MatchString(low) {
				continue
			}
			if !regexp.MustCompile(`not block|never be blocked|nobody in this room blocks|except the long|we had denied`).MatchString(low) {
				t.Errorf("%s: %q", item.ID, sentence)
			}
		}
	}
	if !pinned || !corrected {
		t.Errorf("the answer pinned: %v, the mistake corrected: %v", pinned, corrected)
	}
	if gap := answer.Due.Sub(mistake.Due).Minutes(); gap > 5 {
		t.Errorf("the mistake stands for %v minutes", gap)
	}
}

// real are names of those who took part. They stand in the public record and
// nowhere else; no invented person speaks for them or of them.
var real = []string{
	"Kettering", "KGH", "Barts", "Royal London", "Broomfield", "Lister", "Basingstoke", "Cumberland", "Goole", "Lincolnshire", "Yorkshire", "Humber",
	"NHS England", "NHS Improvement", "NHS Digital", "Department of Health", "DHSC", "Secretary of State", "CareCERT", "NHSmail",
	"Microsoft", "US-CERT", "National Audit", "NAO", "CQC", "National Data Guardian", "Cabinet Office", "MalwareTech",
}

func TestNothingInventedNamesARealOrganisation(t *testing.T) {
	malware := strings.NewReplacer("Microsoft Security Center (2.0) Service", "") // the name it gives itself
	for _, item := range load(t).Items {
		if item.Provenance != Invented {
			continue
		}
		for _, name := range real {
			if strings.Contains(malware.Replace(written(item)), name) {
				t.Errorf("%s names %s", item.ID, name)
			}
		}
	}
}

var (
	telephone = regexp.MustCompile(`\b0\d{3,4} ?\d{3} ?\d{3,4}\b`)
	drama     = regexp.MustCompile(`^(01632 960|07700 900)`) // Ofcom's numbers for use in drama
	address   = regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`)
	tenDigits = regexp.MustCompile(`\b\d{3}[ -]?\d{3}[ -]?\d{4}\b`)
)

func TestNumbersAndAddressesBelongToNobody(t *testing.T) {
	found := 0
	for _, item := range load(t).Items {
		text := written(item)
		for _, n := range telephone.FindAllString(text, -1) {
			found++
			if !drama.MatchString(n) {
				t.Errorf("%s: telephone %s", item.ID, n)
			}
		}
		for _, a := range address.FindAllString(text, -1) {
			found++
			if !strings.HasPrefix(a, "10.") {
				t.Errorf("%s: address %s", item.ID, a)
			}
		}
		for _, n := range tenDigits.FindAllString(text, -1) {
			t.Errorf("%s: %s could be read as an NHS number", item.ID, n)
		}
	}
	if found == 0 {
		t.Error("none found: the patterns no longer fit the script")
	}
}

func TestMarkdownCodeBlocksAreClosed(t *testing.T) {
	for _, item := range load(t).Items {
		if strings.Count(item.Text, "```")%2 != 0 || strings.ContainsAny(item.Text, "\r\t\u00a0\u2028<") || len(item.Text) > 2000 {
			t.Errorf("%s: %q", item.ID, item.Text)
		}
	}
}

// TestTheCastCanSignIn compares with the development identity provider.
func TestTheCastCanSignIn(t *testing.T) {
	file, err := os.ReadFile("../../deploy/dev/idp/accounts.json")
	if os.IsNotExist(err) {
		t.Skip("SKIPPED: deploy/dev/idp/accounts.json is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	var accounts []struct{ Key, Name, Organisation, OrganisationName, JobTitle string }
	if err := json.Unmarshal(file, &accounts); err != nil {
		t.Fatal(err)
	}
	s := load(t)
	for _, p := range s.Cast {
		o, _ := s.Organisation(p.Org)
		found := false
		for _, a := range accounts {
			if a.Key == p.Key {
				found = true
				if a.Name != p.Name || a.Organisation != p.Org || a.OrganisationName != o.Name || a.JobTitle != p.JobTitle {
					t.Errorf("%s signs in as %+v, and is %+v of %s", p.Key, a, p, o.Name)
				}
			}
		}
		if !found {
			t.Errorf("%s cannot sign in", p.Key)
		}
	}
}
