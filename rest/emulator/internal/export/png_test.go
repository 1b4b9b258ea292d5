package export_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

// decodePNG decodes a picture, which checks the sums of its chunks up to the last of the image.
func decodePNG(t *testing.T, file []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// pngTexts reads the iTXt chunks of a picture.
func pngTexts(t *testing.T, file []byte) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for rest := file[8:]; len(rest) > 0; {
		length := binary.BigEndian.Uint32(rest)
		kind, body := string(rest[4:8]), string(rest[8:8+length])
		rest = rest[12+length:]
		if kind != "iTXt" {
			continue
		}
		keyword, body, _ := strings.Cut(body, "\x00")
		text, ok := strings.CutPrefix(body, "\x00\x00\x00\x00")
		if !ok {
			t.Fatalf("the text %q is compressed or of a language", keyword)
		}
		texts[keyword] = text
	}
	return texts
}

func TestPNGSize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		width, height, resolution string
		want                      image.Point
	}{
		{"", "", "", image.Pt(784, 588)},
		{"", "", "standard", image.Pt(784, 588)},
		{"", "", "high", image.Pt(1568, 1176)},
		{"", "", "HIGH", image.Pt(1568, 1176)},
		{"800", "600", "", image.Pt(800, 600)},
		{"800", "600", "high", image.Pt(800, 600)},
		{"1", "1", "", image.Pt(1, 1)},
		{"3", "4096", "", image.Pt(3, 4096)},
		{"4096", "3", "", image.Pt(4096, 3)},
	} {
		file := must(t)(export.PNG(sales(), parseSize(t, test.width, test.height, test.resolution)))
		if got := decodePNG(t, file).Bounds().Size(); got != test.want {
			t.Errorf("%+v: the picture is %v", test, got)
		}
	}
	if got := decodePNG(t, must(t)(export.Preview(sales()))).Bounds().Size(); got != image.Pt(192, 144) {
		t.Errorf("the preview is %v", got)
	}
}

func TestParseSizeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ width, height, named string }{
		{"800", "", "vizHeight"},
		{"", "600", "vizWidth"},
		{"0", "600", "vizWidth"},
		{"800", "-1", "vizHeight"},
		{"4097", "600", "vizWidth"},
		{"800", "many", "vizHeight"},
		{"99999999999999999999", "600", "vizWidth"},
	} {
		_, err := export.ParseSize(test.width, test.height, "high")
		if !errors.Is(err, export.ErrParameter) || !strings.HasPrefix(err.Error(), test.named+" ") {
			t.Errorf("%q x %q: %v", test.width, test.height, err)
		}
	}
}

func TestPNGNamesTheView(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Title":       "Umsatz Übersicht",
		"Description": "Dashboard of the workbook Quarterly Sales\nRegion: East & West, North, far\nParameter P 1: 5",
	}
	for name, file := range map[string][]byte{
		"picture": must(t)(export.PNG(sales(), export.Size{})),
		"preview": must(t)(export.Preview(sales())),
	} {
		if diff := cmp.Diff(want, pngTexts(t, file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is drawn is seen to change where it should and nowhere else: the title is above, the workbook under it.
func TestPNGDrawsTheNames(t *testing.T) {
	t.Parallel()
	title, workbook := image.Rect(0, 0, 784, 56), image.Rect(0, 56, 784, 78)
	drawn := func(v export.View, area image.Rectangle) []byte {
		picture := decodePNG(t, must(t)(export.PNG(v, export.Size{}))).(*image.Paletted)
		var pixels []byte
		for y := area.Min.Y; y < area.Max.Y; y++ {
			pixels = append(pixels, picture.Pix[picture.PixOffset(area.Min.X, y):picture.PixOffset(area.Max.X, y)]...)
		}
		return pixels
	}
	plain := export.View{Workbook: "Book", Name: "Title"}
	renamed := export.View{Workbook: "Book", Name: "Other"}
	moved := export.View{Workbook: "Elsewhere", Name: "Title"}
	chinese := export.View{Workbook: "Book", Name: "销售"}
	blank := export.View{Workbook: "Book", Name: "  "}
	for _, test := range []struct {
		what string
		a, b export.View
		area image.Rectangle
		same bool
	}{
		{"the title of another name", plain, renamed, title, false},
		{"the workbook under another name", plain, renamed, workbook, true},
		{"the title in another workbook", plain, moved, title, true},
		{"another workbook", plain, moved, workbook, false},
		{"a name without glyphs", blank, chinese, title, false},
	} {
		if same := bytes.Equal(drawn(test.a, test.area), drawn(test.b, test.area)); same != test.same {
			t.Errorf("%s: same pixels: %v", test.what, same)
		}
	}
}

func TestPNGOfAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range names {
		v := export.View{Workbook: name, Name: name, Filters: []export.Filter{{Field: name, Values: []string{name}}}}
		file := must(t)(export.PNG(v, export.Size{}))
		decodePNG(t, file)
		if got, want := pngTexts(t, file)["Title"], readable(name); got != want {
			t.Errorf("%.40q is titled %.40q", name, got)
		}
	}
}
