package emulator

import "github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"

// customViewImage answers GET customviews/{id}/image.
func customViewImage(c *call) (*reply, error) {
	make, err := c.imageExporter()
	if err != nil {
		return nil, err
	}
	return c.exportCustomView("png", make)
}

// customViewPDF answers GET customviews/{id}/pdf.
func customViewPDF(c *call) (*reply, error) {
	make, err := c.pdfExporter()
	if err != nil {
		return nil, err
	}
	return c.exportCustomView("pdf", make)
}

// customViewData answers GET customviews/{id}/data.
func customViewData(c *call) (*reply, error) {
	return c.exportCustomView("csv", ofOne(export.CSV))
}

// exportCustomView makes a file of the view that a custom view is of: what its definition changes of the view is not
// applied. Others than the owner and administrators need the right to publish, as the reference says.
func (c *call) exportCustomView(format string, make exporter) (*reply, error) {
	v, err := c.customView("Write")
	if err != nil {
		return nil, err
	}
	accessed := *v
	accessed.LastAccessedAt = stamp(c.now)
	c.site.customViews.Put(&accessed)
	return c.exportView(c.site.views.Get(v.View), c.site.workbooks.Get(v.Workbook), format, make)
}
