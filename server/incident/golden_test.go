package incident_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

var update = flag.Bool("update", false, "write the golden samples in schema/events")

const samples = "../../schema/events"

// sample is an event of the kind with every field filled, the same each time.
func sample(t *testing.T, k incident.Kind) *incident.Event {
	body, err := incident.NewBody(k)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := k.Info()
	fill(reflect.ValueOf(body).Elem(), "")
	e := &incident.Event{Seq: 12, Kind: k, Root: 7, Body: body}
	if info.Root {
		e.Root = e.Seq
	}
	fill(reflect.ValueOf(&e.By).Elem(), "")
	fill(reflect.ValueOf(&e.Times).Elem(), "")
	fill(reflect.ValueOf(&e.Refs).Elem(), "")
	fill(reflect.ValueOf(&e.Authority).Elem(), "")
	if k != "fallback.signed_in" { // the others' samples are older
		e.Authority.Way = ""
	}
	if k != "message.posted" { // nothing else quotes
		e.Refs.Quotes = nil
	}
	if k == "message.posted" { // the others have none
		hash := bytes.Repeat([]byte{7}, 32)
		e.Files = []incident.File{{Commitment: base64.StdEncoding.EncodeToString(hash), ID: "abcdefghijklmnopqrstuvwxyz", Name: "A sample naïve “name”.pdf",
			Salt: base64.StdEncoding.EncodeToString(hash), SHA256: hex.EncodeToString(hash), Size: 1 << 20, Type: "application/pdf"}}
	}
	if info.Marks || (info.Root && !info.Standing && info.Log == incident.RoomLog) {
		e.Marking = &incident.Marking{TLP: incident.AmberStrict, PAP: incident.PAPAmber, Caveat: incident.OfficialSensitive, Originator: "X1N",
			Audience: incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{2, 7}, Orgs: []incident.OrgID{"DSC", "X1N"}}}
		e.Marking.Recorded = k.Recordable() && k != "message.posted" // that one's sample is older
	}
	return e
}

var known = map[string]string{
	"SightingVerdict":  "false_positive",
	"Mode":             "exercise",
	"Lifecycle":        "responding",
	"Roster":           "organisations",
	"TLP":              "TLP:AMBER+STRICT",
	"Role":             "representative",
	"History":          "from_join",
	"OrgType":          "acute_trust",
	"LogKind":          "room",
	"LogID":            "abcdefghijklmnopqrstuvwxyz",
	"PersonID":         "zyxwvutsrqponmlkjihgfedcba",
	"OrgID":            "X1N",
	"Key":              "01JD6K7Q6Z0000000000000000",
	"ErasureGround":    "patient_data",
	"Tier":             "tactical",
	"Scale":            "nhs_level",
	"BreakState":       "behind",
	"SectionVerdict":   "joined",
	"IndicatorKind":    "domain",
	"Reliability":      "B",
	"Credibility":      "2",
	"AudienceKind":     "named",
	"PAP":              "PAP:AMBER",
	"Caveat":           "OFFICIAL-SENSITIVE",
	"ContactRole":      "ciso",
	"ChannelKind":      "sms",
	"Verification":     "rung",
	"Condition":        "disconnect_network",
	"Way":              "rota",
	"Post":             "strategic_commander",
	"BroadcastPurpose": "raised",
	"AlertSeverity":    "high",
	"Applies":          "yes",
	"MailSafe":         "unsure",
	"Rhythm":           "meeting",
	"SignInWay":        "code",
	"Statute":          "gdpr_33",
	"Trouble":          "ransomware",
	"Via":              "telephone",
}

func fill(v reflect.Value, name string) {
	switch v.Interface().(type) {
	case incident.Instant:
		v.Set(reflect.ValueOf(incident.At(time.Date(2026, 5, 12, 15, 10, 0, 123e6, time.UTC))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		s := known[v.Type().Name()]
		if s == "" {
			s = "A sample " + strings.ToLower(name) + " with “quotes”, <angles> & an é."
		}
		v.SetString(s)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(3)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(4)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name)
		}
	default:
		panic("no sample for a " + v.Type().String())
	}
}

func TestEveryKindHasAGoldenSampleItStillWritesAndReads(t *testing.T) {
	for _, k := range incident.Kinds() {
		t.Run(string(k), func(t *testing.T) {
			e := sample(t, k)
			values, err := e.Encode()
			if err != nil {
				t.Fatal(err)
			}
			for slot, v := range values {
				if len(v) > 0 {
					if err := evidence.CheckSorted(v); err != nil {
						t.Errorf("slot %d %s: %v", slot, v, err)
					}
				}
			}
			back, err := incident.Decode(e.Seq, values)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(e, back) {
				t.Errorf("read back as\n%+v, was\n%+v", back, e)
			}
			info, _ := k.Info()
			slots := make([]string, len(values))
			for i, v := range values {
				slots[i] = string(v)
			}
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(map[string]any{"kind": k, "log": info.Log, "root": info.Root, "seq": e.Seq, "slots": slots, "standing": info.Standing}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(samples, string(k)+".json")
			if *update {
				os.MkdirAll(samples, 0o755)
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v: a new kind gets its sample by go test ./server/incident -update", err)
			}
			if !bytes.Equal(want, b.Bytes()) {
				t.Errorf("%s no longer writes what its golden sample shows; stored entries would not hash the same", k)
			}
		})
	}
	files, err := os.ReadDir(samples)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, ok := incident.Kind(strings.TrimSuffix(f.Name(), ".json")).Info(); !ok {
			t.Errorf("%s is the sample of a kind nobody knows %+v", f.Name(), info)
		}
	}
}
