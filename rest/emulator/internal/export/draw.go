package export

import (
	"image/color"
	"strconv"
	"strings"
)

// style is how a line of text looks.
type style struct {
	size  float64 // pixels to the em
	bold  bool
	color color.RGBA
}

// canvas is what a view is drawn on, a picture or a page. Lengths are pixels of the view, from its upper left corner.
type canvas interface {
	// fill paints a rectangle.
	fill(x, y, width, height float64, c color.RGBA)
	// text draws one line from x on, its baseline at y. What is drawn may be a part of the whole.
	text(x, y float64, s style, drawn, whole string)
}

var (
	white = color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
	ink   = color.RGBA{0x33, 0x33, 0x33, 0xFF}
	grey  = color.RGBA{0x66, 0x66, 0x66, 0xFF}
	rule  = color.RGBA{0xD4, 0xD4, 0xD4, 0xFF}
)

// markColors are the colors of bars; a view has one of them.
var markColors = []color.RGBA{
	{0x4E, 0x79, 0xA7, 0xFF},
	{0xF2, 0x8E, 0x2B, 0xFF},
	{0xE1, 0x57, 0x59, 0xFF},
	{0x76, 0xB7, 0xB2, 0xFF},
	{0x59, 0xA1, 0x4F, 0xFF},
	{0xED, 0xC9, 0x48, 0xFF},
	{0xB0, 0x7A, 0xA1, 0xFF},
	{0x9C, 0x75, 0x5F, 0xFF},
}

// minText is the smallest text that can be read, in pixels. On a small picture less text is drawn, but none smaller.
const minText = 10

// drawing is a view being drawn: what of the canvas is left below what is drawn already.
type drawing struct {
	canvas
	fonts         fonts
	unit          float64 // what a pixel of the standard size is here
	x, y          float64
	width, bottom float64
}

// draw draws a view on a canvas of a size: its title, what it is, what is applied to it, and its bars.
func draw(on canvas, v View, width, height float64) error {
	f, err := loadFonts()
	if err != nil {
		return err
	}
	unit := min(width/standardWidth, height/standardHeight)
	margin := 24 * unit
	d := drawing{canvas: on, fonts: f, unit: unit, x: margin, y: margin, width: width - 2*margin, bottom: height - margin}
	on.fill(0, 0, width, height, white)
	d.line(v.Name, d.style(24, true, ink))
	d.notes(v.notes(), height)
	on.fill(d.x, d.y, d.width, max(1, unit), rule)
	d.y += 12 * unit
	d.bars(v)
	return nil
}

func (d *drawing) style(size float64, bold bool, c color.RGBA) style {
	return style{size: max(minText, size*d.unit), bold: bold, color: c}
}

// line draws one line of text if there is room for it.
func (d *drawing) line(text string, s style) {
	d.fitted(d.x, d.y+s.size, d.width, s, text)
	d.y += 1.4 * s.size
}

// fitted draws as much of a text as the width has room for. A character without a glyph is drawn as a frame.
func (d *drawing) fitted(x, y, width float64, s style, text string) {
	l := d.fonts.fit(text, s, width)
	if l.text == "" || y > d.bottom {
		return
	}
	d.text(x, y, s, l.text, text)
	w, h, pen := 0.8*l.gapWidth, 0.7*s.size, max(1, s.size/16)
	for _, gap := range l.gaps {
		left, top := x+gap+0.1*l.gapWidth, y-h
		d.fill(left, top, w, pen, s.color)
		d.fill(left, y-pen, w, pen, s.color)
		d.fill(left, top, pen, h, s.color)
		d.fill(left+w-pen, top, pen, h, s.color)
	}
}

// notes draws the lines under the title in the upper part of the canvas. The last one takes all that is left over.
func (d *drawing) notes(notes []string, height float64) {
	s := d.style(14, false, grey)
	room := max(1, int((0.45*height-d.y)/(1.4*s.size)))
	if len(notes) > room {
		notes = append(notes[:room-1:room-1], strings.Join(notes[room-1:], "; "))
	}
	for _, note := range notes {
		d.line(note, s)
	}
	d.y += 0.5 * s.size
}

// bar is a mark: a row of the data.
type bar struct {
	label string
	value int
}

// maxBars is how many marks are drawn at most.
const maxBars = 12

// marks are the first rows of the data, told apart by the first column that has members and as long as the first
// measure. A view that shows no such columns has some bars all the same, to tell it from others at a glance.
func (v View) marks() []bar {
	var label column
	measure := ""
	for _, c := range v.columns()[:len(v.Fields)] {
		if c.members == nil && measure == "" {
			measure = c.caption
		}
		if c.members != nil && label.members == nil {
			label = c
		}
	}
	if label.members == nil {
		label.members = make([]string, 2*unfilteredMembers)
	}
	bars := make([]bar, min(maxBars, len(label.members)))
	for i := range bars {
		bars[i] = bar{label.members[i], v.measure(measure, i)}
	}
	return bars
}

// bars draws the marks in what is left of the canvas.
func (d *drawing) bars(v View) {
	bars := v.marks()
	s := d.style(13, false, ink)
	slot := min(96*d.unit, (d.bottom-d.y)/float64(len(bars)))
	if slot <= 0 {
		return
	}
	longest := 0
	for _, b := range bars {
		longest = max(longest, b.value)
	}
	fill := markColors[v.hash("color")%uint64(len(markColors))]
	left, number := 0.25*d.width, 5*s.size
	scale := max(0, 0.75*d.width-number) / float64(longest)
	for _, b := range bars {
		length := scale * float64(b.value)
		d.fill(d.x+left, d.y+0.15*slot, length, 0.7*slot, fill)
		if slot >= s.size {
			base := d.y + 0.5*slot + 0.35*s.size
			d.fitted(d.x, base, left-s.size, s, b.label)
			d.fitted(d.x+left+length+0.5*s.size, base, number, s, strconv.Itoa(b.value))
		}
		d.y += slot
	}
}
