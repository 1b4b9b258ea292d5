package export_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

// pdfFile is what the tests read of a PDF.
type pdfFile struct {
	title, subject string
	sizes          []string   // of the pages, in points
	texts          [][]string // the lines of the pages
}

var (
	pdfLength  = regexp.MustCompile(`^<</Length (\d+)>>\nstream\n`)
	pdfText    = regexp.MustCompile(`(?s)/Span <</ActualText <([0-9a-f]*)>>> BDC\n|BT \S+ \S+ Td \(((?:[^\\()]|\\.)*)\) Tj ET`)
	pdfInfo    = regexp.MustCompile(`(?s)/(Title|Subject) \(((?:[^\\()]|\\.)*)\)`)
	pdfBox     = regexp.MustCompile(`/MediaBox \[0 0 (\S+) (\S+)\]`)
	pdfEscaped = regexp.MustCompile(`(?s)\\(.)`)
)

// readPDF reads a PDF by its table of references, and the text of its pages as a viewer that copies it.
func readPDF(t *testing.T, file []byte) pdfFile {
	t.Helper()
	var p pdfFile
	var inherited string
	for _, object := range pdfObjects(t, file) {
		size := ""
		if m := pdfBox.FindSubmatch(object); m != nil {
			size = string(m[1]) + " x " + string(m[2])
		}
		switch {
		case bytes.HasPrefix(object, []byte("<</Type /Pages")):
			inherited = size
		case bytes.HasPrefix(object, []byte("<</Type /Page\n")):
			p.sizes = append(p.sizes, size)
		case bytes.Contains(object, []byte("/CreationDate")):
			for _, m := range pdfInfo.FindAllSubmatch(object, -1) {
				if string(m[1]) == "Title" {
					p.title = pdfString(t, pdfUnescape(m[2]), true)
				} else {
					p.subject = pdfString(t, pdfUnescape(m[2]), true)
				}
			}
		}
		if m := pdfLength.FindSubmatch(object); m != nil && !bytes.Contains(object, []byte("begincmap")) {
			length, _ := strconv.Atoi(string(m[1]))
			stream := object[len(m[0]):]
			if !bytes.HasPrefix(stream[length:], []byte("\nendstream")) {
				t.Fatal("a stream is not as long as it says")
			}
			p.texts = append(p.texts, pdfLines(t, stream[:length]))
		}
	}
	for i, size := range p.sizes {
		if size == "" {
			p.sizes[i] = inherited
		}
	}
	return p
}

// pdfObjects are the objects that the table of references at the end of a PDF leads to.
func pdfObjects(t *testing.T, file []byte) [][]byte {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-1.")) || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
		t.Fatal("the file does not begin and end as a PDF")
	}
	var at, first, count int
	tail := file[bytes.LastIndex(file, []byte("startxref")):]
	if _, err := fmt.Sscanf(string(tail), "startxref\n%d", &at); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(file[at:]), "xref\n%d %d\n", &first, &count); err != nil {
		t.Fatal(err)
	}
	table := strings.Split(string(file[at:]), "\n")[2:]
	offsets := []int{at}
	for number := 1; number < count; number++ {
		offset, err := strconv.Atoi(table[number][:10])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(file[offset:], fmt.Appendf(nil, "%d 0 obj\n", number)) {
			t.Fatalf("object %d is not at %d", number, offset)
		}
		offsets = append(offsets, offset)
	}
	slices.Sort(offsets)
	var objects [][]byte
	for i, offset := range offsets[:len(offsets)-1] {
		_, object, _ := bytes.Cut(file[offset:offsets[i+1]], []byte("\n"))
		objects = append(objects, object)
	}
	return objects
}

// pdfLines reads the lines of text in the stream of a page. What is marked with its actual text reads as that.
func pdfLines(t *testing.T, stream []byte) []string {
	t.Helper()
	var lines []string
	var actual []byte
	for _, m := range pdfText.FindAllSubmatch(stream, -1) {
		switch {
		case m[1] != nil:
			var err error
			if actual, err = hex.DecodeString(string(m[1])); err != nil {
				t.Fatal(err)
			}
		case actual != nil:
			lines = append(lines, pdfString(t, actual, true))
			actual = nil
		default:
			lines = append(lines, pdfString(t, pdfUnescape(m[2]), false))
		}
	}
	return lines
}

// pdfUnescape is what is between the parentheses of a literal string of PDF.
func pdfUnescape(raw []byte) []byte {
	return pdfEscaped.ReplaceAllFunc(raw, func(m []byte) []byte {
		if m[1] == 'r' {
			return []byte("\r")
		}
		return m[1:]
	})
}

// pdfString is what a string of PDF says, in UTF-16 with a byte order mark or without.
func pdfString(t *testing.T, raw []byte, marked bool) string {
	t.Helper()
	if bytes.HasPrefix(raw, []byte("\xfe\xff")) != marked {
		t.Fatalf("the string %.40q is not as it should be marked", raw)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xfe\xff"))
	if len(raw)%2 != 0 {
		t.Fatalf("the string %.40q has half a character", raw)
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

func TestPDFNamesTheView(t *testing.T) {
	t.Parallel()
	p := readPDF(t, must(t)(export.PDF([]export.View{sales()}, export.Page{})))
	notes := []string{"Dashboard of the workbook Quarterly Sales", "Region: East & West, North, far", "Parameter P 1: 5"}
	if p.title != "Umsatz Übersicht" || p.subject != strings.Join(notes, "\n") {
		t.Errorf("title %q, subject %q", p.title, p.subject)
	}
	if len(p.texts) != 1 || !slices.Equal(p.texts[0][:4], append([]string{"Umsatz Übersicht"}, notes...)) {
		t.Errorf("the pages read %q", p.texts)
	}
}

func TestPDFHasAPageForEachView(t *testing.T) {
	t.Parallel()
	views := make([]export.View, 500)
	for i := range views {
		views[i] = export.View{Workbook: "All", Name: fmt.Sprintf("View %d", i)}
	}
	p := readPDF(t, must(t)(export.PDF(views, export.Page{})))
	if p.title != "All" || len(p.sizes) != 500 || len(p.texts) != 500 {
		t.Fatalf("%q: %d pages, %d with text", p.title, len(p.sizes), len(p.texts))
	}
	for i, lines := range p.texts {
		if lines[0] != views[i].Name || lines[1] != "View of the workbook All" {
			t.Errorf("page %d reads %q", i, lines)
		}
	}
	if p := readPDF(t, must(t)(export.PDF(nil, export.Page{}))); len(p.sizes) != 1 {
		t.Errorf("a PDF of no views has %d pages", len(p.sizes))
	}
}

func TestTooManyViewsAreRefused(t *testing.T) {
	t.Parallel()
	views := make([]export.View, 2001)
	if _, err := export.PDF(views, export.Page{}); !errors.Is(err, export.ErrTooLarge) {
		t.Errorf("PDF: %v", err)
	}
	if _, err := export.PowerPoint(views); !errors.Is(err, export.ErrTooLarge) {
		t.Errorf("PowerPoint: %v", err)
	}
}

func TestPDFPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, orientation, want string }{
		{"", "", "612.00 x 1008.00"},
		{"", "landscape", "1008.00 x 612.00"},
		{"a3", "", "841.89 x 1190.55"},
		{"a4", "portrait", "595.28 x 841.89"},
		{"A4", "Landscape", "841.89 x 595.28"},
		{"a5", "", "419.53 x 595.28"},
		{"b4", "", "728.50 x 1031.81"},
		{"b5", "", "515.91 x 728.50"},
		{"executive", "", "522.00 x 756.00"},
		{"folio", "", "612.00 x 936.00"},
		{"ledger", "LANDSCAPE", "1224.00 x 792.00"},
		{"legal", "", "612.00 x 1008.00"},
		{"LETTER", "", "612.00 x 792.00"},
		{"note", "", "612.00 x 792.00"},
		{"quarto", "", "609.45 x 779.53"},
		{"tabloid", "", "792.00 x 1224.00"},
		{"unspecified", "landscape", "588.00 x 441.00"},
	} {
		views := []export.View{sales(), sales()}
		p := readPDF(t, must(t)(export.PDF(views, parsePage(t, test.kind, test.orientation))))
		if !slices.Equal(p.sizes, []string{test.want, test.want}) {
			t.Errorf("%+v: the pages are %q", test, p.sizes)
		}
	}
	page := parsePage(t, "Unspecified", "")
	page.View = parseSize(t, "800", "600", "")
	if p := readPDF(t, must(t)(export.PDF([]export.View{sales()}, page))); p.sizes[0] != "600.00 x 450.00" {
		t.Errorf("the page of a view of 800 x 600 is %s", p.sizes[0])
	}
}

// The size of a view on paper is told by the white behind it.
func TestPDFScalesTheView(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ width, height, want string }{
		{"", "", "36.00 756.00 540.00 -720.00 re f"},
		{"800", "600", "36.00 756.00 540.00 -405.00 re f"},
		{"100", "400", "36.00 756.00 180.00 -720.00 re f"},
	} {
		page := parsePage(t, "letter", "")
		page.View = parseSize(t, test.width, test.height, "")
		if file := must(t)(export.PDF([]export.View{sales()}, page)); !bytes.Contains(file, []byte(test.want)) {
			t.Errorf("%s x %s: no %q", test.width, test.height, test.want)
		}
	}
}

func TestParsePageRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, orientation, want string }{
		{"A6", "", `type is "A6", not one of A3, A4, A5, B4, B5, Executive, Folio, Ledger, Legal, Letter, Note, Quarto, Tabloid, Unspecified: bad parameter`},
		{"A4", "upright", `orientation is "upright", not Portrait or Landscape: bad parameter`},
	} {
		_, err := export.ParsePage(test.kind, test.orientation)
		if !errors.Is(err, export.ErrParameter) || err.Error() != test.want {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

func TestPDFOfAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range names {
		v := export.View{Workbook: name, Name: name, Filters: []export.Filter{{Field: name, Values: []string{name}}}}
		p := readPDF(t, must(t)(export.PDF([]export.View{v}, export.Page{})))
		text := readable(name)
		want := []string{text, "View of the workbook " + text, text + ": " + text}
		if name == "" {
			want = want[1:] // nothing is drawn for it
		}
		if diff := cmp.Diff(want, p.texts[0][:len(want)]); diff != "" {
			t.Errorf("%.40q (-want +got):\n%.400s", name, diff)
		}
		if p.title != text {
			t.Errorf("%.40q is titled %.40q", name, p.title)
		}
	}
}

// A page has room for some lines. The last of them has all that is left over.
func TestPDFHasEveryFilter(t *testing.T) {
	t.Parallel()
	v := export.View{Workbook: "Book", Name: "View"}
	var want []string
	for i := range 100 {
		v.Filters = append(v.Filters, export.Filter{Field: fmt.Sprintf("Field %d", i), Values: []string{"a"}})
		want = append(want, fmt.Sprintf("Field %d: a", i))
	}
	p := readPDF(t, must(t)(export.PDF([]export.View{v}, export.Page{})))
	read := strings.Split(strings.Join(p.texts[0], "; "), "; ")[2:]
	if !slices.Equal(read[:100], want) {
		t.Errorf("the page reads %q", p.texts[0])
	}
}
