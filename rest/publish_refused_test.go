package rest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// salesFile is what the file of the workbook Sales holds.
func salesFile() *FileContents {
	return &FileContents{
		Type: "twbx",
		Connections: []FileConnection{
			{"Orders", "postgres", "db.example.com", "5432"},
			{"Orders", "postgres", "db.example.com", "5432"},
			{"Rates", "sqlserver", "dwh.example.com", ""},
			{"Targets", "excel-direct", "", ""},
			{"All", PublishedClass, "tableau.example.com", "443"},
		},
		Sheets: []FileSheet{{"Map", false}, {"Old", true}, {"Ümsatz, gesamt", false}},
	}
}

// signsIn gives credentials to servers.
func signsIn(servers ...string) func(*WorkbookPublish) {
	return func(p *WorkbookPublish) {
		p.Contents = salesFile()
		for _, server := range servers {
			host, port, _ := strings.Cut(server, ":")
			p.Connections = append(p.Connections, PublishConnection{host, port, secretFor("app", "s3cret")})
		}
	}
}

// What cannot be published is refused before anything is sent.
func TestPublishRefusesLocally(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t))
	for want, change := range map[string]func(*WorkbookPublish){
		"name is empty":        func(p *WorkbookPublish) { p.Name = "" },
		"ProjectLUID is empty": func(p *WorkbookPublish) { p.ProjectLUID = "" },
		"Source is nil":        func(p *WorkbookPublish) { p.Source = nil },
		"the file is empty":    func(p *WorkbookPublish) { p.Source = bytesSource("") },
		"none of .twbx, .twb":  func(p *WorkbookPublish) { p.Source = bytesSource("Hyper") },
		"is none of .twbx, .twb": func(p *WorkbookPublish) {
			p.Source = bytesSource(" <?xml version='1.0'?><!-- <workbook> --><datasource/>")
		},
		"cannot be appended":      func(p *WorkbookPublish) { p.Mode = Append },
		"overwritten, not":        func(p *WorkbookPublish) { p.Mode = Replace },
		"PublishMode(7)":          func(p *WorkbookPublish) { p.Mode = 7 },
		"GroupLUID exclude each":  func(p *WorkbookPublish) { p.ThumbnailsUserLUID, p.ThumbnailsGroupLUID = "u", "g" },
		"view@name holds U+0000":  func(p *WorkbookPublish) { p.HiddenViews = []string{"\x00"} },
		"unexpected EOF":          func(p *WorkbookPublish) { p.Source = shortSource{} },
		"are those of a .tdsx":    func(p *WorkbookPublish) { p.Contents = &FileContents{Type: "tdsx"} },
		"ShowViews needs Content": func(p *WorkbookPublish) { p.ShowViews = []string{"Map"} },
		"exclude each other": func(p *WorkbookPublish) {
			p.Contents, p.ShowViews, p.HiddenViews = salesFile(), []string{"Map"}, []string{"Old"}
		},
		`no sheet "Mep" in the file; there is "Map", "Old", "Ümsatz, gesamt"`: func(p *WorkbookPublish) {
			p.Contents, p.HiddenViews = salesFile(), []string{"Map", "Mep"}
		},
		`no sheet "map" in the file`:       func(p *WorkbookPublish) { p.Contents, p.ShowViews = salesFile(), []string{"map"} },
		`sheet "Old" is hidden in the fil`: func(p *WorkbookPublish) { p.Contents, p.ShowViews = salesFile(), []string{"Old"} },
		"all sheets are hidden": func(p *WorkbookPublish) {
			p.Contents, p.HiddenViews = salesFile(), []string{"Map", "Ümsatz, gesamt"}
		},
		"no user name": func(p *WorkbookPublish) {
			p.Connections = []PublishConnection{{Server: "db", Credentials: ConnectionCredentials{Password: "x"}}}
		},
		"which OAuth has not": func(p *WorkbookPublish) {
			p.Connections = []PublishConnection{{Credentials: ConnectionCredentials{Username: "u", Password: "x", OAuth: true}}}
		},
		`of "app" name no server`:                  signsIn(""),
		"two connection credentials for DB.exampl": signsIn("db.example.com:5432", "DB.example.com:5432"),
		"give one of them": func(p *WorkbookPublish) {
			signsIn("db.example.com")(p)
			p.Credentials = new(secretFor("app", "p"))
		},
		`credentials of "app" are for db.example.com:5433, where no connection leads; there is postgres db.example.com:5432 ("Orders"), ` +
			`postgres db.example.com:5432 ("Orders"), sqlserver dwh.example.com ("Rates"), excel-direct ("Targets"), ` +
			`sqlproxy tableau.example.com:443 ("All")`: signsIn("dwh.example.com", "db.example.com:5433"),
		"are for any server, where no connection leads; the file has no connections": func(p *WorkbookPublish) {
			p.Contents, p.Credentials = &FileContents{}, new(secretFor("app", "p"))
		},
		"are for any server, where no connection leads; there is sqlproxy": func(p *WorkbookPublish) {
			p.Contents, p.Credentials = &FileContents{Connections: salesFile().Connections[4:]}, new(secretFor("app", "p"))
		},
	} {
		_, err := s.Workbooks.Publish(t.Context(), sales(change))
		errorHas(t, err, want)
		if strings.Contains(err.Error(), "s3cret") {
			t.Error(err)
		}
	}
	for want, p := range map[string]DatasourcePublish{
		"none of .tdsx, .hyper, .parquet, .tds": {Source: bytesSource("<workbook/>")},
		"only an extract can be appended":       {Source: bytesSource("<datasource/>"), Mode: Append},
		"and the file has none":                 {Source: bytesSource("PK\x03\x04"), Mode: Append, Contents: &FileContents{Type: "tdsx"}},
		"of a .twbx":                            {Source: bytesSource("PK\x03\x04"), Contents: salesFile()},
	} {
		p.Name, p.ProjectLUID = "Orders", "p1"
		_, err := s.Datasources.Publish(t.Context(), p)
		errorHas(t, err, want)
	}
	// All that is wrong is told at once.
	_, err := s.Workbooks.Publish(t.Context(), WorkbookPublish{Source: bytesSource("PK\x03\x04"), Mode: Append, Credentials: &ConnectionCredentials{}})
	for _, want := range []string{"name is empty", "ProjectLUID is empty", "cannot be appended", "no user name"} {
		errorHas(t, err, want)
	}
	if len(f.lines()) != 0 {
		t.Errorf("requests %v", f.lines())
	}
}

// A shortSource ends before its size.
type shortSource struct{}

func (shortSource) Size() int64 { return 100 }
func (shortSource) ReadAt(p []byte, _ int64) (int, error) {
	return strings.NewReader("PK\x03\x04").Read(p)
}

// Connections that viewers would be asked for credentials of are told, each once.
func TestPublishWarns(t *testing.T) {
	t.Parallel()
	const orders, rates = `no credentials for connection postgres db.example.com:5432 ("Orders")`, `no credentials for connection sqlserver dwh.example.com ("Rates")`
	for _, test := range []struct {
		change func(*WorkbookPublish)
		want   []string
	}{
		{signsIn(), []string{orders, rates}},
		{signsIn("DB.example.com"), []string{rates}},
		{signsIn("dwh.example.com", "tableau.example.com"), []string{orders}},
		{signsIn("dwh.example.com", "db.example.com:5432"), nil},
		{func(p *WorkbookPublish) { p.Contents, p.Credentials = salesFile(), new(secretFor("app", "p")) }, nil},
		{func(*WorkbookPublish) {}, nil},
	} {
		s, _ := signedIn(t, inOrder(t, ok(noWorkbooks), created(published("w1", 5))))
		p := sales(test.change)
		var got []string
		p.Warn = func(warning string) { got = append(got, warning) }
		if _, err := s.Workbooks.Publish(t.Context(), p); err != nil {
			t.Error(err)
		}
		equal(t, "warnings", got, test.want)
	}
}

// Before is told once what is there, and can end the publish.
func TestPublishBefore(t *testing.T) {
	t.Parallel()
	stop := errors.New("not over that one")
	s, f := signedIn(t, inOrder(t, ok(noWorkbooks), created(published("w1", 5)), listed(published("w1", 5)), ok(published("w1", 5))))
	var told []*Workbook
	publish := sales(func(p *WorkbookPublish) {
		p.Mode = Overwrite
		p.Before = func(existing *Workbook) error {
			told = append(told, existing)
			if existing != nil {
				return stop
			}
			return nil
		}
	})
	_, err := s.Workbooks.Publish(t.Context(), publish)
	errorIs(t, err, nil)
	_, err = s.Workbooks.Publish(t.Context(), publish)
	errorIs(t, err, stop)
	if len(told) != 2 || told[0] != nil || told[1].LUID != "w1" || len(told[1].Views) != 1 {
		t.Errorf("%+v", told)
	}
	equal(t, "requests", f.lines(), []string{lookUp, "POST workbooks?overwrite=true", lookUp, "GET workbooks/w1"})
}

// What was not kept is said, with what failed of it, and the rest is tried all the same. Nothing is kept unasked.
func TestPublishKeepsWhatItCan(t *testing.T) {
	t.Parallel()
	before := `<workbook id="w1" name="Sales" description="d"><project id="p1"/><owner id="u1"/><tags><tag label="gold"/></tags>` +
		`<views><view id="v1"><dataAccelerationConfig accelerationEnabled="true"/></view></views></workbook>`
	after := created(`<workbook id="w1" name="Sales"><project id="p1"/><owner id="u2"/><views><view id="v1"/></views></workbook>`)
	s, f := signedIn(t, inOrder(t, listed(before), ok(before), after, listed(before), ok(before), after, refusal("403027", "Forbidden", "no description"),
		refusal("400036", "Bad Request", "never accessed"), ok(`<tags><tag label="gold"/></tags>`), refusal("403027", "Forbidden", "no owner")))
	publish := sales(func(p *WorkbookPublish) { p.Mode = Overwrite })
	_, err := s.Workbooks.Publish(t.Context(), publish)
	errorIs(t, err, nil)
	publish.Keep = KeepAll
	w, err := s.Workbooks.Publish(t.Context(), publish)
	errorIs(t, err, ErrPublished)
	errorIs(t, err, ErrForbidden)
	errorHas(t, err, `workbook "Sales" is published, but: keeping its description: `)
	errorHas(t, err, "keeping its acceleration: ")
	errorHas(t, err, "keeping its owner: ")
	equal(t, "tags", w.Tags, []string{"gold"})
	if w.LUID != "w1" || w.OwnerLUID != "u2" || w.Description != "" || w.Views[0].Acceleration != nil {
		t.Errorf("%+v", w)
	}
	sent := []string{lookUp, "GET workbooks/w1", "POST workbooks?overwrite=true"}
	equal(t, "requests", f.lines(), slices.Concat(sent, sent, []string{
		"PUT workbooks/w1", "PUT workbooks/w1?includeViewAccelerationStatus=true", "PUT workbooks/w1/tags", "PUT workbooks/w1",
	}))
}

// A connection of which nothing is found, or which cannot be changed alone, is said after publishing.
func TestPublishDatasourceCredentialsFail(t *testing.T) {
	t.Parallel()
	connections := ok(`<connections><connection id="c1" type="postgres" serverAddress="a"/><connection id="c2" type="postgres" serverAddress="b"/></connections>`)
	s, f := signedIn(t, inOrder(t, ok(noSources), created(source("")), connections), WithVersion("3.25"))
	d, err := s.Datasources.Publish(t.Context(), DatasourcePublish{
		Name: "Orders", ProjectLUID: "p1", Source: bytesSource("PK\x03\x04"),
		Connections: []PublishConnection{{"a", "", secretFor("app", "s3cret")}, {"c", "", secretFor("etl", "s3cret")}},
	})
	errorHas(t, err, `data source "Orders" is published, but: `)
	errorHas(t, err, "needs API 3.26, server speaks 3.25")
	errorHas(t, err, `the credentials of "etl" are for c, where none of its connections leads`)
	if d.LUID != "d1" || len(f.lines()) != 3 {
		t.Errorf("%+v after %v", d, f.lines())
	}
}

func TestOpenFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, test := range map[string]struct{ content, want string }{
		"sales.twbx":    {"PK\x03\x04", ""},
		"sales.TWB":     {"<workbook/>", ""},
		"sales":         {"<workbook/>", ""},
		"sales.v2":      {"PK\x03\x04", ""},
		"packed.twb":    {"PK\x03\x04", "packed.twb is a .twbx by what it holds"},
		"orders.tdsx":   {"PK\x03\x04", "orders.tdsx is none of .twbx, .twb"},
		"flow.tfl":      {"PK\x03\x04", "flow.tfl is none of .twbx, .twb"},
		"unpacked.twbx": {"<workbook/>", "unpacked.twbx is a .twb by what it holds"},
		"empty.twbx":    {"", "the file is empty"},
	} {
		f, err := OpenFile(write(name, test.content))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sniff(f, workbookTypes)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) || f.Size() != int64(len(test.content)) {
			t.Errorf("%s of %d bytes: %v, want %q", name, f.Size(), err, test.want)
		}
		errorIs(t, f.Close(), nil)
	}
	_, err := OpenFile(filepath.Join(dir, "none.twb"))
	errorIs(t, err, os.ErrNotExist)
	_, err = OpenFile(dir)
	errorHas(t, err, "is not a regular file")
}

// A file that changes while it is sent is not published: its parts are of two files.
func TestPublishFileChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"longer": func(path string) error { return os.WriteFile(path, []byte("PK\x03\x04abcdefgh"), 0o600) },
		"longer, at the same time": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("PK\x03\x04abcdefgh"), 0o600), os.Chtimes(path, time.Time{}, time.Unix(1, 0)))
		},
		"shorter": func(path string) error { return os.Truncate(path, 6) },
		"as long": func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(2, 0)) },
	} {
		path := filepath.Join(t.TempDir(), "sales.twbx")
		if err := errors.Join(os.WriteFile(path, []byte("PK\x03\x04abcdXY"), 0o600), os.Chtimes(path, time.Time{}, time.Unix(1, 0))); err != nil {
			t.Fatal(err)
		}
		file, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		replies := []reply{ok(noWorkbooks), created(`<fileUpload uploadSessionId="` + uploadSession + `"/>`), appended}
		s, f := signedIn(t, inOrder(t, replies...), WithSingleRequestLimit(4), WithBlockSize(4), WithUploadParallelism(1))
		changed := false
		_, err = s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) {
			p.Source = file
			p.Progress = func(now Progress) {
				if !changed && now.Sent == 4 {
					changed = true
					errorIs(t, change(path), nil)
				}
			}
		}))
		errorHas(t, err, "sales.twbx has changed since it was opened")
		errorIs(t, file.Close(), nil)
		equal(t, name, f.lines(), []string{lookUp, "POST fileUploads", "PUT fileUploads/" + uploadSession + "?sequenceID=1"})
	}
}

// Any other source is held to its size.
func TestPublishSourceGrows(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, ok(noWorkbooks), created(`<fileUpload uploadSessionId="`+uploadSession+`"/>`), appended, appended),
		WithSingleRequestLimit(4), WithBlockSize(4), WithUploadParallelism(1))
	source := &growingSource{Source: bytesSource("PK\x03\x04abcd")}
	_, err := s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) {
		p.Source, p.Progress = source, func(Progress) { source.more = 2 }
	}))
	errorHas(t, err, "the file has changed while it was sent, from 8 bytes to 10")
	if len(f.lines()) != 4 {
		t.Errorf("requests %v", f.lines())
	}
}

type growingSource struct {
	Source
	more int64
}

func (g *growingSource) Size() int64 { return g.Source.Size() + g.more }
