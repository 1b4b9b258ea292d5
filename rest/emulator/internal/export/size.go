package export

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrParameter is wrapped by the refusals of [ParseSize] and [ParsePage], which name the parameter of the request.
var ErrParameter = errors.New("bad parameter")

// ErrTooLarge is wrapped when a file would have more pages, slides, rows or columns than it may.
var ErrTooLarge = errors.New("too large to export")

// maxSide is the longest side of a picture in pixels, maxPages how many views one file may show.
const (
	maxSide  = 4096
	maxPages = 2000
)

// Size is the size of a picture in pixels. The zero value is the one a server uses unless told: 784 x 588.
type Size struct{ width, height int }

const (
	standardWidth, standardHeight = 784, 588
	previewWidth, previewHeight   = 192, 144
)

// ParseSize reads what a request says of the size: vizWidth and vizHeight, both or neither, each from 1 to 4096, and the
// resolution, where "high" in any case doubles the default size and anything else is the standard one. A size that is
// given is the size of the picture in any resolution. An empty string is a parameter that is absent.
func ParseSize(vizWidth, vizHeight, resolution string) (Size, error) {
	if vizWidth == "" && vizHeight == "" {
		if strings.EqualFold(resolution, "high") {
			return Size{2 * standardWidth, 2 * standardHeight}, nil
		}
		return Size{}, nil
	}
	width, err := parseSide("vizWidth", vizWidth)
	if err != nil {
		return Size{}, err
	}
	height, err := parseSide("vizHeight", vizHeight)
	if err != nil {
		return Size{}, err
	}
	return Size{width, height}, nil
}

func parseSide(name, s string) (int, error) {
	if s == "" {
		return 0, fmt.Errorf("%s is missing, but vizWidth and vizHeight go together: %w", name, ErrParameter)
	}
	side, err := strconv.Atoi(s)
	if err != nil || side < 1 || side > maxSide {
		return 0, fmt.Errorf("%s is %q, not a whole number from 1 to %d: %w", name, s, maxSide, ErrParameter)
	}
	return side, nil
}

// orStandard is the size with the default put in.
func (s Size) orStandard() Size {
	if s == (Size{}) {
		return Size{standardWidth, standardHeight}
	}
	return s
}

// Page is how the pages of a PDF are made. The zero value is what a server uses unless told: Legal, portrait, the view
// filling the page.
type Page struct {
	// View is the size the view is rendered at, which is scaled to fit the page. The zero value takes that of the page.
	View Size

	paper     *paper // nil is Legal
	landscape bool
}

// paper is a size of paper in points, portrait. That of no size takes the size of the view.
type paper struct {
	name          string
	width, height float64
}

// legal is the paper that a server takes unless told.
var legal = paper{"Legal", 612, 1008}

// papers are the page types that "Query View PDF" and the clients know, with the sizes Windows gives these names; B4 and
// B5 are those of JIS.
var papers = []paper{
	{"A3", 841.89, 1190.55},
	{"A4", 595.28, 841.89},
	{"A5", 419.53, 595.28},
	{"B4", 728.50, 1031.81},
	{"B5", 515.91, 728.50},
	{"Executive", 522, 756},
	{"Folio", 612, 936},
	{"Ledger", 792, 1224},
	legal,
	{"Letter", 612, 792},
	{"Note", 612, 792},
	{"Quarto", 609.45, 779.53},
	{"Tabloid", 792, 1224},
	{"Unspecified", 0, 0},
}

// ParsePage reads the type and the orientation of a page in any case. An empty string is a parameter that is absent and
// means Legal, or Portrait. Ledger is Tabloid by another name: the orientation says which side is up.
func ParsePage(kind, orientation string) (Page, error) {
	var p Page
	switch {
	case orientation == "", strings.EqualFold(orientation, "portrait"):
	case strings.EqualFold(orientation, "landscape"):
		p.landscape = true
	default:
		return Page{}, fmt.Errorf("orientation is %q, not Portrait or Landscape: %w", orientation, ErrParameter)
	}
	if kind == "" {
		return p, nil
	}
	names := make([]string, len(papers))
	for i, known := range papers {
		if strings.EqualFold(kind, known.name) {
			p.paper = &papers[i]
			return p, nil
		}
		names[i] = known.name
	}
	return Page{}, fmt.Errorf("type is %q, not one of %s: %w", kind, strings.Join(names, ", "), ErrParameter)
}

// asView tells that the page is as large as the view.
func (p Page) asView() bool { return p.paper != nil && p.paper.width == 0 }

// points is the size of the page in points, as it is turned. A view of 96 pixels is an inch.
func (p Page) points() (width, height float64) {
	if p.asView() {
		view := p.View.orStandard()
		return float64(view.width) * pointsPerPixel, float64(view.height) * pointsPerPixel
	}
	known := legal
	if p.paper != nil {
		known = *p.paper
	}
	if p.landscape {
		return known.height, known.width
	}
	return known.width, known.height
}
