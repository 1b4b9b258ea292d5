// Package modelpage writes what is in workbooks and data sources as a web page for people: one file that needs no network and
// no other file, with the data model of each data source drawn, and which view uses what of it.
package modelpage

import (
	_ "embed"
	"encoding/json"
	"io"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/onepage"
)

// The parts of the page besides those that every page has.
var (
	//go:embed page.html
	page string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// Write writes the page of files, which is the list that inspect --json prints; docs/inspect.md has its keys. It stands in the
// page as it is, so that no more is shown than there, and programs can read it from the page, too.
func Write(w io.Writer, files any) error {
	data, err := json.Marshal(files) // which escapes what could end the element that it stands in
	if err != nil {
		return err
	}
	head, tail := onepage.Parts(page, style, script)
	_, err = io.WriteString(w, head+string(data)+tail)
	return err
}
