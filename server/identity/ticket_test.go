package identity

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// holdTickets keeps every question about tickets from its end until it is
// released.
func holdTickets(t *testing.T, h *house) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cluster.SuperuserURL(h.database))
	check(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), `BEGIN; LOCK TABLE stream_ticket IN ACCESS EXCLUSIVE MODE`)
	check(t, err)
	return func() {
		t.Helper()
		_, err := conn.Exec(t.Context(), `ROLLBACK`)
		check(t, err)
	}
}

func TestTicketsAreGivenOutAndTakenManyByOneQuestion(t *testing.T) {
	h := newInsiders(t)
	const many = 40
	var sessions []Session
	for n := range 4 {
		_, s := h.insider("health", fmt.Sprintf("s%d", n%2+1))
		sessions = append(sessions, s)
	}
	tickets := make([]string, many)
	asked := func(do func(n int), waiting func() int) int64 {
		t.Helper()
		release := holdTickets(t, h)
		before := h.id.o.Pool.Stat().AcquireCount()
		var wg sync.WaitGroup
		for n := range many {
			wg.Go(func() { do(n) })
		}
		awaitTrue(t, "one asks and the others wait", func() bool { return waiting() == many-1 })
		release()
		wg.Wait()
		return h.id.o.Pool.Stat().AcquireCount() - before
	}
	took := asked(func(n int) {
		var err error
		if tickets[n], err = h.id.Ticket(context.Background(), sessions[n%4]); err != nil {
			t.Error(err)
		}
	}, func() int { n, _ := h.id.issues.Waiting(struct{}{}); return n })
	if took != 2 {
		t.Errorf("%d tickets were given out by %d questions, and two will do", many, took)
	}
	if took = asked(func(n int) {
		if _, s, err := h.id.Redeem(context.Background(), sessions[n%4].ID, tickets[n]); err != nil || s.ID != sessions[n%4].ID {
			t.Errorf("ticket %d: %v, %v", n, s, err)
		}
	}, func() int { n, _ := h.id.redeems.Waiting(struct{}{}); return n }); took > 4 { // and how far the system log is, where that is not known yet
		t.Errorf("%d tickets were taken by %d questions", many, took)
	}
	if n := ask[int](t, h.database, `SELECT count(*) FROM stream_ticket`); n != 0 {
		t.Errorf("%d tickets are left", n)
	}
}

func TestOfOneQuestionEachTicketIsForOneAndForItsOwnSession(t *testing.T) {
	h := newInsiders(t)
	_, s := h.insider("health", "s1")
	_, other := h.insider("health", "s2")
	ticket, err := h.id.Ticket(t.Context(), s)
	check(t, err)
	theirs, err := h.id.Ticket(t.Context(), other)
	check(t, err)
	release := holdTickets(t, h)
	first := make(chan struct{})
	go func() { // so that all the others wait for the same question
		defer close(first)
		secret, _ := newSecret()
		_, _, err := h.id.Redeem(context.Background(), s.ID, secret)
		wantFault(t, "a ticket that nobody was given", err, incident.SignedOut)
	}()
	awaitTrue(t, "the first question is under way", func() bool { _, busy := h.id.redeems.Waiting(struct{}{}); return busy })
	var wg sync.WaitGroup
	var mu sync.Mutex
	good, stolen := 0, 0
	const each = 5
	for range each {
		wg.Go(func() {
			if _, got, err := h.id.Redeem(context.Background(), s.ID, ticket); err == nil && got.ID == s.ID {
				mu.Lock()
				good++
				mu.Unlock()
			} else {
				wantFault(t, "used before", err, incident.SignedOut)
			}
		})
		wg.Go(func() {
			if _, _, err := h.id.Redeem(context.Background(), s.ID, theirs); err == nil {
				mu.Lock()
				stolen++
				mu.Unlock()
			}
		})
	}
	awaitTrue(t, "the others wait together", func() bool { n, _ := h.id.redeems.Waiting(struct{}{}); return n == 2*each })
	release()
	<-first
	wg.Wait()
	if good != 1 || stolen != 0 {
		t.Errorf("a ticket let %d in that it was for, and another's %d", good, stolen)
	}
	if _, got, err := h.id.Redeem(t.Context(), other.ID, theirs); err != nil || got.ID != other.ID {
		t.Errorf("whose ticket was tried by others: %v, %v", got, err)
	}
}

func TestWhoComesBackIsJudgedByWhatStandsThen(t *testing.T) {
	h := newInsiders(t)
	_, s := h.insider("health", "s1")
	_, other := h.insider("health", "s2")
	tickets := map[string]string{}
	for _, x := range []Session{s, other} {
		ticket, err := h.id.Ticket(t.Context(), x)
		check(t, err)
		tickets[x.ID] = ticket
	}
	super(t, h.database, `UPDATE session SET ended = now(), why = 'administrator' WHERE id = '`+s.ID+`'`)
	_, _, err := h.id.Redeem(t.Context(), s.ID, tickets[s.ID])
	wantFault(t, "of a session that has ended since", err, incident.SignedOut)
	if _, _, err := h.id.Redeem(t.Context(), other.ID, tickets[other.ID]); err != nil {
		t.Errorf("another's: %v", err)
	}
}
