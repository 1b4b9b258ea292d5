package main

import (
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// extractInfo is the extract of a data source.
type extractInfo struct {
	Enabled   bool     `json:"enabled"`
	Class     string   `json:"class"`
	Path      string   `json:"path"`
	Entry     string   `json:"entry,omitempty"` // of the package, empty if none is the file
	Fault     string   `json:"fault,omitempty"` // why it cannot be used
	Tables    []string `json:"tables,omitempty"`
	Logical   string   `json:"logical_table,omitempty"` // the ID of the one that it is of
	Count     float64  `json:"count"`                   // how much of the data, -1 for all of it
	Units     string   `json:"units,omitempty"`         // records or percent
	Refreshes int      `json:"refreshes"`               // how many the document tells of
	Last      string   `json:"last_refresh,omitempty"`
	Increment string   `json:"increment_key,omitempty"`
}

// inspectExtract returns what is known of an extract, nil if there is none.
func inspectExtract(f *documents.File, ds *tds.Datasource) *extractInfo {
	x, ok := ds.Extract()
	if !ok {
		return nil
	}
	file, _ := f.ExtractFile(ds)
	info := &extractInfo{
		Enabled: x.Enabled, Class: x.Class, Path: x.Path, Entry: file.Entry, Fault: file.Fault(),
		Logical: x.ObjectID, Count: x.Count, Units: x.Units, Refreshes: len(x.Refresh.Events), Increment: x.Refresh.Key,
	}
	for _, t := range x.Tables {
		info.Tables = append(info.Tables, t.String())
	}
	if n := info.Refreshes; n > 0 {
		info.Last = x.Refresh.Events[n-1].Start
	}
	return info
}

func (t *teller) extract(to *node, x *extractInfo) {
	line := fmt.Sprintf("extract %s (%s)", x.Path, x.Class)
	if !x.Enabled {
		line += ", disabled"
	}
	if x.Last != "" {
		line += ", refreshed " + x.Last
	}
	if x.Fault != "" {
		line += ": " + x.Fault
	}
	n := to.add(line)
	if !t.all {
		return
	}
	for _, table := range x.Tables {
		n.add("table " + table)
	}
	if x.Increment != "" {
		n.add("new rows by " + x.Increment)
	}
}
