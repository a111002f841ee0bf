package main

import (
	"bytes"
	"fmt"
	"html/template"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ink is a colour: red, green, blue and how much it covers, a byte each.
type ink uint32

// RGBA makes it a color.Color: 16 bits each, multiplied by how much it covers.
func (c ink) RGBA() (r, g, b, a uint32) {
	a = uint32(c&0xff) * 0x101
	part := func(shift int) uint32 { return uint32(c>>shift&0xff) * 0x101 * a / 0xffff }
	return part(24), part(16), part(8), a
}

const (
	white = ink(0xffffffff)
	soft  = ink(0x4c6272ff)
	pale  = ink(0xd8dde0ff)
)

var sideInks = [2]ink{ours: 0x005eb8ff, limit: 0x768692ff}

// growthPlot draws one figure along an axis, the axis by its logarithm: a line
// through the medians of each side and a dot for each repetition.
func growthPlot(run []row, c column) (template.HTML, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p := plot.New()
	p.BackgroundColor = white
	p.X.Label.Text, p.X.Label.TextStyle.Color = run[0].Axis, soft
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = vg.Points(11), vg.Points(11)
		a.Color, a.Tick.Color, a.Tick.Label.Color = soft, soft, soft
	}
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.ConstantTicks(pointTicks(run))
	p.X.Min, p.X.Max = run[0].At*0.8, run[len(run)-1].At*1.25
	p.Y.Tick.Marker = plot.TickerFunc(func(least, most float64) []plot.Tick {
		ticks := plot.DefaultTicks{}.Ticks(least, most)
		for i := range ticks {
			switch {
			case ticks[i].Value == 0:
				ticks[i].Label = "0"
			case ticks[i].Label != "":
				ticks[i].Label = column{}.number(ticks[i].Value)
			}
		}
		return ticks
	})
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, pale
	p.Add(grid)
	most := 0.0
	for _, s := range []side{limit, ours} { // ours on top
		var medians, dots plotter.XYs
		for _, r := range run {
			f := r.Pair.figure(s, c.Name)
			if len(f) == 0 {
				continue
			}
			medians = append(medians, plotter.XY{X: r.At, Y: f.median() * c.by()})
			for _, v := range f {
				dots = append(dots, plotter.XY{X: r.At, Y: v * c.by()})
				most = max(most, v*c.by())
			}
		}
		if len(medians) == 0 {
			continue
		}
		line, err := plotter.NewLine(medians)
		if err != nil {
			return "", err
		}
		line.Color, line.Width = sideInks[s], vg.Points(2)
		if s == limit {
			line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		}
		all, err := plotter.NewScatter(dots)
		if err != nil {
			return "", err
		}
		all.GlyphStyle = draw.GlyphStyle{Color: sideInks[s]&^0xff | 0x90, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
		p.Add(line, all)
	}
	p.Y.Min, p.Y.Max = 0, max(most*1.05, 1e-9)
	canvas := vgsvg.New(vg.Points(340), vg.Points(210))
	p.Draw(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", err
	}
	text := b.Bytes()
	i := bytes.Index(text, []byte("<svg"))
	if i < 0 {
		return "", fmt.Errorf("a plot of %s came to no drawing", c.Name)
	}
	return template.HTML(text[i:]), nil // numbers, and words of this program alone
}

// pointTicks names the points of an axis where they stand.
func pointTicks(run []row) (ticks []plot.Tick) {
	for _, r := range run {
		label := ""
		switch {
		case r.At >= 1e6:
			label = fmt.Sprintf("%g M", r.At/1e6)
		case r.At >= 1e3:
			label = fmt.Sprintf("%g k", r.At/1e3)
		default:
			label = fmt.Sprintf("%g", r.At)
		}
		ticks = append(ticks, plot.Tick{Value: r.At, Label: label})
	}
	return ticks
}
