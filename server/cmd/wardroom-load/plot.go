package main

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var sideColors = [2]color.RGBA{ours: {0x00, 0x5e, 0xb8, 0xff}, limit: {0x76, 0x86, 0x92, 0xff}}

// growthPlot draws one figure along an axis, the axis by its logarithm: a line
// through the medians of each side and a dot for each repetition.
func growthPlot(run []row, c column) (template.HTML, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p := plot.New()
	p.BackgroundColor = color.White
	soft := color.RGBA{0x4c, 0x62, 0x72, 0xff}
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
	grid.Vertical.Color, grid.Horizontal.Color = nil, color.RGBA{0xd8, 0xdd, 0xe0, 0xff}
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
		line.Color, line.Width = sideColors[s], vg.Points(2)
		if s == limit {
			line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		}
		all, err := plotter.NewScatter(dots)
		if err != nil {
			return "", err
		}
		faint := sideColors[s]
		all.GlyphStyle = draw.GlyphStyle{Color: color.NRGBA{faint.R, faint.G, faint.B, 0x90}, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
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
