package export

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image/color"
	"strings"
	"time"
	"unicode/utf16"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

const (
	pointsPerPixel = 72.0 / 96
	pageMargin     = 36.0 // points, on paper
	fontFamily     = "go"
)

// PDF shows views, a page each, as [PNG] draws them but as text and shapes. The text of a page can be extracted: where it
// is cut or has characters that the font cannot name, the whole of it stands as ActualText. The streams of the pages
// are not compressed. The title of the document is the name of its one view, or of the workbook when there are more.
// A PDF of no views has one empty page. More than 2000 views are refused with [ErrTooLarge].
func PDF(views []View, p Page) ([]byte, error) {
	if len(views) > maxPages {
		return nil, fmt.Errorf("%d pages are more than %d: %w", len(views), maxPages, ErrTooLarge)
	}
	width, height := p.points()
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: width, Ht: height}})
	doc.SetCompression(false)
	doc.SetCatalogSort(true)
	epoch := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	doc.SetCreationDate(epoch)
	doc.SetModificationDate(epoch)
	doc.AddUTF8FontFromBytes(fontFamily, "", goregular.TTF)
	doc.AddUTF8FontFromBytes(fontFamily, "B", gobold.TTF)
	for i, v := range views {
		v = v.cleaned()
		switch {
		case len(views) == 1:
			doc.SetTitle(utf16Text(v.Name), false)
			doc.SetSubject(utf16Text(strings.Join(v.notes(), "\n")), false)
		case i == 0:
			doc.SetTitle(utf16Text(v.Workbook), false)
		}
		doc.AddPage()
		if err := p.draw(doc, v, width, height); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		return nil, fmt.Errorf("writing a PDF of %d views: %w", len(views), err)
	}
	return b.Bytes(), nil
}

// draw draws a view on the page that was added last. Paper has a margin, a page as large as the view has none.
func (p Page) draw(doc *fpdf.Fpdf, v View, width, height float64) error {
	c := &sheet{doc: doc, scale: pointsPerPixel}
	if !p.asView() {
		c.x, c.y = pageMargin, pageMargin
	}
	width, height = width-2*c.x, height-2*c.y
	if p.View == (Size{}) {
		return draw(c, v, width/c.scale, height/c.scale)
	}
	viewWidth, viewHeight := float64(p.View.width), float64(p.View.height)
	c.scale = min(width/viewWidth, height/viewHeight)
	return draw(c, v, viewWidth, viewHeight)
}

// sheet is the canvas of a page: where the view is on it, and what a pixel of the view is in points.
type sheet struct {
	doc         *fpdf.Fpdf
	x, y, scale float64
}

func (s *sheet) fill(x, y, width, height float64, c color.RGBA) {
	s.doc.SetFillColor(int(c.R), int(c.G), int(c.B))
	s.doc.Rect(s.x+x*s.scale, s.y+y*s.scale, width*s.scale, height*s.scale, "F")
}

// text writes a line. A font here has codes for the first 65,536 characters only, with a glyph or not: those behind them
// are in the ActualText alone, and so is what is cut. What stands for them has no glyph either.
func (s *sheet) text(x, y float64, look style, drawn, whole string) {
	drawn = strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFC'
		}
		return r
	}, drawn)
	bold := ""
	if look.bold {
		bold = "B"
	}
	s.doc.SetFont(fontFamily, bold, look.size*s.scale)
	s.doc.SetTextColor(int(look.color.R), int(look.color.G), int(look.color.B))
	if drawn != whole {
		s.doc.RawWriteStr("/Span <</ActualText <" + hex.EncodeToString([]byte(utf16Text(whole))) + ">>> BDC")
		defer s.doc.RawWriteStr("EMC")
	}
	s.doc.Text(s.x+x*s.scale, s.y+y*s.scale, drawn)
}

// utf16Text is a text string of PDF: UTF-16, the high byte first, behind a byte order mark. The library's own conversion
// knows no characters past U+FFFF.
func utf16Text(s string) string {
	b := []byte{0xFE, 0xFF}
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return string(b)
}
