package emulator

import (
	"io"
	"net/url"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// content is what the emulator wants to know of an uploaded file.
type content struct {
	FileType    string // twb, twbx, tds, tdsx, hyper, tde, parquet, tfl, tflx
	Sheets      []sheet
	Connections []fileConnection
	Published   []publishedRef
	HasExtract  bool
	Steps       []string // of a flow: the names of its output steps
}

// sheet is a worksheet, dashboard or story of a workbook.
type sheet struct {
	Name, SheetType string
	Hidden          bool
}

// fileConnection is a connection as the file has it.
type fileConnection struct {
	Datasource                            string // what people call the data source it belongs to
	Class, Server, Port, DBName, Username string
	Filename                              string
	Tables                                []fileTable
}

// publishedRef is a published data source that the file refers to.
type publishedRef struct {
	ContentURL     string
	SiteContentURL string // "" for the Default site, and when the file does not say
}

// publishedClass is the class of a connection to a published data source.
const publishedClass = "sqlproxy"

// analyze opens a workbook or data source, bare or packaged.
func analyze(r io.ReaderAt, size int64) (content, error) {
	f, err := documents.OpenReader(r, size)
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	c := content{FileType: f.Kind().String()}
	for ds := range f.Datasources() {
		c.addDatasource(ds)
	}
	if workbook, ok := f.Workbook(); ok {
		for v := range workbook.Views() {
			c.Sheets = append(c.Sheets, sheet{v.Name, string(v.Kind), v.Hidden})
		}
	}
	return c, nil
}

func (c *content) addDatasource(ds *tds.Datasource) {
	c.HasExtract = c.HasExtract || ds.HasExtract()
	tables := make(map[string][]fileTable) // by the name of the connection
	for t := range ds.Tables() {
		from := fileTable{Schema: t.Name.Schema(), Name: t.Name.Table()}
		for _, column := range t.Columns {
			from.Columns = append(from.Columns, fileColumn{column.Remote, column.Datatype})
		}
		tables[t.Connection] = append(tables[t.Connection], from)
	}
	for conn := range ds.Connections() {
		c.Connections = append(c.Connections, fileConnection{
			Datasource: ds.Label(),
			Class:      conn.Class(), Server: conn.Server(), Port: conn.Port(), DBName: conn.DBName(), Username: conn.Username(),
			Filename: conn.Filename(), Tables: tables[conn.Name()],
		})
	}
	if ref, ok := ds.Published(); ok {
		c.Published = append(c.Published, publishedRef{ref.ContentURL, ref.SiteContentURL})
		server, port := splitServer(ref.Server)
		c.Connections = append(c.Connections, fileConnection{
			Datasource: ds.Label(),
			Class:      publishedClass, Server: server, Port: port, DBName: ref.ContentURL,
		})
	}
}

// splitServer splits the server of a published reference, a URL or just a host, into what a connection tells of it.
func splitServer(server string) (host, port string) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" {
		return server, ""
	}
	port = u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	case u.Scheme == "https":
		port = "443"
	}
	return u.Hostname(), port
}
