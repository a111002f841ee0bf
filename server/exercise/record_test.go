package exercise

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shared is the folder of reference data beside the repository. It is no part of
// it: without the folder these comparisons cannot be made, and say so.
const shared = "../../../shared"

func reference(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(shared, path))
	if os.IsNotExist(err) {
		t.Skipf("SKIPPED: the reference data %s is not beside this checkout", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// recorded is an entry of the compiled timeline.
type recorded struct {
	Seq       int
	TS        string
	Precision string
	Actor     string
	Kind      string
	Text      string
	Sources   []string
	Org       string
	Conflict  string `json:"source_conflict"`
}

func timeline(t *testing.T) []recorded {
	t.Helper()
	var file struct{ Entries []recorded }
	if err := json.Unmarshal(reference(t, "data/timeline/wannacry-nhs-timeline.json"), &file); err != nil {
		t.Fatal(err)
	}
	return file.Entries
}

// facts are the public record of the script in the order of their ids, which is
// that of the timeline.
func facts(t *testing.T) []Item {
	t.Helper()
	var facts []Item
	for _, item := range load(t).Items {
		if item.Type == TypeFact {
			facts = append(facts, item)
		}
	}
	slices.SortFunc(facts, func(a, b Item) int { return strings.Compare(a.ID, b.ID) })
	return facts
}

func TestSixtyFiveFactsEachWithASource(t *testing.T) {
	facts := facts(t)
	if len(facts) != 65 {
		t.Errorf("%d facts", len(facts))
	}
	s := load(t)
	for _, fact := range facts {
		if fact.Provenance != PublicRecord || len(fact.Sources) == 0 || s.Cite(fact.Sources[0]) == "" {
			t.Errorf("%s: %s, sources %v", fact.ID, fact.Provenance, fact.Sources)
		}
	}
}

var figure = regexp.MustCompile(`\d[\d,./:-]*\d|\d`)

func TestTheFactsAreThoseOfTheRecord(t *testing.T) {
	record, facts := timeline(t), facts(t)
	if len(facts) != len(record) {
		t.Fatalf("%d facts, %d on record", len(facts), len(record))
	}
	for i, r := range record {
		fact := facts[i]
		if !strings.HasPrefix(r.TS, fact.At) {
			t.Errorf("%s is dated %s, on record %s", fact.ID, fact.At, r.TS)
		}
		if want := precisionOf(r); fact.Precision != want {
			t.Errorf("%s is given as %q, on record %q, so %q", fact.ID, fact.Precision, r.Precision, want)
		}
		if fact.Actor != r.Actor || fact.Kind != r.Kind || fact.Org != r.Org {
			t.Errorf("%s is %s by %s (%s), on record %s by %s (%s)", fact.ID, fact.Kind, fact.Actor, fact.Org, r.Kind, r.Actor, r.Org)
		}
		if len(fact.Sources) != len(r.Sources) {
			t.Errorf("%s cites %d sources, on record %d", fact.ID, len(fact.Sources), len(r.Sources))
		}
		if r.Conflict != "" && fact.Conflict == "" {
			t.Errorf("%s leaves out that sources differ: %s", fact.ID, r.Conflict)
		}
		for _, n := range figure.FindAllString(r.Text+" "+r.Conflict, -1) {
			if !slices.Contains(figure.FindAllString(fact.Text+" "+fact.Conflict, -1), n) {
				t.Errorf("%s leaves out the figure %s of %q", fact.ID, n, r.Text)
			}
		}
		undated := strings.Contains(r.Text, "date not recorded") || strings.Contains(r.Text, "date of total not recorded") || strings.HasPrefix(r.Precision, "during")
		if fact.Undated != undated {
			t.Errorf("%s: undated is %v; on record %q, %q", fact.ID, fact.Undated, r.Precision, r.Text)
		}
		if shown := ShownTime(fact); fact.Precision == Placed && strings.Contains(shown, ":") {
			t.Errorf("%s shows a time that nobody recorded: %s", fact.ID, shown)
		}
	}
}

// precisionOf is how the record's own words on precision are to be given.
func precisionOf(r recorded) Precision {
	switch {
	case slices.Contains([]string{"minute", "approximate", "day", "month", "year"}, r.Precision):
		return Precision(r.Precision)
	case strings.HasPrefix(r.Precision, "just after"):
		return Approximate
	case strings.HasPrefix(r.Precision, "from"):
		return From
	case strings.HasPrefix(r.Precision, "by"):
		return By
	}
	return Placed // an afternoon, an evening, or a place in the order and no more
}

// run is the length from which on the same words count as copied.
const run = 8

var word = regexp.MustCompile(`[a-z0-9']+`)

// runs are all runs of words of a text.
func runs(text string) []string {
	words := word.FindAllString(strings.ToLower(text), -1)
	var all []string
	for i := 0; i+run <= len(words); i++ {
		all = append(all, strings.Join(words[i:i+run], " "))
	}
	return all
}

// written is all that an item says in words.
func written(item Item) string {
	parts := []string{item.Text, item.Conflict}
	if b := item.Brief; b != nil {
		lines := b.Lines()
		parts = append(parts, lines[:]...)
	}
	if r := item.Report; r != nil {
		parts = append(parts, r.Major, r.Exact, r.Type, r.Hazards, r.Access, r.Number, r.Emergency)
	}
	if d := item.Decision; d != nil {
		parts = append(parts, d.Decision, d.Rationale, d.Question, d.Risks, d.Powers, d.Consulted, d.Dissent, d.Expected, d.Outcome)
		for _, o := range d.Options {
			parts = append(parts, o.Text, o.Rejected)
		}
	}
	if p := item.Paper; p != nil {
		parts = append(parts, p.By, p.Page)
	}
	return strings.Join(parts, "\n")
}

func TestNoSentenceIsCopied(t *testing.T) {
	from := map[string]string{} // run → where it stands
	for _, r := range timeline(t) {
		for _, text := range []string{r.Text, r.Conflict} {
			for _, words := range runs(text) {
				from[words] = "the timeline: " + text
			}
		}
	}
	for _, path := range []string{"seeds/000_954019874a0d6fa2.txt", "seeds/001_d32e4a20d51fbb10.txt", "data/ioc/ta17-132a-excerpt.txt", "domain.md"} {
		for _, words := range runs(string(reference(t, path))) {
			from[words] = path
		}
	}
	if len(from) < 5000 {
		t.Fatalf("only %d runs to compare with", len(from))
	}
	for _, item := range load(t).Items {
		for _, words := range runs(written(item)) {
			if where, copied := from[words]; copied {
				t.Errorf("%s has %q of %s", item.ID, words, where)
			}
		}
	}
}

func TestNoFictionalOrganisationIsReal(t *testing.T) {
	var file struct {
		Organisations []struct {
			Code string `json:"ods_code"`
			Name string
		}
	}
	if err := json.Unmarshal(reference(t, "data/orgs/nhs-organisations.json"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Organisations) < 500 {
		t.Fatalf("only %d organisations to compare with", len(file.Organisations))
	}
	s := load(t)
	for _, o := range file.Organisations {
		if len(strings.Fields(o.Name)) < 3 {
			continue // a pharmacy called Well
		}
		for _, ours := range s.Organisations {
			if ours.Standing == Fictional && (ours.Code == o.Code || strings.EqualFold(ours.Name, o.Name)) {
				t.Errorf("%s %s is %s %s", ours.Code, ours.Name, o.Code, o.Name)
			}
		}
		for _, item := range s.Items {
			if item.Provenance == Invented && strings.Contains(strings.ToLower(written(item)), strings.ToLower(o.Name)) {
				t.Errorf("%s is invented and names %s", item.ID, o.Name)
			}
		}
	}
}
