package web_test

import (
	"fmt"
	"net/netip"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/web"
)

func TestNobodyUsesUpWhatOthersAskForALinkWith(t *testing.T) {
	c := newCast(t)
	lead := c.browsers["lead"]
	c.s.server.Config.Limits.Strangers = web.Limit{Rate: 0.001, Burst: 3}
	c.s.server.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	made := lead.must(201, "POST", "/rooms/"+c.room+"/members", object{"org": "X2E", "name": "Late Comer", "role": "representative", "history": "from_join"})
	_, token := lastOf(made["link"].(string))
	nobody := c.browsers["nobody"]
	ask := func(address, token string) int {
		return nobody.send("POST", "/api/v1/invitations/ask", object{"token": token}, "X-Forwarded-For", address).status
	}
	for i := range 200 {
		want := 202
		if i >= 3 {
			want = 429
		}
		if got := ask("203.0.113.66", incident.RandomID()); got != want {
			t.Fatalf("%d: %d, want %d", i, got, want)
		}
	}
	if got := ask("198.51.100.7", token); got != 202 {
		t.Fatalf("who has a link: %d", got)
	}
	wanted, err := c.s.directory.Wanted(t.Context(), incident.LogID(c.room))
	if err != nil || len(wanted) != 1 {
		t.Errorf("nobody is told that a link is wanted: %v %v", wanted, err)
	}
}

// lastOf splits a link into its page and its token.
func lastOf(link string) (page, token string) {
	for i := len(link) - 1; i >= 0; i-- {
		if link[i] == '#' {
			return link[:i], link[i+1:]
		}
	}
	panic(fmt.Sprintf("no token in %q", link))
}
