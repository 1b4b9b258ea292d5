package emulator

import (
	"io"
	"net/url"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// content is what the emulator wants to know of an uploaded file.
type content struct {
	fileType    string // twb, twbx, tds, tdsx, hyper, tde, parquet
	sheets      []sheet
	connections []fileConnection
	published   []publishedRef
	hasExtract  bool
}

// sheet is a worksheet, dashboard or story of a workbook.
type sheet struct {
	name, sheetType string
	hidden          bool
}

// fileConnection is a connection as the file has it.
type fileConnection struct {
	datasource                            string // what people call the data source it belongs to
	class, server, port, dbName, username string
}

// publishedRef is a published data source that the file refers to.
type publishedRef struct {
	contentURL     string
	siteContentURL string // "" for the Default site, and when the file does not say
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
	c := content{fileType: f.Kind().String()}
	for ds := range f.Datasources() {
		c.addDatasource(ds)
	}
	if workbook, ok := f.Workbook(); ok {
		for v := range workbook.Views() {
			c.sheets = append(c.sheets, sheet{v.Name, string(v.Kind), v.Hidden})
		}
	}
	return c, nil
}

func (c *content) addDatasource(ds *tds.Datasource) {
	c.hasExtract = c.hasExtract || ds.HasExtract()
	for conn := range ds.Connections() {
		c.connections = append(c.connections, fileConnection{
			datasource: ds.Label(),
			class:      conn.Class(), server: conn.Server(), port: conn.Port(), dbName: conn.DBName(), username: conn.Username(),
		})
	}
	if ref, ok := ds.Published(); ok {
		c.published = append(c.published, publishedRef{ref.ContentURL, ref.SiteContentURL})
		server, port := splitServer(ref.Server)
		c.connections = append(c.connections, fileConnection{
			datasource: ds.Label(),
			class:      publishedClass, server: server, port: port, dbName: ref.ContentURL,
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
