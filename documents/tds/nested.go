package tds

import (
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Inside is for the packages of this module that follow paths: the root of the data source
// that el holds as text, as the metadata of a reference to a published one does (format 7).
// Other elements hold none, which is no error.
func Inside(el xmledit.Element) (xmledit.Element, error) {
	if el.Name() != "attribute" || el.Value("name") != "datasource" || strings.TrimSpace(el.Text()) == "" {
		return xmledit.Element{}, nil
	}
	inner, err := el.Embedded(nestedCodec)
	if err != nil {
		return xmledit.Element{}, err
	}
	return inner.Root(), nil
}
