package export_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"wardroom/server/export"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/projection"
)

// lying is a journal whose rows say something else.
type lying struct {
	j   *journal.Journal
	row func(*projection.Root)
}

func (l lying) Record(ctx context.Context, log incident.LogID, from incident.Seq, limit int) ([]journal.Row, error) {
	rows, err := l.j.Record(ctx, log, from, limit)
	for i := range rows {
		if rows[i].Stored != nil && l.row != nil {
			changed := *rows[i].Stored
			l.row(&changed)
			rows[i].Stored = &changed
		}
	}
	return rows, err
}

func TestWhatPolicyGivesAndTheRowsDoNotAllowGoesToNobody(t *testing.T) {
	b := newBench(t)
	said := b.say(b.lead, "Canary of the second wall", incident.Amber, nil)
	root := b.ask(1, said)
	b.agree(root)
	b.approve(root)
	for name, lie := range map[string]func(*projection.Root){
		"red":      func(r *projection.Root) { r.TLP = incident.Red },
		"no label": func(r *projection.Root) { r.TLP = "" },
		"for few": func(r *projection.Root) {
			r.Audience = incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"DSC"}}
		},
		"a guest's":    func(r *projection.Root) { r.TLP, r.Org = incident.AmberStrict, "X1N" },
		"no audience":  func(r *projection.Root) { r.Audience = incident.Audience{} },
		"of an export": func(r *projection.Root) { r.Kind = "export.requested" },
	} {
		var log, out bytes.Buffer
		e := export.New(export.Options{Seals: b.seals, Log: slog.New(slog.NewTextHandler(&log, nil)), Journal: lying{j: b.Journal, row: func(r *projection.Root) {
			if r.Seq == said {
				lie(r)
			}
		}}})
		_, err := e.Build(context.Background(), b.order(root), &out)
		if incident.FaultOf(err) != incident.Conflict || bytes.Contains(out.Bytes(), []byte("Canary")) {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(log.String(), "not by the rows") || strings.Contains(log.String(), "Canary") {
			t.Errorf("%s: the log says %q", name, log.String())
		}
	}
	if _, err := b.exporter.Build(context.Background(), b.order(root), io.Discard); err != nil {
		t.Errorf("with the rows as they are: %v", err)
	}
}

func TestACheckpointThatIsNotTheOneApprovedBuildsNothing(t *testing.T) {
	b := newBench(t)
	said := b.say(b.lead, "said", incident.Amber, nil)
	root := b.ask(1, said)
	b.agree(root)
	b.approve(root)
	o := b.order(root)
	o.Export.Approved.Note = strings.Repeat("0", 64)
	var out bytes.Buffer
	if _, err := b.exporter.Build(context.Background(), o, &out); err == nil || out.Len() != 0 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
	o = b.order(root)
	o.Export.Approved = nil
	if _, err := b.exporter.Build(context.Background(), o, &out); err == nil || out.Len() != 0 {
		t.Errorf("not approved: %v, %d bytes", err, out.Len())
	}
}
