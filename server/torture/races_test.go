package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// contested is what porcupine judges: one object that several want, by what
// each act leads from and to.
func contested(first string, moves map[string]map[string]string) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return first },
		Step: func(state, input, output any) (bool, any) {
			to, can := moves[input.(string)][state.(string)]
			if output != can {
				return false, state
			}
			if !can {
				return true, state
			}
			return true, to
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " ", output) },
	}
}

var (
	actionRace = contested("raised", map[string]map[string]string{
		"accept": {"raised": "accepted"}, "decline": {"raised": "declined"}, "withdraw": {"raised": "withdrawn", "accepted": "withdrawn"}})
	decisionRace   = contested("proposed", map[string]map[string]string{"take": {"proposed": "taken"}})
	invitationRace = contested("open", map[string]map[string]string{"join": {"open": "joined"}, "revoke": {"open": "revoked"}})
)

type try struct {
	name string
	who  incident.Actor
	cmd  command.Command
}

// contend sends all tries at once, each to either node and under a key of its
// own, and has the outcome judged.
func (c *staff) contend(id incident.LogID, nodes []*journal.Journal, rng *rand.Rand, model porcupine.Model, tries []try) (won int) {
	rng.Shuffle(len(tries), func(i, j int) { tries[i], tries[j] = tries[j], tries[i] })
	history := make([]porcupine.Operation, len(tries))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, x := range tries {
		on, key := nodes[rng.IntN(len(nodes))], c.Key()
		wg.Go(func() {
			<-start
			call := time.Now().UnixNano()
			_, err := on.Append(context.Background(), id, x.who, key, x.cmd)
			if f := incident.FaultOf(err); err != nil && f != incident.Conflict && f != incident.Forbidden && f != incident.NotFound {
				c.T.Errorf("%s: %v", x.name, err)
			}
			history[i] = porcupine.Operation{ClientId: i, Input: x.name, Call: call, Output: err == nil, Return: time.Now().UnixNano()}
		})
	}
	close(start)
	wg.Wait()
	if !porcupine.CheckOperations(model, history) {
		c.T.Errorf("no order explains %+v", history)
	}
	for _, o := range history {
		if o.Output == true {
			won++
		}
	}
	return won
}

// What several want at once, over two nodes, each gets in one order, and the
// same message sent a hundred times at once stands once.
func TestWhatTwoNodesContendForComesToOneOutcome(t *testing.T) {
	c := newStaff(t, 2)
	n := seed(t)
	nodes := []*journal.Journal{c.Journal, c.node()}
	defer nodes[1].Close(context.Background())
	const lanes = 4
	rounds := max(1, times(t, 200)/lanes)
	wins := make([]int, lanes)
	var wg sync.WaitGroup
	for lane := range lanes {
		id := c.open()
		rng := rand.New(rand.NewPCG(n, uint64(lane)))
		guest := c.Person(fmt.Sprintf("Guest %d", lane), "X1N")
		wg.Go(func() {
			for round := range rounds {
				a := c.Must(c.Do(id, c.lead, command.RaiseAction{Text: "restore", For: incident.Assignee{Member: 2, Org: c.asked[0].Orgs[0]}})).Seq
				wins[lane] += c.contend(id, nodes, rng, actionRace, []try{
					{"accept", c.asked[0], command.AcceptAction{Root: a}}, {"accept", c.asked[0], command.AcceptAction{Root: a}},
					{"decline", c.asked[0], command.DeclineAction{Root: a, Reason: "no"}}, {"decline", c.asked[0], command.DeclineAction{Root: a, Reason: "no"}},
					{"withdraw", c.lead, command.WithdrawAction{Root: a, Reason: "over"}}})
				d := c.Must(c.Do(id, c.lead, command.ProposeDecision{Decision: "shut it", Rationale: "why"})).Seq
				taken := command.Taken{Decision: "shut it", Rationale: "why", Maker: 1}
				if won := c.contend(id, nodes, rng, decisionRace, []try{
					{"take", c.lead, command.TakeDecision{Root: d, Taken: taken}}, {"take", c.lead, command.TakeDecision{Root: d, Taken: taken}}, {"take", c.lead, command.TakeDecision{Root: d, Taken: taken}}}); won != 1 {
					t.Errorf("a decision was taken %d times", won)
				}
				if round%5 > 0 {
					continue
				}
				org := incident.Organisation{Code: "X1N", ODS: "X1N", Name: "Northmoor NHS Trust", Type: incident.Acute, Issuer: "health"}
				r := c.Must(c.Do(id, c.lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(),
					Seat: incident.Seat{Name: guest.Name, Org: org.Code, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: incident.Representative, History: incident.FromJoin}}))
				at, err := c.Journal.Room(context.Background(), id)
				if err != nil {
					t.Error(err)
					return
				}
				join := command.JoinRoom{Root: r.Seq, Person: guest.Person, How: "subject", Rules: at.Rules.Version}
				if won := c.contend(id, nodes, rng, invitationRace, []try{{"join", guest, join}, {"join", guest, join}, {"join", guest, join}, {"join", guest, join}}); won != 1 {
					t.Errorf("an invitation was redeemed %d times", won)
				}
				if at, err = c.Journal.Room(context.Background(), id); err != nil {
					t.Error(err)
					return
				}
				c.Must(c.Do(id, c.lead, command.RemoveMember{Root: at.Member(guest.Person).Root}))
				c.sameKey(id, nodes)
			}
		})
	}
	wg.Wait()
	all := 0
	for _, w := range wins {
		all += w
	}
	if all < lanes*rounds {
		t.Errorf("%d acts on %d actions went through", all, lanes*rounds)
	}
	t.Logf("%d rounds of races on two nodes", lanes*rounds)
}

// sameKey sends one message a hundred times at once, to both nodes.
func (c *staff) sameKey(id incident.LogID, nodes []*journal.Journal) {
	key := c.Key()
	seqs := make([]incident.Seq, 100)
	var wg sync.WaitGroup
	for i := range seqs {
		wg.Go(func() {
			r, err := nodes[i%2].Append(context.Background(), id, c.lead, key, command.PostMessage{Text: "once"})
			if err != nil {
				c.T.Error(err)
			}
			seqs[i] = r.Seq
		})
	}
	wg.Wait()
	for _, s := range seqs {
		if s != seqs[0] {
			c.T.Errorf("one key stands at %d and at %d", seqs[0], s)
		}
	}
}
