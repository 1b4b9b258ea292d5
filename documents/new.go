package documents

import (
	"bytes"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// New is a new data source file, made as spec says, see [tds.NewDocument]. Nothing of it is
// a change yet; [File.Save] writes it as a .tds.
func New(spec tds.Spec) (*File, error) {
	data, err := tds.NewDocument(spec)
	if err != nil {
		return nil, err
	}
	return open("new data source", bytes.NewReader(data), int64(len(data)), nil)
}
