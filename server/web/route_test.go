package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write schema/openapi.json anew")

const contractFile = "../../schema/openapi.json"

func TestTheContractOnFileIsTheOneInForce(t *testing.T) {
	now, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(contractFile, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	on, err := os.ReadFile(contractFile)
	if err != nil || !bytes.Equal(on, now) {
		t.Fatalf("schema/openapi.json is not the contract in force (%v): go test ./server/web -run Contract -update", err)
	}
}

func TestNoRouteIsUnlisted(t *testing.T) {
	s := &Server{}
	var listed []string
	for _, r := range s.Routes() {
		switch r.Access {
		case Public, SignedIn, Member, Organisation, Host, Admin, Feed:
		default:
			t.Errorf("%s %s: %q says nobody and everybody", r.Method, r.Pattern, r.Access)
		}
		listed = append(listed, strings.TrimSpace(r.Method+" "+r.Pattern))
	}
	mounted := slices.Clone(s.mux.patterns)
	slices.Sort(listed)
	slices.Sort(mounted)
	if !slices.Equal(listed, mounted) {
		t.Fatalf("listed and mounted routes differ:\n%s\n\n%s", strings.Join(listed, "\n"), strings.Join(mounted, "\n"))
	}
	for _, r := range s.Routes() {
		inRoom, admin := strings.Contains(r.Pattern, "/rooms/{room}"), strings.HasPrefix(r.Pattern, apiPrefix+"/admin")
		machine := strings.HasPrefix(r.Pattern, "/taxii2/") && r.Method != "" // all but what answers that there is nothing
		if machine != (r.Access == Feed) || !machine && inRoom != (r.Access == Member) {
			t.Errorf("%s %s is for %s", r.Method, r.Pattern, r.Access)
		}
		if contacts := strings.Contains(r.Pattern, "/directory/{code}/contacts"); contacts && r.Access != Organisation || r.Access == Organisation && !strings.Contains(r.Pattern, "{code}") {
			t.Errorf("%s %s is for %s", r.Method, r.Pattern, r.Access)
		}
		if admin != (r.Access == Admin) {
			t.Errorf("%s %s is for %s", r.Method, r.Pattern, r.Access)
		}
	}
}

func TestEveryOperationSaysWhatItIsForAndTakesNothingUnknown(t *testing.T) {
	b, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID, Summary string
			Responses            map[string]any
		}
		Components struct {
			Schemas map[string]struct {
				Type                 string
				AdditionalProperties *bool
				Properties           map[string]any
			}
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	ids := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			if o.OperationID == "" || ids[o.OperationID] || o.Summary == "" || len(o.Responses) < 2 {
				t.Errorf("%s %s: %+v", method, path, o)
			}
			ids[o.OperationID] = true
		}
	}
	for name, s := range doc.Components.Schemas {
		if s.Type == "object" && (s.AdditionalProperties == nil || *s.AdditionalProperties) {
			t.Errorf("%s takes unknown fields", name)
		}
	}
	if strings.Contains(string(b), "$schema") {
		t.Error("answers carry a $schema")
	}
}
