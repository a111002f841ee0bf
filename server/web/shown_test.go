package web_test

import (
	"encoding/json"
	"os"
	"path"
	"testing"
)

// Whoever chooses whom something goes to can say what they were shown of that:
// a new command that takes an audience and does not would be sent unseen.
func TestWhateverTakesAnAudienceTakesWhatWasShownOfIt(t *testing.T) {
	unseen := map[string]string{
		"tighten-entry":   "lets nobody in",
		"request-release": "goes to its originator, who is shown whom it would let in",
		"ask-promotion":   "is said in another room, once it is agreed to",
	}
	b, err := os.ReadFile("../../schema/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	type schema struct {
		Ref        string                     `json:"$ref"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	var api struct {
		Paths map[string]map[string]struct {
			ID          string `json:"operationId"`
			RequestBody struct {
				Content map[string]struct {
					Schema schema `json:"schema"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(b, &api); err != nil {
		t.Fatal(err)
	}
	taking := 0
	for _, ways := range api.Paths {
		for _, op := range ways {
			in := op.RequestBody.Content["application/json"].Schema
			if in.Ref != "" {
				in = api.Components.Schemas[path.Base(in.Ref)]
			}
			if in.Properties["audience"] == nil {
				continue
			}
			taking++
			if excuse, ok := unseen[op.ID]; ok == (in.Properties["shown"] != nil) {
				t.Errorf("%s: takes what was shown: %v; it is said that it %q", op.ID, !ok, excuse)
			}
		}
	}
	if taking < 10 {
		t.Errorf("only %d commands take an audience: this looks at the wrong place", taking)
	}
}
