package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RenderOptions say how the server makes a picture or a file of views. The zero value leaves all of it to the server. An
// option that a call does not know is refused before anything is sent: PowerPoint files know MaxAge alone, pages belong to PDF
// files, a resolution to pictures, and a size to both.
type RenderOptions struct {
	// Filters keep, of each field, the named values: {"Region": {"EMEA", "APAC"}}. A value may hold commas. For PDF files of
	// workbooks this, Parameters and Language need API 3.23.
	Filters map[string][]string
	// Parameters are the values of parameters of the workbook.
	Parameters map[string]string
	// MaxAge is how old a picture from the server's cache may be, in whole minutes and at least one; 0 for the server's choice.
	MaxAge time.Duration
	// Language is what texts and formats are in, such as de or en-GB; "" for that of the user.
	Language string
	// HighResolution makes a picture twice as wide and as high.
	HighResolution bool
	// Width and Height are the size in pixels that the view is laid out at: both or neither. For pictures, and for PDF files of
	// workbooks, they need API 3.23.
	Width, Height int
	// PageType is the size of the pages, "" for Legal.
	PageType PageType
	// Orientation is that of the pages, "" for Portrait.
	Orientation Orientation
	// MaxBytes refuses to write more than that, 0 for 16 GiB.
	MaxBytes int64
}

// A PageType is the size of the pages of a PDF file.
type PageType string

// The sizes of pages.
const (
	PageA3          PageType = "A3"
	PageA4          PageType = "A4"
	PageA5          PageType = "A5"
	PageB4          PageType = "B4" // known to Tableau's own clients, and not to the reference
	PageB5          PageType = "B5"
	PageExecutive   PageType = "Executive"
	PageFolio       PageType = "Folio"
	PageLedger      PageType = "Ledger"
	PageLegal       PageType = "Legal"
	PageLetter      PageType = "Letter"
	PageNote        PageType = "Note"
	PageQuarto      PageType = "Quarto"
	PageTabloid     PageType = "Tabloid"
	PageUnspecified PageType = "Unspecified" // as large as the view
)

var pageTypes = []PageType{
	PageA3, PageA4, PageA5, PageB4, PageB5, PageExecutive, PageFolio, PageLedger, PageLegal, PageLetter, PageNote, PageQuarto, PageTabloid,
	PageUnspecified,
}

// An Orientation is how the pages of a PDF file stand.
type Orientation string

// The orientations of pages.
const (
	Portrait  Orientation = "Portrait"
	Landscape Orientation = "Landscape"
)

// A rendering is a call that is answered by a picture or a file made of views.
type rendering struct {
	op    string
	since Version
	of    string // "view", as messages say it
	in    string // "views", as paths say it
	file  string // what it makes, for messages and the end of the path
	takes takes
}

// takes are the options that a rendering knows, each with the version of the API that brought it. All of them know MaxAge.
type takes map[string]Version

// The groups of options, as messages call them.
const (
	withFilters    = "filters, parameters or a language"
	withSize       = "a width and a height"
	withPages      = "a type or an orientation of pages"
	withResolution = "a high resolution"
)

var (
	viewImage       = rendering{"Query View Image", Version{2, 5}, "view", "views", "image", ofImages}
	viewPDF         = rendering{"Query View PDF", Version{2, 7}, "view", "views", "pdf", ofPDFs}
	viewData        = rendering{"Query View Data", Version{2, 7}, "view", "views", "data", ofData}
	viewCrosstab    = rendering{"Download View Crosstab Excel", Version{3, 9}, "view", "views", "crosstab/excel", ofData}
	workbookPDF     = rendering{"Download Workbook PDF", Version{3, 4}, "workbook", "workbooks", "pdf", ofWorkbookPDFs}
	workbookSlides  = rendering{"Download Workbook PowerPoint", Version{3, 8}, "workbook", "workbooks", "powerpoint", nil}
	customViewImage = rendering{"Get Custom View Image", Version{3, 18}, "custom view", "customviews", "image", ofImages}
	customViewPDF   = rendering{"Get Custom View PDF", Version{3, 23}, "custom view", "customviews", "pdf", ofPDFs}
	customViewData  = rendering{"Get Custom View Data", Version{3, 23}, "custom view", "customviews", "data", ofData}

	ofData         = takes{withFilters: {}}
	ofImages       = takes{withFilters: {}, withSize: {3, 23}, withResolution: {}}
	ofPDFs         = takes{withFilters: {}, withSize: {}, withPages: {}}
	ofWorkbookPDFs = takes{withFilters: {3, 23}, withSize: {3, 23}, withPages: {}}
)

// render writes what is made of the object with a LUID.
func (s *Session) render(ctx context.Context, r rendering, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	query, err := o.query(s, r)
	err = errors.Join(checkLUID(r.of, luid), err)
	var info DownloadInfo
	if err == nil {
		q := &request{op: r.op, since: r.since, method: http.MethodGet, path: r.in + "/" + segments(luid) + "/" + r.file, query: query}
		info, err = s.picture(ctx, q, w, o.MaxBytes)
		if refused, ok := errors.AsType[*Error](err); ok && refused.Code == "400101" { // an unknown error, which may not come again
			info, err = s.picture(ctx, q, w, o.MaxBytes)
		}
	}
	if err != nil {
		return info, fmt.Errorf("rendering %s %q (%s): %w", r.of, luid, r.file, err)
	}
	return info, nil
}

// picture writes what a request is answered by, which is empty for no view; the data of one that shows nothing may be.
func (s *Session) picture(ctx context.Context, q *request, w io.Writer, most int64) (DownloadInfo, error) {
	info, err := s.stream(ctx, q, w, most)
	if err == nil && info.Size == 0 && !strings.HasSuffix(q.path, "/data") {
		err = errors.New("the server sent an empty file")
	}
	return info, err
}

// query checks the options and writes them for a URL.
func (o RenderOptions) query(s *Session, r rendering) (string, error) {
	var errs []error
	for _, asked := range []struct {
		group string
		set   bool
	}{
		{withFilters, len(o.Filters) > 0 || len(o.Parameters) > 0 || o.Language != ""},
		{withSize, o.Width != 0 || o.Height != 0},
		{withPages, o.PageType != "" || o.Orientation != ""},
		{withResolution, o.HighResolution},
	} {
		since, known := r.takes[asked.group]
		switch {
		case asked.set && !known:
			errs = append(errs, fmt.Errorf("%q does not know %s", r.op, asked.group))
		case asked.set:
			errs = append(errs, s.needs(r.op+" with "+asked.group, since))
		}
	}
	errs = append(errs, o.check())
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	var parameters []string
	set := func(name, value string, given bool) {
		if given {
			parameters = append(parameters, escapeQuery(name)+"="+escapeQuery(value))
		}
	}
	set("resolution", "high", o.HighResolution)
	set("type", string(o.PageType), o.PageType != "")
	set("orientation", string(o.Orientation), o.Orientation != "")
	set("vizHeight", strconv.Itoa(o.Height), o.Height != 0)
	set("vizWidth", strconv.Itoa(o.Width), o.Width != 0)
	set("maxAge", strconv.Itoa(int(o.MaxAge/time.Minute)), o.MaxAge != 0)
	set("language", o.Language, o.Language != "")
	for _, field := range slices.Sorted(maps.Keys(o.Filters)) {
		set("vf_"+field, joinValues(o.Filters[field]), true)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Parameters)) {
		set("vf_Parameters."+name, o.Parameters[name], true)
	}
	return strings.Join(parameters, "&"), nil
}

// joinValues joins the values of a filter by commas; one within a value has a backslash before it.
func joinValues(values []string) string {
	return strings.Join(convert(values, func(value string) string { return strings.ReplaceAll(value, ",", `\,`) }), ",")
}

func (o RenderOptions) check() error {
	var errs []error
	if o.MaxAge < 0 || o.MaxAge%time.Minute != 0 {
		errs = append(errs, fmt.Errorf("a maximal age of %v is not in whole minutes", o.MaxAge))
	}
	if o.Width < 0 || o.Height < 0 || (o.Width == 0) != (o.Height == 0) {
		errs = append(errs, fmt.Errorf("a size of %d x %d pixels: width and height go together", o.Width, o.Height))
	}
	if o.PageType != "" && !slices.Contains(pageTypes, o.PageType) {
		errs = append(errs, fmt.Errorf("there is no page type %q; there is %v", o.PageType, pageTypes))
	}
	if o.Orientation != "" && o.Orientation != Portrait && o.Orientation != Landscape {
		errs = append(errs, fmt.Errorf("there is no orientation %q; there is %s and %s", o.Orientation, Portrait, Landscape))
	}
	for _, field := range slices.Sorted(maps.Keys(o.Filters)) {
		errs = append(errs, checkViewFilter(field, o.Filters[field]))
	}
	if _, empty := o.Parameters[""]; empty {
		errs = append(errs, errors.New("a parameter has no name"))
	}
	return errors.Join(errs...)
}

func checkViewFilter(field string, values []string) error {
	switch {
	case field == "":
		return errors.New("a filter has no field")
	case len(values) == 0:
		return fmt.Errorf("filter on %q has no values", field)
	case len(values) > 1 && slices.ContainsFunc(values[:len(values)-1], func(v string) bool { return strings.HasSuffix(v, `\`) }):
		// The server would take the comma after it for a part of the value.
		return fmt.Errorf(`filter on %q: a value that ends in a backslash has to be the last`, field)
	}
	return nil
}
