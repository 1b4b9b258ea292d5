package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// PNG is a picture of a view. It is drawn with the names of the view and its workbook and with what is applied to it; the
// same stands whole in its text chunks: Title is the name of the view, Description the lines under it.
func PNG(v View, s Size) ([]byte, error) {
	return paint(v.cleaned(), s.orStandard())
}

// Preview is the small picture of a view that lists of views show, 192 x 144 pixels, with the text chunks of [PNG].
func Preview(v View) ([]byte, error) {
	return paint(v.cleaned(), Size{previewWidth, previewHeight})
}

// paint makes the picture of a view whose text is clean.
func paint(v View, s Size) ([]byte, error) {
	f, err := loadFonts()
	if err != nil {
		return nil, err
	}
	p := newPicture(s, f)
	if err := draw(p, v, float64(s.width), float64(s.height)); err != nil {
		return nil, err
	}
	if p.err != nil {
		return nil, fmt.Errorf("drawing the view %q: %w", v.Name, p.err)
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, p.image); err != nil {
		return nil, fmt.Errorf("encoding the picture of the view %q: %w", v.Name, err)
	}
	// Text may stand anywhere between the header, which is of fixed length, and the end.
	const header = 8 + 4 + 4 + 13 + 4
	file := b.Bytes()
	text := append(textChunk("Title", v.Name), textChunk("Description", strings.Join(v.notes(), "\n"))...)
	return bytes.Join([][]byte{file[:header], text, file[header:]}, nil), nil
}

// textChunk is an iTXt chunk: text in UTF-8, not compressed, of no language.
func textChunk(keyword, text string) []byte {
	body := "iTXt" + keyword + "\x00\x00\x00\x00\x00" + text
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-len("iTXt")))
	chunk = append(chunk, body...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(body)))
}

// picture is the canvas of a picture. Its first error stays. It has a palette, because what is drawn has a few colors on
// white, and such a picture is a quarter of the size and encoded in a fraction of the time.
type picture struct {
	image *image.Paletted
	fonts fonts
	ramps map[color.RGBA]uint8
	err   error
}

// rampSteps is how many steps there are from white to a color, for the edges of glyphs.
const rampSteps = 16

func newPicture(s Size, f fonts) *picture {
	bounds := image.Rect(0, 0, s.width, s.height)
	return &picture{image: image.NewPaletted(bounds, nil), fonts: f, ramps: map[color.RGBA]uint8{}}
}

// ramp is the place in the palette where the steps to a color begin; the color itself is the last of them.
func (p *picture) ramp(c color.RGBA) uint8 {
	if at, ok := p.ramps[c]; ok {
		return at
	}
	at := uint8(len(p.image.Palette))
	for step := range rampSteps {
		mix := func(part uint8) uint8 { return uint8(255 - (255-int(part))*(step+1)/rampSteps) }
		p.image.Palette = append(p.image.Palette, color.RGBA{mix(c.R), mix(c.G), mix(c.B), 0xFF})
	}
	p.ramps[c] = at
	return at
}

func (p *picture) fill(x, y, width, height float64, c color.RGBA) {
	area := image.Rect(round(x), round(y), round(x+width), round(y+height)).Intersect(p.image.Rect)
	if area.Empty() {
		return
	}
	index := p.ramp(c) + rampSteps - 1
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := p.image.Pix[p.image.PixOffset(area.Min.X, y):p.image.PixOffset(area.Max.X, y)]
		for i := range row {
			row[i] = index
		}
	}
}

func round(f float64) int { return int(math.Round(f)) }

// text sets the glyphs side by side. Kerning is left out, because the widths that text is cut by do not know it.
func (p *picture) text(x, y float64, s style, drawn, _ string) {
	face, err := opentype.NewFace(p.fonts.of(s), &opentype.FaceOptions{Size: s.size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		p.err = err
		return
	}
	dot := fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)}
	ramp := p.ramp(s.color)
	for _, r := range drawn {
		area, mask, from, advance, ok := face.Glyph(dot, r)
		if alpha, isAlpha := mask.(*image.Alpha); ok && isAlpha {
			p.glyph(area, alpha, from, ramp)
		}
		dot.X += advance
	}
}

// glyph draws one glyph on white.
func (p *picture) glyph(area image.Rectangle, mask *image.Alpha, from image.Point, ramp uint8) {
	visible := area.Intersect(p.image.Rect)
	for y := visible.Min.Y; y < visible.Max.Y; y++ {
		for x := visible.Min.X; x < visible.Max.X; x++ {
			alpha := mask.AlphaAt(from.X+x-area.Min.X, from.Y+y-area.Min.Y).A
			if step := int(alpha) * rampSteps / 255; step > 0 {
				p.image.SetColorIndex(x, y, ramp+uint8(step)-1)
			}
		}
	}
}
