package export

import (
	"testing"
	"time"
)

func TestAShortEntryIsNotCutByTheEndOfAPage(t *testing.T) {
	p := newPaper(&cover{recipient: "Dame Ruth Hale"}, time.Unix(0, 0))
	l := &line{seq: 7, title: "Message", name: "Priya Anand", org: "Data Security Centre", label: "TLP:AMBER+STRICT", fields: []field{{"Text", "The gateway is down."}}}
	p.f.AddPage()
	top := p.f.GetY()
	p.line(l)
	whole := p.f.GetY() - top
	for page := p.f.PageNo(); page < 8; page = p.f.PageNo() {
		p.f.SetY(p.f.GetY() + 3) // entries end at all heights of a page
		if p.line(l); p.f.PageNo() != page && p.f.GetY()-top < whole-3 {
			t.Fatalf("page %d ends within an entry: %.1f mm of %.1f stand on the next", page, p.f.GetY()-top, whole)
		}
	}
}
