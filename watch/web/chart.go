package web

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
)

// bar is one value of a chart. Text is the value as a person reads it.
type bar struct {
	Label string
	Value float64
	Text  string
}

// The sizes of a chart of columns, in units of its picture: it is scaled to the width that there is.
const (
	chartWidth  = 440
	chartHeight = 170
	chartLeft   = 46 // for the numbers of the scale
	chartTop    = 14
	chartBottom = 24 // for the labels
)

// columns draws values as columns from left to right, with every second label. Its colours are those of the style
// sheet, light and dark.
func columns(title string, bars []bar) template.HTML {
	var b strings.Builder
	openChart(&b, title, chartHeight)
	top := niceTop(slices.MaxFunc(bars, func(x, y bar) int { return cmp.Compare(x.Value, y.Value) }).Value)
	height := float64(chartHeight - chartTop - chartBottom)
	for _, share := range []float64{0, .5, 1} {
		y := chartTop + height*(1-share)
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, y, chartWidth, y, chartLeft-6, y+4, shortNumber(top*share))
	}
	step := float64(chartWidth-chartLeft) / float64(len(bars))
	for i, one := range bars {
		x, tall := chartLeft+step*float64(i), height*one.Value/top
		fmt.Fprintf(&b, `<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"><title>%s: %s</title></rect>`,
			x+step*.15, chartTop+height-tall, step*.7, tall, html.EscapeString(one.Label), html.EscapeString(one.Text))
		if (len(bars)-1-i)%2 == 0 {
			at, anchor := x+step/2, "middle"
			if i == len(bars)-1 { // the last one would stand out
				at, anchor = chartWidth, "end"
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="%s">%s</text>`, at, chartHeight-6, anchor, html.EscapeString(one.Label))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // every text is escaped
}

// lines draws values as lines one below the other, each with its label above it.
func lines(title string, bars []bar) template.HTML {
	const row, thick = 40, 12
	var b strings.Builder
	openChart(&b, title, row*len(bars))
	most := slices.MaxFunc(bars, func(x, y bar) int { return cmp.Compare(x.Value, y.Value) }).Value
	for i, one := range bars {
		y := row * i
		fmt.Fprintf(&b, `<text x="0" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`,
			y+14, html.EscapeString(clip(one.Label, 58)), chartWidth, y+14, html.EscapeString(one.Text))
		fmt.Fprintf(&b, `<rect class="bar2" x="0" y="%d" width="%.1f" height="%d" rx="3"/>`, y+20, max(3, chartWidth*one.Value/max(most, 1)), thick)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // every text is escaped
}

func openChart(b *strings.Builder, title string, height int) {
	fmt.Fprintf(b, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s">`, chartWidth, height, html.EscapeString(title))
}

// niceTop is a round number that is not below the highest value.
func niceTop(most float64) float64 {
	if most <= 2 {
		return 2
	}
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, times := range []float64{1, 2, 4, 5, 6, 8, 10} {
		if unit*times >= most {
			return unit * times
		}
	}
	return most
}

// shortNumber is a number of a scale: 1500, 20k, 3M.
func shortNumber(v float64) string {
	switch {
	case v >= 1e6:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v/1e6), ".0") + "M"
	case v >= 1e4:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v/1e3), ".0") + "k"
	}
	return fmt.Sprint(math.Round(v*10) / 10)
}

// clip shortens a text to a number of letters.
func clip(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
