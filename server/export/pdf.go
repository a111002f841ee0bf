package export

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// DejaVu Sans Condensed 2.37: Latin, Greek, Cyrillic and many signs; free to
// pass on (font/LICENSE).
var (
	//go:embed font/DejaVuSansCondensed.ttf
	regular []byte
	//go:embed font/DejaVuSansCondensed-Bold.ttf
	bold []byte
	//go:embed font/LICENSE
	_ string

	covered = glyphs(regular)
)

// mostPDF bounds the entries of record.pdf, which is made in memory. It says so
// where it ends; the other renderings have them all.
const mostPDF = 20_000

// A paper writes record.pdf: the same lines, on A4, with the label and the page
// of pages on each. It is the same bytes each time.
type paper struct {
	f    *fpdf.Fpdf
	c    *cover
	told int
}

func newPaper(c *cover, made time.Time) *paper {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(made.UTC())
	f.SetModificationDate(made.UTC())
	f.SetProducer("Wardroom", true)
	f.SetTitle(drawn(c.heading()), true)
	f.SetLang("en-GB")
	f.AddUTF8FontFromBytes("d", "", regular)
	f.AddUTF8FontFromBytes("d", "B", bold)
	f.AliasNbPages("{m}")
	f.SetMargins(15, 22, 15)
	f.SetAutoPageBreak(true, 20)
	p := &paper{f: f, c: c}
	f.SetHeaderFunc(func() {
		f.SetXY(15, 10)
		f.SetFont("d", "B", 9)
		f.SetFillColor(0, 0, 0)
		f.SetTextColor(255, 255, 255)
		f.CellFormat(180, 6, drawn(short(c.banner(), 110)), "", 1, "L", true, 0, "")
		f.SetTextColor(33, 43, 50)
		f.SetY(22)
	})
	f.SetFooterFunc(func() {
		f.SetY(-14)
		f.SetFont("d", "", 8)
		f.CellFormat(130, 5, drawn(short(c.banner(), 100)), "", 0, "L", false, 0, "")
		f.CellFormat(50, 5, fmt.Sprintf("Page %d of {m}", f.PageNo()), "", 0, "R", false, 0, "")
	})
	f.AddPage()
	f.SetFont("d", "B", 15)
	f.MultiCell(0, 7, drawn(c.heading()), "", "L", false)
	f.Ln(2)
	p.text("", 9.5, aboutThis)
	f.Ln(1)
	for _, x := range c.facts() {
		p.text("", 9.5, x.name+": "+x.text)
	}
	f.Ln(2)
	return p
}

func short(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

func (p *paper) text(style string, size float64, text string) {
	p.f.SetFont("d", style, size)
	p.f.MultiCell(0, size*0.5, drawn(text), "", "L", false)
}

// lastStart is how far down a page, in millimetres, an entry may begin: its head
// and the first lines of what it says fit below.
const lastStart = 250

func (p *paper) rule() {
	p.f.Ln(1.5)
	p.f.SetDrawColor(174, 183, 189)
	if y := p.f.GetY(); y < lastStart {
		p.f.Line(15, y, 195, y)
	} else {
		p.f.AddPage()
	}
	p.f.Ln(1.5)
}

func (p *paper) line(l *line) {
	if p.told++; p.told > mostPDF {
		return
	}
	p.rule()
	p.text("B", 10, fmt.Sprintf("%d  %s", l.seq, l.heading()))
	if who := l.who(); len(who) > 0 {
		p.text("", 8.5, strings.Join(who, " · "))
	}
	if l.label != "" {
		p.text("B", 8.5, l.label)
	}
	for _, f := range l.fields {
		if f.name == "Text" {
			p.text("", 9.5, f.text)
		} else {
			p.text("", 9.5, f.name+": "+f.text)
		}
	}
	for _, o := range l.left {
		text := "Left out: " + named(o.slots) + ". " + o.why
		if o.wording != "" {
			text += " The wording shown is the exporter's."
		}
		p.text("B", 8.5, text)
	}
}

func (p *paper) gap(text string) {
	if p.told++; p.told > mostPDF {
		return
	}
	p.rule()
	p.text("B", 8.5, text)
}

func (p *paper) close(w io.Writer) error {
	p.rule()
	if p.told > mostPDF {
		p.text("B", 10, fmt.Sprintf("The printed record ends here: it holds at most %d entries. All of them are in record.html, record.csv and record.jsonl.", mostPDF))
	} else {
		p.text("", 8.5, "End of the record as given.")
	}
	return p.f.Output(w)
}

// drawn is text that the font can draw: what it has no sign for is written out,
// as [U+1F600].
func drawn(text string) string {
	text = visible(text)
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || r <= 0xFFFF && covered[uint16(r)] {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "[U+%04X]", r)
		}
	}
	return b.String()
}

// glyphs lists the characters a TrueType font has signs for: its cmap's
// subtable of format 4 (OpenType, "cmap").
func glyphs(ttf []byte) map[uint16]bool {
	u16 := func(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	u32 := func(b []byte, at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	has := map[uint16]bool{}
	for i := range u16(ttf, 4) {
		entry := ttf[12+16*i:]
		if string(entry[:4]) != "cmap" {
			continue
		}
		cmap := ttf[u32(entry, 8):]
		for j := range u16(cmap, 2) {
			sub := cmap[u32(cmap, 4+8*j+4):]
			if u16(sub, 0) != 4 {
				continue
			}
			n := u16(sub, 6) // twice the number of segments
			for k := 0; k < n; k += 2 {
				last, first := u16(sub, 14+k), u16(sub, 16+n+k)
				delta, offset := u16(sub, 16+2*n+k), u16(sub, 16+3*n+k)
				for c := first; c <= last && c != 0xFFFF; c++ {
					g := (c + delta) & 0xFFFF
					if offset != 0 {
						if g = u16(sub, 16+3*n+k+offset+2*(c-first)); g != 0 {
							g = (g + delta) & 0xFFFF
						}
					}
					if g != 0 {
						has[uint16(c)] = true
					}
				}
			}
		}
	}
	return has
}
