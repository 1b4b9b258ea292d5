package emulator

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/twb"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

var exportOperations = []operation{
	op("GET", "sites/{site}/views/{view}/image", onSite, nil, viewImage).since(2, 5),
	op("GET", "sites/{site}/views/{view}/pdf", onSite, nil, viewPDF).since(2, 7),
	op("GET", "sites/{site}/views/{view}/data", onSite, nil, viewData).since(2, 7),
	op("GET", "sites/{site}/views/{view}/crosstab/excel", onSite, nil, viewCrosstab).since(3, 9),
	op("GET", "sites/{site}/workbooks/{id}/views/{view}/previewimage", onSite, nil, viewPreview),
	op("GET", "sites/{site}/workbooks/{id}/previewimage", onSite, nil, workbookPreview),
	op("GET", "sites/{site}/workbooks/{id}/pdf", onSite, nil, workbookPDF).since(3, 4),
	op("GET", "sites/{site}/workbooks/{id}/powerpoint", onSite, nil, workbookPowerPoint).since(3, 8),
}

// exportTypes are the formats that views are made into, by extension, and their types.
var exportTypes = map[string]string{
	"csv":  "text/csv",
	"pdf":  "application/pdf",
	"png":  "image/png",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// exporter makes a file of views.
type exporter func([]export.View) ([]byte, error)

// ofOne is an exporter that makes a file of one view.
func ofOne(make func(export.View) ([]byte, error)) exporter {
	return func(views []export.View) ([]byte, error) { return make(views[0]) }
}

// viewImage answers GET views/{id}/image.
func viewImage(c *call) (*reply, error) {
	v, workbook, err := c.view(codeNoView, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	if c.site.described().Attributes[sheetImages] == "false" {
		return nil, refuse(codeImageDisabled, "Images of views are disabled on site '%s'.", c.site.luid)
	}
	make, err := c.imageExporter()
	if err != nil {
		return nil, err
	}
	return c.exportView(v, workbook, "png", make)
}

// imageExporter returns what makes a picture of the size that the request asks for.
func (c *call) imageExporter() (exporter, error) {
	size, err := export.ParseSize(c.query["vizWidth"], c.query["vizHeight"], c.query["resolution"])
	if err != nil {
		return nil, refuse(codeExport, "The image cannot be made: %v.", err)
	}
	return ofOne(func(v export.View) ([]byte, error) { return export.PNG(v, size) }), nil
}

// viewPDF answers GET views/{id}/pdf.
func viewPDF(c *call) (*reply, error) {
	v, workbook, err := c.view(codeViewOfSite, codeViewForbidden, "Read")
	if err != nil {
		return nil, err
	}
	make, err := c.pdfExporter()
	if err != nil {
		return nil, err
	}
	return c.exportView(v, workbook, "pdf", make)
}

// pdfExporter returns what makes a PDF with the pages that the request asks for.
func (c *call) pdfExporter() (exporter, error) {
	page, err := export.ParsePage(c.query["type"], c.query["orientation"])
	if err == nil {
		page.View, err = export.ParseSize(c.query["vizWidth"], c.query["vizHeight"], "")
	}
	if err != nil {
		return nil, refuse(codeExport, "The PDF cannot be made: %v.", err)
	}
	return func(views []export.View) ([]byte, error) { return export.PDF(views, page) }, nil
}

// viewData answers GET views/{id}/data.
func viewData(c *call) (*reply, error) {
	v, workbook, err := c.view(codeViewOfSite, codeViewForbidden, "Read")
	if err != nil {
		return nil, err
	}
	return c.exportView(v, workbook, "csv", ofOne(export.CSV))
}

// viewCrosstab answers GET views/{id}/crosstab/excel.
func viewCrosstab(c *call) (*reply, error) {
	v, workbook, err := c.view(codeCrosstabOfSite, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	if err := c.allow(codeForbidden, "ExportData", v.securable(workbook)); err != nil {
		return nil, err
	}
	return c.exportView(v, workbook, "xlsx", ofOne(export.Excel))
}

// viewPreview answers GET workbooks/{id}/views/{id}/previewImage.
func viewPreview(c *call) (*reply, error) {
	workbook, err := workbooks.find(c)
	if err != nil {
		return nil, err
	}
	v, of, err := c.view(codeNoView, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	if of.LUID != workbook.LUID {
		return nil, refuse(codeNoView, "Workbook '%s' has no view '%s'.", workbook.LUID, v.LUID)
	}
	return c.export(workbook, []*view{v}, v.contentURL(workbook), "png", ofOne(export.Preview))
}

// workbookPreview answers GET workbooks/{id}/previewImage: the first view that the caller may read.
func workbookPreview(c *call) (*reply, error) {
	workbook, err := workbooks.findFor(c, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	views, err := c.exportable(workbook, c.site.viewsOf(workbook), "Read")
	if err != nil {
		return nil, err
	}
	return c.export(workbook, views[:1], views[0].contentURL(workbook), "png", ofOne(export.Preview))
}

// workbookPDF answers GET workbooks/{id}/pdf.
func workbookPDF(c *call) (*reply, error) {
	make, err := c.pdfExporter()
	if err != nil {
		return nil, err
	}
	return c.exportWorkbook("pdf", make)
}

// workbookPowerPoint answers GET workbooks/{id}/powerpoint.
func workbookPowerPoint(c *call) (*reply, error) {
	return c.exportWorkbook("pptx", export.PowerPoint)
}

// exportWorkbook makes a file of the views of the workbook in the path: of all that have a tab and that the caller may
// export, or of the default one when the workbook shows no tabs.
func (c *call) exportWorkbook(format string, make exporter) (*reply, error) {
	workbook, err := workbooks.findFor(c, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	if err := c.allow(codeForbidden, "ExportImage", workbook.securable()); err != nil {
		return nil, err
	}
	shown := c.site.viewsOf(workbook)
	if !workbook.ShowTabs {
		shown = shown[:min(1, len(shown))]
	}
	views, err := c.exportable(workbook, shown, "Read", "ExportImage")
	if err != nil {
		return nil, err
	}
	return c.export(workbook, views, workbook.ContentURL, format, make)
}

// exportable leaves of views those that the caller has the capabilities on, and refuses when none is left.
func (c *call) exportable(workbook *asset, views []*view, capabilities ...string) ([]*view, error) {
	views = slices.DeleteFunc(views, func(v *view) bool {
		return slices.ContainsFunc(capabilities, func(capability string) bool { return !c.may(capability, v.securable(workbook)) })
	})
	if len(views) == 0 {
		return nil, refuse(codeForbidden, "User '%s' may see no view of workbook '%s'.", c.user.LUID, workbook.LUID)
	}
	return views, nil
}

// exportView makes a file of a view, which counts as somebody looking at it.
func (c *call) exportView(v *view, workbook *asset, format string, make exporter) (*reply, error) {
	seen := *v
	seen.Seen++
	c.site.views.Put(&seen)
	c.saw("view", v.LUID)
	return c.export(workbook, []*view{v}, v.contentURL(workbook), format, make)
}

// export answers with a file made of views of a workbook, or with the one that the options have for the content URL. It
// is made without the lock.
func (c *call) export(workbook *asset, views []*view, contentURL, format string, make exporter) (*reply, error) {
	if age := c.query["maxAge"]; age != "" {
		if minutes, err := strconv.Atoi(age); err != nil || minutes < 0 {
			return nil, refuse(codeExport, "The parameter maxAge must be a whole number of minutes, not '%s'.", age)
		}
	}
	answer := ok()
	if data, given := c.server.exports[contentURL+"."+format]; given {
		answer.file = &file{bytes.NewReader(data), exportTypes[format], ""}
		return answer, nil
	}
	data, err := c.server.store.OpenBlob(workbook.current().Data)
	if err != nil {
		return nil, err
	}
	filters := readViewFilters(c.query)
	answer.completeWith(func() error {
		defer data.Close()
		document, err := documents.OpenReader(data, data.Size())
		if err != nil {
			return refuse(codeExport, "The file of workbook '%s' cannot be read: %v.", workbook.LUID, err)
		}
		defer document.Close()
		var shown []export.View
		for _, v := range views {
			shown = append(shown, export.View{
				Workbook: workbook.Name, Name: v.Name, SheetType: v.SheetType, Fields: shownFields(document, v.Name), Filters: filters,
			})
		}
		made, err := make(shown)
		if err != nil {
			return refuse(codeExport, "The file of '%s' cannot be made: %v.", contentURL, err)
		}
		answer.file = &file{bytes.NewReader(made), exportTypes[format], ""}
		return nil
	})
	return answer, nil
}

// readViewFilters reads what a request applies to a view: vf_ and a field with the values that are kept, or vf_, the word
// Parameters, a full stop and a parameter with its value.
func readViewFilters(query map[string]string) []export.Filter {
	var filters []export.Filter
	for _, name := range slices.Sorted(maps.Keys(query)) {
		field, isFilter := strings.CutPrefix(name, "vf_")
		if !isFilter {
			continue
		}
		f := export.Filter{Field: field, Values: splitValues(query[name])}
		if parameter, isParameter := strings.CutPrefix(field, "Parameters."); isParameter {
			f = export.Filter{Field: parameter, Values: []string{query[name]}, Parameter: true}
		}
		filters = append(filters, f)
	}
	return filters
}

// splitValues splits at commas; one that belongs to a value has a backslash before it.
func splitValues(s string) []string {
	var values []string
	var value strings.Builder
	for more := true; more; {
		var part string
		part, s, more = strings.Cut(s, ",")
		if rest, escaped := strings.CutSuffix(part, `\`); escaped && more {
			value.WriteString(rest + ",")
			continue
		}
		value.WriteString(part)
		values = append(values, value.String())
		value.Reset()
	}
	return values
}

// shownFields returns the fields that a view shows: those it refers to itself, and of a dashboard or story those of the
// first worksheet on it.
func shownFields(document *documents.File, name string) []export.Field {
	workbook, isWorkbook := document.Workbook()
	if !isWorkbook {
		return nil
	}
	uses, err := workbook.Uses(name)
	for err == nil && uses.View.Kind != twb.Worksheet && len(uses.Views) > 0 {
		uses, err = workbook.Uses(uses.Views[0].Name)
	}
	if err != nil { // the sheet has no description in the file
		return nil
	}
	var fields []export.Field
	for _, source := range uses.Datasources {
		measures := measuresOf(document, source.Name)
		for _, f := range source.Fields {
			if !f.Indirect {
				fields = append(fields, export.Field{Caption: f.Label(), Measure: measures[f.Name]})
			}
		}
	}
	return fields
}

// measuresOf returns the columns of a data source that are measures, by their internal names.
func measuresOf(document *documents.File, name string) map[string]bool {
	measures := make(map[string]bool)
	for ds := range document.Datasources() {
		if ds.Name() != name {
			continue
		}
		for column := range ds.Columns() {
			measures[column.Name] = column.Role == "measure"
		}
	}
	return measures
}
