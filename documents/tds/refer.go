package tds

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// proxyTable is the one table of a published data source (format 7).
const proxyTable = "sqlproxy"

// Refer makes a data source of a workbook, which holds its connections itself, refer to a
// published one, as references are written (format 7): its name stays, and so do its
// fields, calculations, sets, filters and logical tables, which worksheets use. What leads
// to the old data goes: connections with their credentials, tables, extract. One that is a
// reference already is repointed, see [Datasource.Repoint].
//
// Nothing looks into the published data source: its fields must have the internal names
// that those here have, as they do in one that was published from this data source. The
// filters of the data source stay, and narrow what the published one gives, which is noted.
// The metadata goes on telling which fields there are, but no more of the old data.
//
// The server must be given as a URL. FriendlyName, or else Caption, is written as the name
// of the published data source. A data source file, parameters, and a data source without
// a connection are errors.
func (ds *Datasource) Refer(ref PublishedRef) error {
	if ds.proxy().Exists() {
		return ds.Repoint(ref)
	}
	err := ds.el.Document().Atomically("", func() error {
		server, err := ref.server()
		if err := errors.Join(ref.check(), err, ds.canRefer()); err != nil {
			return err
		}
		if server.host == "" || server.scheme == "" {
			return errors.New("the server of the published data source must be given as a URL, as https://tableau.example.com is")
		}
		ds.noteFilters(ref)
		if err := errors.Join(ds.keepExtractFields(), ds.dropExtract(), ds.locate()); err != nil {
			return err
		}
		if err := errors.Join(ds.referConnection(ref, server), ds.referTables()); err != nil {
			return err
		}
		return ds.repointWithNames(ref, server)
	})
	if err != nil {
		return fmt.Errorf("making %s refer to a published data source: %w", ds, err)
	}
	return nil
}

func (ds *Datasource) canRefer() error {
	connections := slices.Collect(ds.el.Children("connection"))
	switch {
	case !ds.el.Parent().Exists():
		return errors.New("it is a data source file: only a workbook refers to a published data source")
	case ds.IsParameters():
		return errors.New("it holds the parameters")
	case len(connections) != 1:
		return fmt.Errorf("it has %d connections of its own, where one is to be replaced", len(connections))
	}
	return nil
}

// noteFilters tells what becomes of the filters: those of the data source stay, because
// nobody knows whether the published one has them, and narrowing twice shows nobody more.
func (ds *Datasource) noteFilters(ref PublishedRef) {
	count := func(holder xmledit.Element) (n int) {
		for range holder.Children("filter") {
			n++
		}
		return n
	}
	if n := count(ds.el); n > 0 {
		ds.el.Note("its data source filters, %d, stay: they narrow what the published data source %q gives", n, ref.ContentURL)
	}
	if n := count(ds.el.Child("extract")); n > 0 {
		ds.el.Note("its extract filters, %d, go with the extract: the published data source %q must have rows for this workbook only", n, ref.ContentURL)
	}
}

// locate gives the data source the place of a published one, to be filled by repointing.
func (ds *Datasource) locate() error {
	location := ds.el.Child("repository-location")
	if location.Exists() {
		_, has := location.Attr("id")
		if has {
			return nil
		}
		return errors.Join(location.SetAttr("id", ""), location.SetAttr("path", ""), location.SetAttr("revision", "1.0"))
	}
	_, err := ds.insert(xmledit.NewNode("repository-location", "id", "", "path", "", "revision", "1.0"), "")
	return err
}

// dropExtract removes the extract, if there is one. What logical tables say of it goes with
// what they say of the rest.
func (ds *Datasource) dropExtract() error {
	for _, el := range slices.Collect(ds.el.Children("extract")) {
		if err := el.Remove(); err != nil {
			return err
		}
	}
	return nil
}

// keepExtractFields adds to the metadata of the connection the fields that only that of the
// extract tells of.
func (ds *Datasource) keepExtractFields() error {
	conn := ds.el.Child("connection")
	known := map[string]bool{}
	for el := range ds.el.Children("column") {
		known[el.Value("name")] = true
	}
	for r := range conn.Child("metadata-records").Children("metadata-record") {
		known[recordName(r)] = true
	}
	var missing []*xmledit.Node
	for r := range ds.metadata() {
		if name := recordName(r); !known[name] {
			known[name] = true
			missing = append(missing, copyNode(r, ""))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	records := conn.Child("metadata-records")
	if !records.Exists() {
		_, err := conn.Append(xmledit.NewNode("metadata-records").Add(missing...))
		return err
	}
	for _, n := range missing {
		if _, err := records.Append(n); err != nil {
			return err
		}
	}
	return nil
}

// proxyRelation is the table of a published data source.
func proxyRelation(written string) *xmledit.Node {
	return xmledit.NewNode(written, "name", proxyTable, "table", TableName{proxyTable}.String(), "type", "table")
}

// referTables has the logical tables read from the published data source. Their IDs stay,
// by which metadata and the fields that count their rows refer to them.
func (ds *Datasource) referTables() error {
	for object := range ds.objects() {
		properties := slices.Collect(object.Children("properties"))
		for i, p := range properties {
			var err error
			if i == 0 {
				_, err = p.Replace(xmledit.NewNode("properties", "context", "").Add(proxyRelation("relation")))
			} else {
				err = p.Remove()
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// referConnection makes the connection one to the published data source.
func (ds *Datasource) referConnection(ref PublishedRef, server serverParts) error {
	conn := ds.el.Child("connection")
	if err := ds.referRelations(conn); err != nil {
		return err
	}
	for _, el := range slices.Collect(conn.Children()) {
		switch el.Name() {
		case "relation", "calculations", "metadata-records":
		default:
			if err := el.Remove(); err != nil {
				return err
			}
		}
	}
	if err := referMetadata(conn.Child("metadata-records")); err != nil {
		return err
	}
	attrs := [][2]string{
		{"channel", server.scheme},
		{"class", "sqlproxy"},
		{"dbname", ref.ContentURL},
		{"directory", "/dataserver"},
		{"port", server.port},
		{"server", server.host},
		{"username", ""},
	}
	if friendly := cmp.Or(ref.FriendlyName, ref.Caption); friendly != "" {
		attrs = append(attrs, [2]string{"server-ds-friendly-name", friendly})
	}
	for _, a := range slices.Collect(conn.Attrs()) {
		name := xmledit.LocalName(a.Name)
		if name == a.Name && slices.ContainsFunc(attrs, func(a [2]string) bool { return a[0] == name }) {
			continue
		}
		if err := conn.RemoveAttr(name); err != nil {
			return err
		}
	}
	for _, a := range attrs {
		if err := conn.SetAttr(a[0], a[1]); err != nil {
			return err
		}
	}
	return nil
}

// referRelations replaces the relations of a connection, in the forms they have. Where
// there are several logical tables, the form for programs that know them lists as many.
func (ds *Datasource) referRelations(conn xmledit.Element) error {
	tables := len(ds.Model().Tables)
	relations := slices.Collect(conn.Children("relation"))
	for _, r := range relations {
		n := proxyRelation(r.FullName())
		if tables > 1 && r.Value("type") == "collection" {
			n = xmledit.NewNode(r.FullName(), "type", "collection")
			for range tables {
				n.Add(proxyRelation("relation"))
			}
		}
		if _, err := r.Replace(n); err != nil {
			return err
		}
	}
	if len(relations) > 0 {
		return nil
	}
	var first xmledit.Element
	for first = range conn.Children() {
		break
	}
	_, err := conn.Insert(proxyRelation("relation"), first)
	return err
}

// sourceFacts are what metadata says of a field as its source has it. What the values are
// like is among them (format 15).
var sourceFacts = []string{
	"approx-count", "precision", "scale", "width", "padded-semantics", "cast-to-local-type", "statistics", "attributes",
}

// referMetadata has metadata tell of fields of a published data source, which are called
// there as they are here. What the connection could do is not said any more.
func referMetadata(records xmledit.Element) error {
	for _, r := range slices.Collect(records.Children("metadata-record")) {
		if r.Value("class") == "capability" {
			if err := r.Remove(); err != nil {
				return err
			}
			continue
		}
		for _, el := range slices.Collect(r.Children(sourceFacts...)) {
			if err := el.Remove(); err != nil {
				return err
			}
		}
		name := Unbracket(recordName(r))
		for _, is := range [...][2]string{{"remote-name", name}, {"remote-alias", name}, {"parent-name", TableName{proxyTable}.String()}} {
			if el := r.Child(is[0]); el.Exists() {
				if err := el.SetText(is[1]); err != nil {
					return err
				}
			}
		}
		if err := layer(r); err != nil {
			return err
		}
	}
	for range records.Children() {
		return nil
	}
	if !records.Exists() {
		return nil
	}
	return records.Remove()
}

// layer marks a record as that of a field which another data source brings along.
func layer(record xmledit.Element) error {
	if record.Child("layered").Exists() {
		return nil
	}
	var next xmledit.Element
	before := []string{"remote-name", "remote-type", "local-name", "parent-name", "remote-alias", "ordinal", "hidden", "auto-hidden"}
	for el := range record.Children() {
		if !slices.Contains(before, el.Name()) {
			next = el
			break
		}
	}
	_, err := record.Insert(&xmledit.Node{Name: "layered", Text: "true"}, next)
	return err
}
