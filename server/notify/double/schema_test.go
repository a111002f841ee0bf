package double_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wardroom/server/notify/double"
)

// schema is as much of OpenAPI 3.0 as GOV.UK Notify's own description uses.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Nullable   bool               `json:"nullable"`
	Enum       []any              `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	OneOf      []*schema          `json:"oneOf"`
	Title      string             `json:"title"`
	Text       string             `json:"description"`
}

type schemas map[string]*schema

// published reads what GOV.UK Notify publishes of its answers.
func published(t *testing.T) schemas {
	t.Helper()
	file := filepath.Join(repository(t), "..", "shared", "data", "notify", "openapi", "schema.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("SKIPPED: %s is not on this machine, so answers are not held against what GOV.UK Notify publishes of them: %v", file, err)
	}
	var all struct {
		Components struct{ Schemas schemas }
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Components.Schemas
}

// differs says where a value is not as its schema has it: of another type, not
// one of its values, a property too many or one that is always there missing.
func (all schemas) differs(s *schema, v any, at string) (wrong []string) {
	if s.Ref != "" {
		return all.differs(all[s.Ref[strings.LastIndex(s.Ref, "/")+1:]], v, at)
	}
	if len(s.OneOf) > 0 {
		kind := v.(map[string]any)["type"]
		for _, one := range s.OneOf {
			if one.Title == kind {
				return all.differs(one, v, at)
			}
		}
		return []string{fmt.Sprintf("%s is of the type %v", at, kind)}
	}
	// The description says "optional" of what may be null, and calls it so
	// nowhere else.
	if v == nil && (s.Nullable || strings.HasPrefix(s.Text, "optional") || slices.Contains([]string{"sent_at", "completed_at"}, at[strings.LastIndex(at, ".")+1:])) {
		return nil
	}
	is := map[string]bool{}
	switch x := v.(type) {
	case string:
		is["string"] = true
	case bool:
		is["boolean"] = true
	case float64:
		is["number"], is["integer"] = true, x == float64(int64(x))
	case []any:
		is["array"] = true
		for i, item := range x {
			wrong = append(wrong, all.differs(s.Items, item, fmt.Sprintf("%s.%d", at, i))...)
		}
	case map[string]any:
		is["object"] = true
		if len(s.Properties) == 0 {
			break // anything
		}
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if p := s.Properties[name]; p != nil {
				wrong = append(wrong, all.differs(p, x[name], at+"."+name)...)
			} else if !loose(at) {
				wrong = append(wrong, at+"."+name+" is not published")
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if _, ok := x[name]; !ok && !loose(at) && name != "next" {
				wrong = append(wrong, at+"."+name+" is missing")
			}
		}
	}
	if !is[s.Type] {
		wrong = append(wrong, fmt.Sprintf("%s is %v, want a %s", at, v, s.Type))
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		wrong = append(wrong, fmt.Sprintf("%s is %v, want one of %v", at, v, s.Enum))
	}
	return wrong
}

// loose are objects whose names depend on the template or the message.
func loose(at string) bool {
	return strings.HasSuffix(at, ".sanitised_content") || strings.HasSuffix(at, ".personalisation") || strings.HasSuffix(at, ".cost_details")
}

func TestAnswersAreAsNotifyPublishesThem(t *testing.T) {
	all := published(t)
	s := start(t, func(o *double.Options) {
		o.Keys = append(o.Keys, double.Key{Name: "known", Secret: nowhere, Kind: double.Live})
	})
	if err := s.Receive(phone(t, hannah), "Hello"); err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body string) any {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": service, "iat": s.clock.Now().Unix()}).SignedString([]byte(nowhere))
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(method, path, bytes.NewReader([]byte(body)))
		req.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code/100 != 2 || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("%s %s: %d %v %s", method, path, w.Code, w.Header(), w.Body)
		}
		var v any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	check := func(name, as string, v any) {
		t.Helper()
		if all[as] == nil {
			t.Fatalf("%s is not published", as)
		}
		for _, wrong := range all.differs(all[as], v, name) {
			t.Error(wrong)
		}
	}
	sms := ask("POST", "/v2/notifications/sms", `{"phone_number":"07700900123","template_id":"`+askName+`","personalisation":{"name":"Amala"},"reference":"r"}`)
	check("sms", "SendTextMessageResponse", sms)
	mail := ask("POST", "/v2/notifications/email", `{"email_address":"a@example.com","template_id":"`+listed+`","personalisation":{"name":"Amala","first_name":"Amala","things":["a"],"late":false},"reference":"r"}`)
	check("email", "SendEmailResponse", mail)
	id := func(v any) string { return v.(map[string]any)["id"].(string) }
	for _, after := range []time.Duration{0, time.Second, 2 * time.Second} {
		s.clock.set(s.clock.Now().Add(after))
		check("get sms", "GetOneMessageResponse", ask("GET", "/v2/notifications/"+id(sms), ""))
		check("get email", "GetOneMessageResponse", ask("GET", "/v2/notifications/"+id(mail), ""))
	}
	check("list", "GetMultipleMessagesResponse", ask("GET", "/v2/notifications", ""))
	check("texts", "GetReceivedTextMessagesResponse", ask("GET", "/v2/received-text-messages", ""))
	check("template", "TemplateResponse", ask("GET", "/v2/template/"+askName, ""))
	check("templates", "TemplatesResponse", ask("GET", "/v2/templates", ""))
	check("preview sms", "TemplatePreviewResponse", ask("POST", "/v2/template/"+askName+"/preview", `{"personalisation":{"name":"Amala"}}`))
	check("preview email", "TemplatePreviewResponse", ask("POST", "/v2/template/"+listed+"/preview", `{"personalisation":{"name":"Amala","first_name":"a","things":[],"late":1}}`))

	var callback any
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { json.NewDecoder(r.Body).Decode(&callback) }))
	defer server.Close()
	s = start(t, func(o *double.Options) { o.Receipts = double.Callback{URL: server.URL, Bearer: "bearer"} })
	if _, err := s.client(t, "a-live-key").Email(t.Context(), s.ids, [16]byte{1}, notice(t, 1), email(t, "a@example.com")); err != nil {
		t.Fatal(err)
	}
	s.clock.set(s.clock.Now().Add(time.Minute))
	s.Deliver(t.Context())
	check("receipt", "EmailCallbackRequest", callback)
}
