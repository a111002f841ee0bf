package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// importObjects is how many objects the file has that is read.
const importObjects = 5_000

// importRows have the server say what a STIX bundle would bring: it reads every
// object and answers with items. The limit is encoding/json reading the same
// bytes and understanding nothing.
func (g *ground) importRows(ctx context.Context) ([]row, error) {
	room, err := g.openRoom(ctx, "Intelligence arrives")
	if err != nil {
		return nil, err
	}
	if err := g.sessionsFor(ctx, searchSessions*socketsEach); err != nil {
		return nil, err
	}
	bundle := stixBundle(importObjects)
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	r := row{Group: fmt.Sprintf("a STIX 2.1 bundle of %s objects (%s bytes); limit: encoding/json alone", thousands(importObjects), thousands(int64(len(bundle)))),
		Name: "what it would bring", Columns: []column{{Name: "rate", Unit: "objects/s"}, {Name: "wait", Unit: "ms to the answer", Less: true, scale: 1e3}}}
	g.note("import: %d objects", importObjects)
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		var took time.Duration
		times := 0
		for began := time.Now(); time.Since(began) < g.bench.For || times < 2; {
			from := time.Now()
			if s == limit {
				var v any
				if err := json.Unmarshal(bundle, &v); err != nil {
					return nil, err
				}
				took, times = took+time.Since(from), times+1
				continue
			}
			answer, err := g.askAs(ctx, g.nextSession(), client, "/api/v1/rooms/"+string(room)+"/intel/preview?format=stix", "application/octet-stream", bundle)
			if errors.Is(err, errTooMany) {
				continue
			}
			if err != nil {
				return nil, err
			}
			took, times = took+time.Since(from), times+1
			if n := strings.Count(string(answer), ".callback.example"); n < importObjects-2 {
				return nil, fmt.Errorf("of %d objects %d are in the answer", importObjects, n)
			}
		}
		each := took.Seconds() / float64(times)
		return sample{"rate": importObjects / each, "wait": each}, nil
	})
	return []row{r}, err
}

// stixBundle is a bundle of so many objects: indicators, and who made them.
func stixBundle(objects int) []byte {
	const at = `"created":"2026-03-02T09:00:00.000Z","modified":"2026-03-02T09:00:00.000Z"`
	const maker = `identity--0f000000-0000-4000-8000-000000000000`
	list := []string{`{"type":"identity","spec_version":"2.1","id":"` + maker + `",` + at + `,"name":"Northmoor NHS Trust","identity_class":"organization"}`}
	for i := len(list); i < objects; i++ {
		list = append(list, fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--0e000000-0000-4000-8000-%012x",%s,"created_by_ref":"%s","name":"C2 of a campaign","indicator_types":["malicious-activity"],"labels":["a","b"],"pattern":"[domain-name:value = 'host%d.callback.example']","pattern_type":"stix","valid_from":"2026-03-02T09:00:00Z"}`,
			i, at, maker, i))
	}
	return []byte(`{"type":"bundle","id":"bundle--0d000000-0000-4000-8000-000000000000","objects":[` + strings.Join(list, ",") + `]}`)
}
