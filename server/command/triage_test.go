package command_test

import (
	"fmt"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func TestWhoFilesReportsAndHowMany(t *testing.T) {
	r := newRecord(t)
	n := 0
	file := func(more func(*command.FileReport)) command.FileReport {
		n++
		f := command.FileReport{Report: fmt.Sprint("r", n), Reference: fmt.Sprint("REP-", n), Org: "X1N", Via: incident.ViaWeb,
			Ethane: incident.Ethane{What: incident.Troubles[0], Mail: incident.MailIsSafe, Text: "Screens are red"}}
		if more != nil {
			more(&f)
		}
		return f
	}
	r.want("of another organisation", r.as(r.by("guest admin"), file(nil)), incident.NotFound)
	r.want("by a host on the web", r.as(r.by("lead"), file(nil)), incident.NotFound)
	r.want("a guest, by telephone", r.as(r.by("ciso"), file(func(f *command.FileReport) { f.Via = incident.ViaTelephone })), incident.NotFound)
	for range command.FiledAnHour {
		r.want("one's own", r.as(r.by("ciso"), file(nil)), "")
	}
	r.want("the sixth in an hour", r.as(r.by("ciso"), file(nil)), incident.TooMany)
	r.want("a colleague's", r.as(r.by("elsewhere"), file(nil)), "")
	r.want("a host's, by telephone", r.as(r.by("lead"), file(func(f *command.FileReport) { f.Via = incident.ViaTelephone })), "")
	r.now = r.now.Add(time.Hour)
	r.want("an hour later", r.as(r.by("ciso"), file(nil)), "")
	for _, c := range []command.Command{command.NoteReport{Report: "r4"}, command.AnswerReport{Report: "r4", Text: "We ring"}, command.CallReport{Report: "r4"}, command.CloseReport{Report: "r4", Reason: "Over"}} {
		r.want(fmt.Sprintf("%T by who filed it", c), r.as(r.by("ciso"), c), incident.NotFound)
		r.want(fmt.Sprintf("%T by a host", c), r.as(r.by("ncsc"), c), "")
	}
	r.want("closed already", r.as(r.by("ncsc"), command.NoteReport{Report: "r4"}), incident.Conflict)
	r.want("what the house alone says", r.as(r.by("lead"), command.AddReport{Report: "r5", Room: "room"}), incident.NotFound)
}
