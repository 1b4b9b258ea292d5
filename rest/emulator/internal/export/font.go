package export

import (
	"fmt"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are the two fonts that text is drawn in. They may be used by many goroutines at once, each with a buffer.
type fonts struct{ regular, bold *opentype.Font }

// loadFonts parses the fonts, once in a process.
var loadFonts = sync.OnceValues(func() (fonts, error) {
	regular, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return fonts{}, fmt.Errorf("parsing the regular font: %w", err)
	}
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return fonts{}, fmt.Errorf("parsing the bold font: %w", err)
	}
	return fonts{regular, bold}, nil
})

// of is the font of a style.
func (f fonts) of(s style) *opentype.Font {
	if s.bold {
		return f.bold
	}
	return f.regular
}

// line is text as it is drawn on one line. Where the font has no glyph for a character there is a gap, at an offset in
// pixels, and gaps are of one width.
type line struct {
	text     string
	gaps     []float64
	gapWidth float64
}

// fit cuts text to a width in pixels and ends it with an ellipsis where it had to. Without room for that it is empty.
// Only as much of the text is looked at as there is room for.
func (f fonts) fit(text string, s style, width float64) line {
	face := f.of(s)
	var buffer sfnt.Buffer
	em := face.UnitsPerEm()
	measure := func(r rune) (glyph sfnt.GlyphIndex, advance float64) {
		glyph, err := face.GlyphIndex(&buffer, r)
		if err != nil {
			return 0, 0
		}
		// At one pixel a unit there is no rounding.
		units, err := face.GlyphAdvance(&buffer, glyph, fixed.I(int(em)), font.HintingNone)
		if err != nil {
			return 0, 0
		}
		return glyph, float64(units) / 64 / float64(em) * s.size
	}
	const ellipsis = '…'
	_, ending := measure(ellipsis)
	room := width - ending
	l := line{text: text}
	used, cut := 0.0, 0
	for i, r := range text {
		if used <= room {
			cut = i
		}
		glyph, advance := measure(r)
		if used+advance > width {
			l.text = text[:cut] + string(ellipsis)
			break
		}
		if glyph == 0 {
			l.gaps, l.gapWidth = append(l.gaps, used), advance
		}
		used += advance
	}
	if l.text != text && room < 0 {
		return line{}
	}
	// Gaps behind the cut made room for the ellipsis.
	for len(l.gaps) > 0 && l.text != text && l.gaps[len(l.gaps)-1]+l.gapWidth > room {
		l.gaps = l.gaps[:len(l.gaps)-1]
	}
	return l
}
