package tds

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Extract is the copy of its data that a data source brings along, as its document tells
// of it (format 11). What is in the file itself is not read.
type Extract struct {
	Enabled bool   // it is used in place of the connections
	Class   string // hyper, or dataengine for the older .tde
	// Path is the file as the document says it: an entry of the package, or the path it had
	// on the author's machine.
	Path   string
	Count  float64     // how much of the data it holds, in Units; -1 is all of it
	Units  string      // records, percent
	Tables []TableName // the tables of the file: [Extract].[Extract], or one for each logical table
	// ObjectID is the logical table that it is of; empty for all of them, and in older
	// documents.
	ObjectID string
	Refresh  Refresh
}

// Refresh is how an extract is brought up to date, and when that was done.
type Refresh struct {
	Incremental bool   // only new rows are added
	Key         string // the column that tells which rows are new, empty if none does
	Events      []RefreshEvent
}

// RefreshEvent is one refresh of an extract, as it is kept in the document.
type RefreshEvent struct {
	Type  string // create, full, increment
	Start string // when it began, as the document writes it
	Rows  int64  // how many it inserted
	File  string // the file that rows were added from, if any
	Value string // greatest value of the key, as the document writes it
}

// TDE tells whether the file is to be a .tde, which was replaced by .hyper in Tableau
// 10.5. The suffix of Path says nothing about it.
func (x Extract) TDE() bool { return x.Class == "dataengine" }

// HasExtract tells whether an extract is there and enabled (format 11).
func (ds *Datasource) HasExtract() bool {
	x, ok := ds.Extract()
	return ok && x.Enabled
}

// Extract is the extract of the data source, not ok if it has none. Of several
// connections, which no known program writes, it is the first; the verbs change all.
func (ds *Datasource) Extract() (x Extract, ok bool) {
	el := ds.el.Child("extract")
	if !el.Exists() {
		return x, false
	}
	conn := el.Child("connection")
	x = Extract{
		Enabled: el.Value("enabled") == "true", Units: el.Value("units"), ObjectID: el.Value("object-id"), Count: -1,
		Class: conn.Value("class"), Path: conn.Value("dbname"), Refresh: readRefresh(conn.Child("refresh")),
	}
	if n, err := strconv.ParseFloat(el.Value("count"), 64); err == nil {
		x.Count = n
	}
	if conn.Value("db-format") == "dataengine" {
		x.Class = "dataengine"
	}
	seen := map[string]bool{} // once, not for each copy
	for r := range conn.Descendants("relation") {
		written := r.Value("table")
		name, err := ParseTableName(written)
		if err == nil && !seen[written] {
			seen[written] = true
			x.Tables = append(x.Tables, name)
		}
	}
	return x, true
}

func readRefresh(el xmledit.Element) Refresh {
	r := Refresh{Incremental: el.Value("incremental-updates") == "true", Key: el.Value("increment-key")}
	for event := range el.Children("refresh-event") {
		rows, _ := strconv.ParseInt(event.Value("rows-inserted"), 10, 64) // 0 where it does not say
		r.Events = append(r.Events, RefreshEvent{
			Type: event.Value("refresh-type"), Start: event.Value("timestamp-start"), Rows: rows,
			File: event.Value("add-from-file-path"), Value: event.Value("increment-value"),
		})
	}
	return r
}

// extractConnections lists the connections of the extract.
func (ds *Datasource) extractConnections() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for el := range ds.el.Children("extract") {
			for conn := range el.Children("connection") {
				if !yield(conn) {
					return
				}
			}
		}
	}
}

// extractVerb runs a verb on an extract that must be there, whole or not at all.
func (ds *Datasource) extractVerb(doing string, verb func() error) error {
	err := error(&NotFoundError{What: "extract", Where: ds.String()})
	if ds.el.Child("extract").Exists() {
		err = ds.el.Document().Atomically("", verb)
	}
	return ds.doing(doing, err)
}

// EnableExtract has the extract used in place of the connections, or with false the
// connections in place of the extract. Its file is not touched, and an extract that is
// not enabled needs none. No extract is a [*NotFoundError].
func (ds *Datasource) EnableExtract(enabled bool) error {
	doing := "disabling the extract"
	if enabled {
		doing = "enabling the extract"
	}
	return ds.extractVerb(doing, func() error {
		for el := range ds.el.Children("extract") {
			if err := el.SetAttr("enabled", strconv.FormatBool(enabled)); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetExtractPath says which file the extract is: an entry of the package with forward
// slashes. The rest of the extract, and what it says of the rows in the file, stays. No
// extract is a [*NotFoundError], an extract of several files an [*AmbiguousError].
func (ds *Datasource) SetExtractPath(path string) error {
	return ds.extractVerb("setting the file of the extract", func() error {
		if path == "" {
			return errors.New("the path is empty")
		}
		var paths []string
		for conn := range ds.extractConnections() {
			if p := conn.Value("dbname"); !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
		switch len(paths) {
		case 0:
			return errors.New("the extract has no connection")
		case 1:
		default:
			return &AmbiguousError{What: "file", Where: "the extract", Matches: paths}
		}
		for conn := range ds.extractConnections() {
			if err := conn.SetAttr("dbname", path); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveExtract takes the extract out of the document: the element, and what the logical
// tables say of it. All else stays: the connections, their columns, the layout, the list
// of features (hard case 75). A package still holds the file; RemoveExtract of package
// documents removes both. No extract is a [*NotFoundError]. A logical table of which only
// the extract is known is an error, because nothing would be left of it.
func (ds *Datasource) RemoveExtract() error {
	return ds.extractVerb("removing the extract", func() error {
		for object := range ds.objects() {
			if err := removeExtractProperties(object); err != nil {
				return err
			}
		}
		for _, el := range slices.Collect(ds.el.Children("extract")) {
			if err := el.Remove(); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeExtractProperties takes away what a logical table says of the extract.
func removeExtractProperties(object xmledit.Element) error {
	var gone []xmledit.Element
	left := 0
	for p := range object.Children("properties") {
		if p.Value("context") == "extract" {
			gone = append(gone, p)
		} else {
			left++
		}
	}
	if len(gone) > 0 && left == 0 {
		return errors.New("the logical table " + strconv.Quote(object.Value("caption")) + " has nothing but the extract")
	}
	for _, p := range gone {
		if err := p.Remove(); err != nil {
			return err
		}
	}
	return nil
}

// doing wraps an error with what was being done to the data source.
func (ds *Datasource) doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s of %s: %w", what, ds, err)
}
