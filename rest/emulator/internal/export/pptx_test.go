package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

// pptxPackage is a presentation read by the rules of its package: nothing is found but by relationships.
type pptxPackage map[string][]byte

func openPPTX(t *testing.T, file []byte) pptxPackage {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	p := pptxPackage{}
	for _, entry := range archive.File {
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", entry.Name, err)
		}
		if _, twice := p[entry.Name]; twice {
			t.Errorf("%s is there twice", entry.Name)
		}
		p[entry.Name] = content
	}
	return p
}

// relation is what one part says of another, and where that is in the package.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// relations are those of a part, "" for the package itself, by their ids. Each leads to a part.
func (p pptxPackage) relations(t *testing.T, part string) map[string]relation {
	t.Helper()
	var list struct {
		Relationship []relation
	}
	name := path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	if part == "" {
		name = "_rels/.rels"
	}
	if err := xml.Unmarshal(p[name], &list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	relations := map[string]relation{}
	for _, r := range list.Relationship {
		r.Target = path.Join(path.Dir(part), r.Target)
		r.Type = path.Base(r.Type)
		if _, ok := p[r.Target]; !ok {
			t.Errorf("%s leads to %s, which is not there", name, r.Target)
		}
		if _, twice := relations[r.ID]; twice {
			t.Errorf("%s has the id %s twice", name, r.ID)
		}
		relations[r.ID] = r
	}
	return relations
}

// slideXML is what the tests read of a slide.
type slideXML struct {
	Title   string `xml:"cSld>spTree>sp>txBody>p>r>t"`
	Picture struct {
		Description string `xml:"descr,attr"`
	} `xml:"cSld>spTree>pic>nvPicPr>cNvPr"`
	Blip struct {
		Embed string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships embed,attr"`
	} `xml:"cSld>spTree>pic>blipFill>blip"`
	picture []byte
}

// slides reads the slides in the order of the presentation.
func (p pptxPackage) slides(t *testing.T) []slideXML {
	t.Helper()
	main := ""
	for _, r := range p.relations(t, "") {
		if r.Type == "officeDocument" {
			main = r.Target
		}
	}
	var presentation struct {
		Slide []struct {
			Attr []xml.Attr `xml:",any,attr"` // two are called id and differ in their namespaces
		} `xml:"sldIdLst>sldId"`
	}
	if err := xml.Unmarshal(p[main], &presentation); err != nil {
		t.Fatal(err)
	}
	relations := p.relations(t, main)
	var slides []slideXML
	ids := map[int]bool{}
	for _, s := range presentation.Slide {
		part := ""
		for _, a := range s.Attr {
			if a.Name.Space != "" {
				part = relations[a.Value].Target
			} else if id, err := strconv.Atoi(a.Value); err != nil || id < 256 || ids[id] {
				t.Errorf("the slide id %d is below 256 or there twice: %v", id, err)
			} else {
				ids[id] = true
			}
		}
		var slide slideXML
		if err := xml.Unmarshal(p[part], &slide); err != nil {
			t.Fatalf("%s: %v", part, err)
		}
		slide.picture = p[p.relations(t, part)[slide.Blip.Embed].Target]
		slides = append(slides, slide)
	}
	return slides
}

func TestPowerPointHasASlideForEachView(t *testing.T) {
	t.Parallel()
	views := []export.View{sales()}
	for i := range 39 {
		views = append(views, export.View{Workbook: "Quarterly Sales", Name: fmt.Sprintf("View %d", i), SheetType: "worksheet"})
	}
	slides := openPPTX(t, must(t)(export.PowerPoint(views))).slides(t)
	if len(slides) != len(views) {
		t.Fatalf("%d slides", len(slides))
	}
	for i, slide := range slides {
		want := pngTexts(t, slide.picture)
		if slide.Title != views[i].Name || slide.Picture.Description != want["Description"] || slide.Title != want["Title"] {
			t.Errorf("slide %d is %q: %q, its picture is %q", i, slide.Title, slide.Picture.Description, want)
		}
	}
	if got := slides[0].Picture.Description; got != "Dashboard of the workbook Quarterly Sales\nRegion: East & West, North, far\nParameter P 1: 5" {
		t.Errorf("the first slide is of %q", got)
	}
	if got := decodePNG(t, slides[0].picture).Bounds().Size(); got != image.Pt(784, 588) {
		t.Errorf("its picture is %v", got)
	}
}

func TestPowerPointOfNoViews(t *testing.T) {
	t.Parallel()
	p := openPPTX(t, must(t)(export.PowerPoint(nil)))
	if slides := p.slides(t); len(slides) != 0 {
		t.Errorf("%d slides", len(slides))
	}
	// A list of slides must not be empty.
	if bytes.Contains(p["ppt/presentation.xml"], []byte("sldIdLst")) {
		t.Error("the presentation has a list of no slides")
	}
}

// Every part is sound XML, has a type, and is reached from the package; what a slide needs to be opened is there.
func TestPowerPointPackageIsSound(t *testing.T) {
	t.Parallel()
	p := openPPTX(t, must(t)(export.PowerPoint([]export.View{sales(), {}})))
	var types struct {
		Default []struct {
			Extension string `xml:"Extension,attr"`
		}
		Override []struct {
			PartName    string `xml:"PartName,attr"`
			ContentType string `xml:"ContentType,attr"`
		}
	}
	if err := xml.Unmarshal(p["[Content_Types].xml"], &types); err != nil {
		t.Fatal(err)
	}
	typed := map[string]string{}
	for _, o := range types.Override {
		if _, ok := p[strings.TrimPrefix(o.PartName, "/")]; !ok {
			t.Errorf("%s has a type and is not there", o.PartName)
		}
		typed[strings.TrimPrefix(o.PartName, "/")] = o.ContentType
	}
	reached := p.reach(t, "", map[string]bool{})
	for name, content := range p {
		known := name == "[Content_Types].xml" || path.Ext(name) == ".rels"
		if !known && !reached[name] {
			t.Errorf("nothing leads to %s", name)
		}
		if path.Ext(name) != ".png" {
			soundXML(t, name, content)
		}
		known = known || slices.ContainsFunc(types.Default, func(d struct {
			Extension string `xml:"Extension,attr"`
		},
		) bool {
			return d.Extension != "xml" && "."+d.Extension == path.Ext(name)
		})
		if !known && typed[name] == "" {
			t.Errorf("%s has no type of its own", name)
		}
	}
	for _, slide := range []string{"ppt/slides/slide1.xml", "ppt/slides/slide2.xml"} {
		if got := typed[slide]; got != "application/vnd.openxmlformats-officedocument.presentationml.slide+xml" {
			t.Errorf("%s is of type %q", slide, got)
		}
	}
}

// reach follows the relationships of a part.
func (p pptxPackage) reach(t *testing.T, part string, reached map[string]bool) map[string]bool {
	t.Helper()
	if _, ok := p[path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")]; !ok && part != "" {
		return reached
	}
	for _, r := range p.relations(t, part) {
		if !reached[r.Target] {
			reached[r.Target] = true
			p.reach(t, r.Target, reached)
		}
	}
	return reached
}

// soundXML reads a part to its end.
func soundXML(t *testing.T, name string, content []byte) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestPowerPointOfAnyName(t *testing.T) {
	t.Parallel()
	var views []export.View
	for _, name := range names {
		views = append(views, export.View{Workbook: name, Name: name})
	}
	p := openPPTX(t, must(t)(export.PowerPoint(views)))
	for i, slide := range p.slides(t) {
		if want := readable(names[i]); slide.Title != want || slide.Picture.Description != "View of the workbook "+want {
			t.Errorf("%.40q is %.40q: %.80q", names[i], slide.Title, slide.Picture.Description)
		}
	}
}
