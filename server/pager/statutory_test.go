package pager_test

import (
	"context"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/pager"
)

func TestAClockRemindsOnceWhicheverNodeTakesIt(t *testing.T) {
	w := newWorld(t)
	sam, ana := w.Person("Sam Okafor", "X1N"), w.Person("Ana Reed", "X1N")
	w.Join(w.room, w.lead, sam, incident.Representative, incident.FromJoin)
	w.Join(w.room, w.lead, ana, incident.Representative, incident.FromJoin)
	aware := incident.At(time.Now().Add(-60*time.Hour + time.Second))
	root := w.Must(w.Do(w.room, sam, command.StartClock{Statute: incident.GDPR33, Aware: aware})).Seq
	late := w.Must(w.Do(w.room, sam, command.StartClock{Statute: incident.NIS, Aware: incident.At(aware.Add(-time.Hour * 24))})).Seq
	ctx, stop := context.WithCancel(t.Context())
	fired := make(chan incident.ClockReminded, 16)
	done := make(chan struct{}, 2)
	for range 2 {
		p := pager.New(pager.Options{Pool: w.DB.Writer, Journal: w.Journal, Fired: func(_ incident.LogID, events []*incident.Event, _ time.Duration) {
			for _, e := range events {
				fired <- *e.Body.(*incident.ClockReminded)
			}
		}})
		go func() { p.Run(ctx); done <- struct{}{} }()
	}
	got := map[incident.ClockReminded]int{}
	for range 2 {
		got[<-fired]++
	}
	stop()
	<-done
	<-done
	close(fired)
	for r := range fired {
		got[r]++
	}
	if len(got) != 2 || got[incident.ClockReminded{After: 3600, Step: 2}] != 1 || got[incident.ClockReminded{After: 4320, Step: 4, Overdue: true}] != 1 {
		t.Errorf("reminded %+v", got)
	}
	room, err := w.Journal.Room(t.Context(), w.room)
	if err != nil {
		t.Fatal(err)
	}
	if timers := room.Timers(); len(timers) != 1 || !timers[0].Due.Equal(aware.Add(70*time.Hour)) {
		t.Errorf("it waits for %v", timers)
	}
	// They wait for who sees to them; once that person is gone, for their organisation.
	needs := func(a incident.Actor) int {
		t.Helper()
		list, _, err := w.Journal.Needs(t.Context(), room, room.Member(a.Person), 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if needs(sam) != 2 || needs(ana) != 0 || needs(w.lead) != 0 {
		t.Errorf("they wait for %d, %d, %d", needs(sam), needs(ana), needs(w.lead))
	}
	w.Must(w.Do(w.room, sam, command.LeaveRoom{}))
	if room, err = w.Journal.Room(t.Context(), w.room); err != nil {
		t.Fatal(err)
	}
	if needs(ana) != 2 || needs(w.lead) != 0 {
		t.Errorf("with their owner gone they wait for %d, %d", needs(ana), needs(w.lead))
	}
	w.Must(w.Do(w.room, ana, command.EvidenceClock{Root: root, Reference: "IC-1"}))
	w.Must(w.Do(w.room, w.lead, command.WithdrawClock{Root: late, Reason: "no essential service", Via: incident.ViaTelephone}))
	if room, err = w.Journal.Room(t.Context(), w.room); err != nil || len(room.Timers()) != 0 || needs(ana) != 0 {
		t.Errorf("it is over, and waits for %v (%v)", room.Timers(), err)
	}
}
