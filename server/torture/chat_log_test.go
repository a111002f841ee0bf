package torture

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"wardroom/server/devkit"
)

// talk is a real conversation of many people, one message a line, with links
// from answers to what they answer.
type talk struct {
	name  string
	lines []line
}

// line is one message as it was said, byte for byte.
type line struct {
	author string // "" for what the channel itself said: who came and who left
	text   string
	parent int // the line it answers; −1 for none
}

// chats are the logs this campaign replays. Their annotations begin at line
// 1,000: earlier lines answer nothing.
var chats = []string{"2007-01-11_12", "2010-08-17_18", "2016-02-22_17"}

// readTalks reads the logs, or skips the test: they are not part of the
// repository.
func readTalks(t *testing.T) (all []talk) {
	t.Helper()
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "..", "shared", "data", "chat")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: the recorded conversations are not there (%s)", dir)
	}
	for _, name := range chats {
		k, err := readTalk(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, k)
	}
	return all
}

var (
	saidLine  = regexp.MustCompile(`(?s)^\[\d\d:\d\d\] <([^>]+)> (.*)$`)
	deedLine  = regexp.MustCompile(`(?s)^\[\d\d:\d\d\]  (\* (\S+) .*)$`)
	aboutLine = "==="
)

func readTalk(dir, name string) (k talk, err error) {
	k.name = name
	raw, err := os.ReadFile(filepath.Join(dir, name+".raw.txt"))
	if err != nil {
		return k, err
	}
	links, err := os.ReadFile(filepath.Join(dir, name+".annotation.txt"))
	if err != nil {
		return k, err
	}
	for n, s := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n") {
		l := line{parent: -1}
		if m := saidLine.FindStringSubmatch(s); m != nil {
			l.author, l.text = m[1], m[2]
		} else if m := deedLine.FindStringSubmatch(s); m != nil {
			l.author, l.text = m[2], m[1]
		} else if strings.HasPrefix(s, aboutLine) {
			l.text = s
		} else {
			return k, fmt.Errorf("%s, line %d is none that a channel writes: %q", name, n, s)
		}
		k.lines = append(k.lines, l)
	}
	for s := range strings.Lines(string(links)) {
		f := strings.Fields(s)
		if len(f) < 2 {
			continue
		}
		a, err1 := strconv.Atoi(f[0])
		b, err2 := strconv.Atoi(f[1])
		if err := errors.Join(err1, err2); err != nil || b >= len(k.lines) || a > b || a < 0 {
			return k, fmt.Errorf("%s: %q is no link between two lines", name, s)
		}
		if a < b { // of several, the latest: a message answers one
			k.lines[b].parent = max(k.lines[b].parent, a)
		}
	}
	return k, nil
}

// speakers deals the lines out to n people: the n−1 who say most speak for
// themselves, the last for all others. The channel's own lines are nobody's.
// alone counts the lines of those who speak for themselves.
func (k talk) speakers(n int) (lines [][]int, alone int) {
	count := map[string]int{}
	for _, l := range k.lines {
		if l.author != "" {
			count[l.author]++
		}
	}
	ranked := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	rank := map[string]int{}
	for i, a := range ranked {
		if rank[a] = min(i, n-1); i < n-1 {
			alone += count[a]
		}
	}
	lines = make([][]int, n)
	for i, l := range k.lines {
		if l.author != "" {
			lines[rank[l.author]] = append(lines[rank[l.author]], i)
		}
	}
	return lines, alone
}

// unfit reports what no message may hold, judged here by itself: controls that
// are not white space, and what changes the direction of the text after it.
func unfit(r rune) bool {
	return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) || unicode.Is(unicode.Bidi_Control, r)
}

// clean is the text as a client sends it after a refusal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unfit(r) {
			return -1
		}
		return r
	}, text)
}
