package export

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"wardroom/server/incident"
)

// cover is what every rendering says of the whole, made like the lines.
type cover struct {
	title     string // the room's, if it is given
	reference string
	log       string // the origin line
	recipient string
	basis     string
	from, to  uint64
	approved  string
	highest   string // the highest label of what is given
	sealed    string // size and time of the checkpoint
	opened    int    // entries given whole
	part      int
	left      int // not given at all
	files     int // under attachments/
}

func (c *cover) heading() string {
	if c.reference != "" || c.title != "" {
		return strings.Trim(c.reference+": "+c.title, ": ")
	}
	return "Part of an incident's record"
}

// banner is what stands at the head and the foot of every page.
func (c *cover) banner() string {
	label := c.highest
	if label == "" {
		label = "No label"
	}
	return label + "   Given to " + c.recipient
}

func (c *cover) facts() []field {
	return []field{
		{"Given to", c.recipient}, {"On the basis of", c.basis}, {"Entries", fmt.Sprintf("%d to %d", c.from, c.to)},
		{"Of these", fmt.Sprintf("%d are given whole, %d in part, %d are left out", c.opened, c.part, c.left)},
		{"Approved", c.approved}, {"Highest label", c.highest}, {"Log", c.log}, {"Sealed", c.sealed},
	}
}

const aboutThis = "This is a rendering for reading. What proves the record are the files beside it in the bundle: open verify.html, or run wardroom-verify, on the whole bundle. " +
	"Times are UTC. What is left out is listed where it would stand. Wording given in the stead of a redacted text is the exporter's, and cannot be checked against the log."

// style is one of few texts: what stands in it of the record is a label out of
// the list of labels, for the head and foot of printed pages.
func style(label string) string {
	if !incident.TLP(label).Valid() {
		label = "No label"
	}
	return `@page{size:A4;margin:22mm 15mm 20mm;@top-left{content:"` + label + `"}@bottom-left{content:"` + label + `"}@bottom-right{content:"Page " counter(page) " of " counter(pages)}}
html{font:16px/1.5 Arial,sans-serif;color:#212b32;background:#fff}
body{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem}
.banner{background:#000;color:#fff;padding:.4rem .6rem;font-weight:700;font-size:.95rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:#4c6272}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
article{border-top:1px solid #aeb7bd;padding:.7rem 0;break-inside:avoid-page}
h2{font-size:1rem;margin:0}
.who{margin:0;color:#4c6272}
.label{display:inline-block;background:#000;color:#fff;font-weight:700;font-size:.8rem;padding:0 .4rem;margin:.3rem 0}
.left{border-left:4px solid #212b32;padding-left:.6rem;margin:.4rem 0}
@media print{body{max-width:none;padding:0}.banner,.label{background:none;color:#000;border:1px solid #000}.banner{border-width:1px 0}}
`
}

// htmlPage writes record.html. Everything that somebody wrote is text in it, and
// it holds no script, no address and no event.
type htmlPage struct{ w io.Writer }

func esc(text string) string { return html.EscapeString(visible(text)) }

func (p *htmlPage) head(c *cover) error {
	css := style(c.highest)
	sum := sha256.Sum256([]byte(css))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"" + html.EscapeString(policy) + "\">\n" +
		"<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>" + esc(c.heading()) + "</title>\n<style>" + css + "</style>\n</head>\n<body>\n")
	b.WriteString("<header class=\"banner\">" + esc(c.banner()) + "</header>\n<main>\n<h1>" + esc(c.heading()) + "</h1>\n<p>" + esc(aboutThis) + "</p>\n<dl>\n")
	for _, f := range c.facts() {
		b.WriteString("<dt>" + esc(f.name) + "</dt><dd>" + esc(f.text) + "</dd>\n")
	}
	b.WriteString("</dl>\n")
	_, err := io.WriteString(p.w, b.String())
	return err
}

func (p *htmlPage) line(l *line) error {
	var b strings.Builder
	fmt.Fprintf(&b, "<article>\n<h2>%d  %s</h2>\n", l.seq, esc(l.heading()))
	if who := l.who(); len(who) > 0 {
		b.WriteString("<p class=\"who\">" + esc(strings.Join(who, " · ")) + "</p>\n")
	}
	if l.label != "" {
		b.WriteString("<p class=\"label\">" + esc(l.label) + "</p>\n")
	}
	if len(l.fields) > 0 {
		b.WriteString("<dl>\n")
		for _, f := range l.fields {
			b.WriteString("<dt>" + esc(f.name) + "</dt><dd>" + esc(f.text) + "</dd>\n")
		}
		b.WriteString("</dl>\n")
	}
	for _, o := range l.left {
		text := named(o.slots) + ": " + o.why
		if o.wording != "" {
			text += " The wording shown is the exporter's."
		}
		b.WriteString("<p class=\"left\">" + esc(text) + "</p>\n")
	}
	b.WriteString("</article>\n")
	_, err := io.WriteString(p.w, b.String())
	return err
}

// gap says a run of entries of which nothing is given.
func (p *htmlPage) gap(text string) error {
	_, err := io.WriteString(p.w, "<article>\n<p class=\"left\">"+esc(text)+"</p>\n</article>\n")
	return err
}

func (p *htmlPage) foot(c *cover) error {
	_, err := io.WriteString(p.w, "</main>\n<footer class=\"banner\">"+esc(c.banner())+"</footer>\n</body>\n</html>\n")
	return err
}
