package deploy_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

func TestContents(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]*rest.FileContents{
		"orders.tds": {
			Type: "tds",
			Connections: []rest.FileConnection{
				{Datasource: "federated.0orders1template2demo3a4b5c6d", Class: "postgres", Server: "db.template.internal", Port: "5432"},
			},
		},
		"sales.twbx": {
			Type: "twbx",
			Connections: []rest.FileConnection{
				{Datasource: "Orders", Class: rest.PublishedClass, Server: "tableau.template.internal", Port: "443"},
				{Datasource: "Sales facts", Class: "postgres", Server: "db.template.internal", Port: "5432"},
			},
			Sheets: []rest.FileSheet{{Name: "Overview"}, {Name: "Orders by Region"}, {Name: "Facts"}, {Name: "Debug", Hidden: true}},
		},
	} {
		f, err := documents.Open(filepath.Join("..", "..", "testdata", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if diff := cmp.Diff(want, deploy.Contents(f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// plainDocument is what anybody can read of a document: its sheets, and the elements that hold connections.
type plainDocument struct {
	XMLName     xml.Name
	Worksheets  []named           `xml:"worksheets>worksheet"`
	Dashboards  []named           `xml:"dashboards>dashboard"`
	Datasources []plainDatasource `xml:"datasources>datasource"`
	plainDatasource
}

type named struct {
	Name string `xml:"name,attr"`
}

type plainDatasource struct {
	Name       string            `xml:"name,attr"`
	Connection []plainConnection `xml:"connection"`
}

type plainConnection struct {
	Class  string            `xml:"class,attr"`
	Server string            `xml:"server,attr"`
	Named  []plainConnection `xml:"named-connections>named-connection>connection"`
}

// readPlainly reads the document of a file without package documents: the names of its sheets, and its connections as "class
// server", sorted.
func readPlainly(t *testing.T, content []byte) (sheets, connections []string) {
	t.Helper()
	if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
		for _, entry := range archive.File {
			if ext := filepath.Ext(entry.Name); ext != ".twb" && ext != ".tds" {
				continue
			}
			r, err := entry.Open()
			if err != nil {
				t.Fatal(err)
			}
			if content, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	var document plainDocument
	if err := xml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	for _, sheet := range slices.Concat(document.Worksheets, document.Dashboards) {
		sheets = append(sheets, sheet.Name)
	}
	datasources := document.Datasources
	if document.XMLName.Local == "datasource" {
		datasources = []plainDatasource{document.plainDatasource}
	}
	for _, ds := range datasources {
		for _, c := range ds.Connection {
			sources := []plainConnection{c}
			if c.Class == "federated" {
				sources = c.Named
			}
			for _, c := range sources {
				connections = append(connections, c.Class+" "+c.Server)
			}
		}
	}
	slices.Sort(sheets)
	slices.Sort(connections)
	return sheets, connections
}

// Of each real file every sheet and every connection is told, and what is told of it lets it be published: it comes back as it
// was.
func TestContentsOfRealFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "*", "*.t*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus of real files is not there")
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := documents.OpenReader(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			told := deploy.Contents(f)
			var sheets, connections []string
			for _, s := range told.Sheets {
				sheets = append(sheets, s.Name)
			}
			for _, c := range told.Connections {
				connections = append(connections, c.Class+" "+c.Server)
			}
			slices.Sort(sheets)
			slices.Sort(connections)
			wantSheets, wantConnections := readPlainly(t, content)
			if diff := cmp.Diff(wantSheets, sheets); diff != "" {
				t.Errorf("sheets (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(wantConnections, connections); diff != "" {
				t.Errorf("connections (-want +got):\n%s", diff)
			}
			s := siteFor(t, f)
			back, listed := publishReal(t, s, path, told)
			if !bytes.Equal(back, content) {
				t.Errorf("%d bytes came back of %d", len(back), len(content))
			}
			if len(listed) != len(told.Connections) {
				t.Errorf("the server lists %d connections, the file has %d", len(listed), len(told.Connections))
			}
			for _, c := range listed {
				if database := c.Server != "" && c.Class != rest.PublishedClass; c.EmbedPassword != database {
					t.Errorf("credentials of %s %s: %v", c.Class, c.Server, c.EmbedPassword)
				}
			}
		})
	}
}

// siteFor signs in to a site that has what a workbook needs: the published data sources that it refers to.
func siteFor(t *testing.T, f *documents.File) *rest.Session {
	t.Helper()
	w := newWorld(t, emulator.WithOpen(), emulator.WithStrict())
	client, err := w.client(templates.Server{URL: emulator.URL})
	if err != nil {
		t.Fatal(err)
	}
	var needed []tds.PublishedRef
	site := ""
	for ds := range f.Datasources() {
		if ref, ok := ds.Published(); ok {
			needed, site = append(needed, ref), ref.SiteContentURL
		}
	}
	s, err := client.SignIn(t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, site)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range needed {
		if _, err := s.Datasources.Publish(t.Context(), rest.DatasourcePublish{
			Name: ref.ContentURL, ProjectLUID: realProject(t, s).LUID, Source: strings.NewReader("Hyper"), Mode: rest.Overwrite,
		}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// realProject is the project Real.
func realProject(t *testing.T, s *rest.Session) rest.Project {
	t.Helper()
	p, err := s.Projects.EnsurePath(t.Context(), "Real")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// publishReal publishes a file with what is told of it and credentials for each of its databases. It gives back what the server
// then has.
func publishReal(t *testing.T, s *rest.Session, path string, told *rest.FileContents) (content []byte, listed []rest.Connection) {
	t.Helper()
	source, err := rest.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	warn := func(warning string) { t.Error(warning) }
	var back bytes.Buffer
	if strings.HasPrefix(told.Type, "twb") {
		w, err := s.Workbooks.Publish(t.Context(), rest.WorkbookPublish{
			Name: "Real", ProjectLUID: realProject(t, s).LUID, Source: source, Contents: told, Connections: credentialsFor(told), Warn: warn,
		})
		if err != nil {
			t.Fatal(err)
		}
		if shown := slices.DeleteFunc(slices.Clone(told.Sheets), func(s rest.FileSheet) bool { return s.Hidden }); len(w.Views) != len(shown) {
			t.Errorf("%d views, and %d sheets that are not hidden", len(w.Views), len(shown))
		}
		_, errFile := s.Workbooks.Download(t.Context(), w.LUID, &back, rest.DownloadOptions{})
		if listed, err = s.Workbooks.Connections(t.Context(), w.LUID); err != nil || errFile != nil {
			t.Fatal(err, errFile)
		}
		return back.Bytes(), listed
	}
	d, err := s.Datasources.Publish(t.Context(), rest.DatasourcePublish{
		Name: "Real", ProjectLUID: realProject(t, s).LUID, Source: source, Contents: told, Connections: credentialsFor(told), Warn: warn,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, errFile := s.Datasources.Download(t.Context(), d.LUID, &back, rest.DownloadOptions{})
	if listed, err = s.Datasources.Connections(t.Context(), d.LUID); err != nil || errFile != nil {
		t.Fatal(err, errFile)
	}
	return back.Bytes(), listed
}

// credentialsFor gives each database of a file other credentials.
func credentialsFor(told *rest.FileContents) (given []rest.PublishConnection) {
	known := map[string]bool{}
	for _, c := range told.Connections {
		if address := c.Server + ":" + c.Port; c.Server != "" && c.Class != rest.PublishedClass && !known[address] {
			known[address] = true
			given = append(given, rest.PublishConnection{
				Server: c.Server, Port: c.Port,
				Credentials: rest.ConnectionCredentials{Username: fmt.Sprint("user", len(given)), Password: "secret", Embed: true},
			})
		}
	}
	return given
}
