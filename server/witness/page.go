package witness

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"wardroom/server/evidence"
)

// The page for people runs nothing and loads nothing; its style stands in it,
// and the policy names that style by its hash.
var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string

	page    = template.Must(template.New("page").Parse(pageText))
	pageCSP = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func styleHash() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// shownKey is a key as people compare it.
type shownKey struct {
	Title  string
	Kind   string
	Groups []string // of its fingerprint, four lines of four
	Line   string
}

// showKey names the key of that place: there are always two, in this order.
func showKey(i int, line string) shownKey {
	k := shownKey{Title: []string{"First key (Ed25519)", "Second key (ML-DSA-44, made to withstand quantum computers)"}[i],
		Kind: []string{"first", "second"}[i], Line: line}
	words := strings.Fields(evidence.Fingerprint(line))
	for i := 0; i < len(words); i += 4 {
		k.Groups = append(k.Groups, strings.Join(words[i:i+4], " "))
	}
	return k
}

type shownGeneration struct {
	Number   int
	From, To uint64 // To is 0 while it signs
	Keys     []shownKey
}

// shown is what the page says. It names no log and tells nothing of how busy
// the deployment is: the page is for everybody who can reach it.
type shown struct {
	Style      template.CSS
	Name       string
	Deployment string
	Keys       []shownKey
	Operator   []shownGeneration
	Proved     int
	Unclear    int
	Broken     bool
}

func (w *Witness) getPage(rw http.ResponseWriter, _ *http.Request) {
	d := shown{Style: template.CSS(pageStyle), Name: w.o.Name, Deployment: w.deployment(), Broken: w.broken.Load() != nil}
	for i, k := range w.keys.public {
		d.Keys = append(d.Keys, showKey(i, k))
	}
	for i, g := range w.policy.Load().Log {
		d.Operator = append(d.Operator, shownGeneration{Number: i + 1, From: g.From, To: g.To, Keys: []shownKey{showKey(0, g.Ed25519), showKey(1, g.MLDSA)}})
	}
	var err error
	d.Proved, d.Unclear, err = w.found()
	var b strings.Builder
	if err == nil {
		err = page.Execute(&b, d)
	}
	if err == nil {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	w.answer(rw, []byte(b.String()), err)
}
