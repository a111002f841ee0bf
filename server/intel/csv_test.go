package intel

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wardroom/server/incident"
)

func TestNoCellIsOneThatASpreadsheetWouldRun(t *testing.T) {
	var records []Record
	for _, bad := range []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1", "\u3000=1", "\uff1d1", "'=1", "=cmd|' /C calc'!A0", "|x", "%x"} {
		records = append(records, Record{TLP: incident.Green, Originator: bad, Item: incident.Item{Title: bad,
			Indicators: []incident.Indicator{{Kind: incident.OtherIOC, Value: bad, Note: bad, Tags: []string{bad}, ID: bad, CVSS: bad}}}})
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, records); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != len(records)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if first := strings.TrimLeft(cell, " \u3000"); first != "" && strings.ContainsAny(first[:1], "=+-@|%") || strings.HasPrefix(first, "\uff1d") {
				t.Errorf("a cell begins as a formula: %q", cell)
			}
		}
	}
}

func TestATableIsReadAndABrokenOneRefusedWhereItBreaks(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
		why          string
	}{
		{"value,tlp\na.example,TLP:PINK\n", 2, 11, "no TLP label"},
		{"value,pap\na.example,PAP:9\n", 2, 11, "no PAP label"},
		{"value,note\na.example,\"x\n", 2, 14, "not CSV"},
		{"a,b\n1,2\n", 1, 1, "names no column"},
		{"hello there\nmy friend\n", 0, 0, "neither a table"},
		{"1.2.3.4\nTLP:RED\nTLP:GREEN\n", 3, 1, "Two TLP labels"},
	} {
		_, err := ParseCSV(strings.NewReader(c.text), DefaultLimits)
		var r *Refusal
		if !errors.As(err, &r) || r.Line != c.line || r.Column != c.column || !strings.Contains(r.Why, c.why) {
			t.Errorf("%q: %v, want line %d, column %d, %q", c.text, err, c.line, c.column, c.why)
		}
	}
	got, err := ParseCSV(strings.NewReader("IOC;Type;TLP;Do not block\nhxxp://a[.]example/;url;TLP AMBER;yes\n5bef35496fcbdbe841c82f4d1ab8b7c2;;TLP:WHITE;\nnothing;ipv4;;\n"), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintln(got.Items[0].TLP, got.Items[0].Item.Indicators[0].Value, got.Items[0].Item.Indicators[0].DoNotBlock, got.Items[1].TLP, got.Items[1].Item.Indicators[0].Kind)
	if said != "TLP:AMBER+STRICT http://a.example/ true TLP:CLEAR md5\n" { // WHITE beside it: its AMBER is of version 1
		t.Error(said)
	}
	if len(got.Left) != 1 || got.Left[0].Line != 4 {
		t.Errorf("%+v", got.Left)
	}
}
