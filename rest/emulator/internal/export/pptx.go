package export

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/template"
	"time"
)

//go:embed pptx/*.xml
var pptxFiles embed.FS

// pptxTemplates parses what presentations are made from, once in a process.
var pptxTemplates = sync.OnceValues(func() (*template.Template, error) {
	t, err := template.New("").Funcs(template.FuncMap{"xml": escapeXML}).ParseFS(pptxFiles, "pptx/*.xml")
	if err != nil {
		return nil, fmt.Errorf("parsing the parts of a presentation: %w", err)
	}
	return t, nil
})

// pptxParts are the parts of a presentation beside its slides: the name in the package, and the template.
var pptxParts = []struct{ name, template string }{
	{"[Content_Types].xml", "types.xml"},
	{"_rels/.rels", "package-rels.xml"},
	{"docProps/app.xml", "app.xml"},
	{"docProps/core.xml", "core.xml"},
	{"ppt/presentation.xml", "presentation.xml"},
	{"ppt/_rels/presentation.xml.rels", "presentation-rels.xml"},
	{"ppt/theme/theme1.xml", "theme.xml"},
	{"ppt/slideMasters/slideMaster1.xml", "master.xml"},
	{"ppt/slideMasters/_rels/slideMaster1.xml.rels", "master-rels.xml"},
	{"ppt/slideLayouts/slideLayout1.xml", "layout.xml"},
	{"ppt/slideLayouts/_rels/slideLayout1.xml.rels", "layout-rels.xml"},
}

// presentation is what the templates of a presentation are filled with.
type presentation struct {
	Title  string
	Slides []slide
}

// slide is what the templates of a slide are filled with.
type slide struct {
	Number             int
	ID                 int // of the slide in the presentation; those below 256 are not allowed
	Title, Description string
}

// PowerPoint shows views, a slide each: its title is the name of the view, and the picture that [PNG] makes has what the
// view is and what is applied to it as its alternative text. The title of the document is the name of the workbook of
// the first. More than 2000 views are refused with [ErrTooLarge].
func PowerPoint(views []View) ([]byte, error) {
	if len(views) > maxPages {
		return nil, fmt.Errorf("%d slides are more than %d: %w", len(views), maxPages, ErrTooLarge)
	}
	templates, err := pptxTemplates()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := pptxWriter{zip: zip.NewWriter(&b), templates: templates}
	var p presentation
	for i, v := range views {
		v = v.cleaned()
		if i == 0 {
			p.Title = v.Workbook
		}
		s := slide{Number: i + 1, ID: 256 + i, Title: v.Name, Description: strings.Join(v.notes(), "\n")}
		p.Slides = append(p.Slides, s)
	}
	for _, part := range pptxParts {
		w.part(part.name, part.template, p)
	}
	for i, s := range p.Slides {
		w.part(fmt.Sprintf("ppt/slides/slide%d.xml", s.Number), "slide.xml", s)
		w.part(fmt.Sprintf("ppt/slides/_rels/slide%d.xml.rels", s.Number), "slide-rels.xml", s)
		w.picture(fmt.Sprintf("ppt/media/image%d.png", s.Number), views[i])
	}
	if w.err == nil {
		w.err = w.zip.Close()
	}
	if w.err != nil {
		return nil, fmt.Errorf("writing a presentation of %d views: %w", len(views), w.err)
	}
	return b.Bytes(), nil
}

// pptxWriter writes the parts of a presentation. Its first error stays.
type pptxWriter struct {
	zip       *zip.Writer
	templates *template.Template
	err       error
}

// part writes a part from a template.
func (w *pptxWriter) part(name, from string, data any) {
	if out := w.create(name, zip.Deflate); w.err == nil {
		w.err = w.templates.ExecuteTemplate(out, from, data)
	}
}

// picture writes the picture of a view, which is compressed already.
func (w *pptxWriter) picture(name string, v View) {
	picture, err := PNG(v, Size{})
	if w.err == nil {
		w.err = err
	}
	if out := w.create(name, zip.Store); w.err == nil {
		_, w.err = out.Write(picture)
	}
}

// create begins a part. All have the time at which the clock of zip begins.
func (w *pptxWriter) create(name string, method uint16) io.Writer {
	if w.err != nil {
		return nil
	}
	epoch := time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: epoch})
	w.err = err
	return out
}

func escapeXML(s string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}
