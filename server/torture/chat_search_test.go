package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
)

// wordsEach is how many words are looked for in each conversation.
const wordsEach = 4

var plainWord = regexp.MustCompile(`[a-z]{6,}`)

// onlyHere picks words that some lines of this conversation hold and none of
// the others', spread over the alphabet.
func onlyHere(c *conversation, all []*conversation) (words []string) {
	candidates := map[string]bool{}
	for _, text := range c.sent {
		for _, w := range plainWord.FindAllString(strings.ToLower(text), -1) {
			candidates[w] = true
		}
	}
	for _, w := range slices.Sorted(maps.Keys(candidates)) {
		n := len(c.saying(w))
		if n < 2 || n > 60 {
			continue
		}
		if !slices.ContainsFunc(all, func(o *conversation) bool { return o != c && len(o.saying(w)) > 0 }) {
			words = append(words, w)
		}
	}
	step := max(1, len(words)/wordsEach)
	var spread []string
	for i := 0; i < len(words) && len(spread) < wordsEach; i += step {
		spread = append(spread, words[i])
	}
	return spread
}

// saying are the entries whose text holds the word.
func (c *conversation) saying(word string) (seqs []incident.Seq) {
	for n, text := range c.sent {
		if strings.Contains(strings.ToLower(text), word) {
			seqs = append(seqs, c.seqs[n])
		}
	}
	slices.Sort(seqs)
	return seqs
}

// searched looks for words of one conversation in the name of a member, of
// one who is in all of them, of who came late, and of who is in another only.
func searched(ctx context.Context, t *testing.T, all []*conversation, people map[string]*visitor) {
	t.Helper()
	hits := 0
	for _, c := range all {
		words := onlyHere(c, all)
		if len(words) < wordsEach {
			t.Fatalf("%s: only the words %v are its own", c.talk.name, words)
		}
		member, inAll, stranger := people[c.guest(3)], people[all[0].guest(20+c.number)], people[all[(c.number+1)%len(all)].latecomer()]
		for _, w := range words {
			want := c.saying(w)
			hits += len(want)
			late := slices.DeleteFunc(slices.Clone(want), func(s incident.Seq) bool { return s < c.joined })
			for who, x := range map[string]struct {
				v    *visitor
				want []incident.Seq
			}{"a member": {member, want}, "who is in all rooms": {inAll, want}, "who came late": {c.late.v, late}, "who is not in the room": {stranger, nil}} {
				got, err := searchAll(ctx, x.v, w, c.room)
				if err != nil {
					t.Fatalf("%s looks for %q: %v", who, w, err)
				}
				if !slices.Equal(got, x.want) {
					t.Errorf("%s: %s, who looks for %q, finds %v and should find %v", c.talk.name, who, w, got, x.want)
				}
			}
		}
		if status, _, err := stranger.call(ctx, "POST", "/rooms/"+string(c.room)+"/search", "", map[string]any{"text": words[0]}); err != nil || status != http.StatusNotFound {
			t.Errorf("%s: a search by who is not in the room: %d, %v", c.talk.name, status, err)
		}
	}
	t.Logf("%d words of three conversations found in %d lines, by members only", wordsEach*len(all), hits)
}

// searchAll looks for a word in all rooms of the searcher, to the end. Every
// hit must be in the room.
func searchAll(ctx context.Context, v *visitor, word string, room incident.LogID) (seqs []incident.Seq, err error) {
	before := ""
	for {
		var found struct {
			Hits []struct {
				Room    incident.LogID
				Seq     incident.Seq
				Entries []json.RawMessage
			}
			Next *string
		}
		if err := v.ask(ctx, http.StatusOK, "POST", "/search", "", map[string]any{"text": word, "kind": "message", "limit": 100, "before": before}, &found); err != nil {
			return nil, err
		}
		for _, h := range found.Hits {
			if h.Room != room || len(h.Entries) == 0 || seqOf(h.Entries[0]) != h.Seq {
				return nil, fmt.Errorf("%q was found at %d of room %s", word, h.Seq, h.Room)
			}
			seqs = append(seqs, h.Seq)
		}
		if found.Next == nil {
			slices.Sort(seqs)
			return seqs, nil
		}
		before = *found.Next
	}
}
