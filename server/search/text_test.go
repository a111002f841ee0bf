package search

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
)

// fill writes a word of its own into every plain string of a body and what it
// is made of, and says where it stands.
func fill(v reflect.Value, at string, words map[string]string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), at, words)
	case reflect.Struct:
		if v.Type().PkgPath() == "time" || v.Type() == reflect.TypeFor[incident.Instant]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), at+"."+f.Name, words)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), at, words)
	case reflect.Array:
		fill(v.Index(0), at, words)
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			word := fmt.Sprintf("word%d", len(words))
			v.SetString(word)
			words[word] = at
		}
	}
}

// unsearched are plain strings that are not searched, by the end of where they
// stand, and why.
var unsearched = map[string]string{
	".Origin": "a log's", ".LeafHash": "a number", ".Root": "a number", ".HeldRoot": "a number", ".ID": "an id", ".Invitation": "an id", ".Issuer": "an address of machines", ".ODS": "a code of the organisation, which is found by its name",
	".Report": "an id", ".Criteria": "one of a list", ".Sources.Kind": "one of a list", ".Field": "a place in an entry", "export.approved.Policy": "a hash", "clock.set.Script": "a script's name", "member.joined.How": "one of a list",
	"inject.given.At": "the script's time", "inject.given.Sources": "the script's numbers",
	"broadcast.asked.Hash": "a number", "broadcast.asked.List": "an id",
	"Chain.Seat.Name": "the step's own name beside it", "Chain.Seat.OrgName": "stands in the roster once they come",
	"export.requested.Recipient.Address": "where it is brought", "Redactions.Reason": "stands in the bundle, beside what is taken out",
}

// unsearchedKinds say what stands elsewhere in the same room.
var unsearchedKinds = map[string]string{"promotion.agreed": "what the question is about, which is found where it stands"}

func excuse(place string) (key string) {
	for end := range unsearched {
		if strings.HasSuffix(place, end) {
			return end
		}
	}
	return ""
}

// Whoever adds a kind of event, or a text to one, says here whether people
// find it.
func TestWhatPeopleWriteIsFoundOrSaidNotToBe(t *testing.T) {
	used := map[string]bool{}
	for _, k := range incident.Kinds() {
		if info, _ := k.Info(); info.Log != incident.RoomLog || unsearchedKinds[string(k)] != "" {
			continue
		}
		body, err := incident.NewBody(k)
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]string{}
		fill(reflect.ValueOf(body).Elem(), string(k), words)
		said := strings.Join(texts(body), " ") + " "
		for _, word := range slices.Sorted(maps.Keys(words)) {
			key := excuse(words[word])
			switch found := strings.Contains(said, word+" "); {
			case !found && key == "":
				t.Errorf("%s is not found", words[word])
			case found && key != "":
				t.Errorf("%s is found, and said not to be", words[word])
			}
			used[key] = true
		}
	}
	for end := range unsearched {
		if !used[end] {
			t.Errorf("there is no %s", end)
		}
	}
}
