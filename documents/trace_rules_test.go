package documents_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// byRules runs edits, each in the name of a rule of its own.
func byRules(f *documents.File, edits ...func(*documents.File) error) error {
	for i, edit := range edits {
		if err := f.Atomically(string(rune('a'+i)), func() error { return edit(f) }); err != nil {
			return err
		}
	}
	return nil
}

// TestScrubBesideOtherRules: what a rule asks for is no trace, whichever of the two comes
// first.
func TestScrubBesideOtherRules(t *testing.T) {
	t.Parallel()
	const of = `<datasource formatted-name='x'>
  <connection class='postgres' dbname='C:\Users\jdoe\d' server='db' username='jdoe' />
</datasource>
`
	update := func(p tds.ConnectionPatch) func(*documents.File) error {
		return func(f *documents.File) error {
			for ds := range f.Datasources() {
				for c := range ds.Connections() {
					if err := c.Update(p); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		patch tds.ConnectionPatch
		want  string
	}{
		"a user":              {tds.ConnectionPatch{Username: "acme"}, `dbname='C:\Users\user\d' server='db' username='acme'`},
		"the user it had":     {tds.ConnectionPatch{Username: "jdoe"}, `dbname='C:\Users\user\d' server='db' username='jdoe'`},
		"a path":              {tds.ConnectionPatch{DBName: "/home/acme/d"}, `dbname='/home/acme/d' server='db' username=''`},
		"something else":      {tds.ConnectionPatch{Server: "db2"}, `dbname='C:\Users\user\d' server='db2' username=''`},
		"no user is asked to": {tds.ConnectionPatch{Remove: []string{"username"}}, `dbname='C:\Users\user\d' server='db'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := doctest.Replace(t, of, `dbname='C:\Users\jdoe\d' server='db' username='jdoe'`, c.want)
			edit, scrub := update(c.patch), scrubs(documents.TraceUsers)
			for i, edits := range [][]func(*documents.File) error{{edit, scrub}, {scrub, edit}, {scrub, edit, scrub}} {
				f := doctest.Open(t, of)
				if err := byRules(f, edits...); err != nil {
					t.Errorf("order %d: %v", i, err)
				}
				if diff := cmp.Diff(want, doctest.Written(t, f)); diff != "" {
					t.Errorf("order %d (-want +got):\n%s", i, diff)
				}
				for trace := range f.Traces(documents.ScrubKinds()...) {
					t.Errorf("order %d: %s", i, trace)
				}
			}
		})
	}
}

// TestScrubAndRepoint: a reference that was repointed says where it is now in all its places,
// and stays so when it is scrubbed, in this run and the next.
func TestScrubAndRepoint(t *testing.T) {
	t.Parallel()
	repoint := func(f *documents.File) error {
		ds, err := f.Datasource("Targets")
		if err != nil {
			return err
		}
		return ds.Repoint(tds.PublishedRef{Server: "https://tab.acme.example", SiteContentURL: "acme", ContentURL: "Goals"})
	}
	scrub := scrubs(documents.TraceProvenance)
	f := doctest.Open(t, traced)
	if err := byRules(f, repoint, scrub); err != nil {
		t.Fatal(err)
	}
	once := doctest.Written(t, f)
	for _, want := range []string{
		"name='sqlproxy.b' version='18.1' xml:base='https://tab.acme.example'>",
		"<repository-location derived-from='https://tab.acme.example/t/acme/datasources/Goals?rev=1.0' id='Goals' path='/t/acme/datasources' revision='1.0' site='acme' />",
		"xml:base=&apos;https://tab.acme.example&apos;",
	} {
		if !strings.Contains(once, want) {
			t.Errorf("no %s", want)
		}
	}
	again := doctest.Open(t, once)
	if err := byRules(again, repoint, scrub); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, doctest.Written(t, again)); diff != "" {
		t.Errorf("a second time (-want +got):\n%s", diff)
	}
	f = doctest.Open(t, traced)
	if err := byRules(f, scrub, repoint); err != nil {
		t.Fatal(err)
	}
	if left := told(t, f, documents.TraceProvenance, documents.TracePublished); left != nil {
		t.Errorf("left: %q", left)
	}
}

// TestScrubKeepsWhatRulesSay: another rule may say what a place is that would be scrubbed.
func TestScrubKeepsWhatRulesSay(t *testing.T) {
	t.Parallel()
	set := func(path, name, value string) func(*documents.File) error {
		return func(f *documents.File) error {
			e, err := f.Element(path)
			if err != nil {
				return err
			}
			return e.SetAttr(name, value)
		}
	}
	f := doctest.Open(t, traced)
	err := byRules(f,
		set("/workbook", "xml:base", "https://tab.acme.example"),
		set("/workbook", "site-id", "devsite-1"),
		set("/workbook/datasources/datasource[@name='sqlproxy.b']/repository-location", "derived-from", "https://tab.acme.example/x"),
		scrubs(documents.TraceProvenance),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" site-id='devsite-1' ", "xml:base='https://tab.acme.example' xmlns", "<repository-location derived-from='https://tab.acme.example/x' id='Targets' "} {
		if !strings.Contains(doctest.Written(t, f), want) {
			t.Errorf("no %s", want)
		}
	}
	if left := told(t, f, documents.TraceProvenance); left != nil {
		t.Errorf("left: %q", left)
	}
}

// TestNoTraces: what looks like a trace and is none.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"nothing":                     "<datasource><connection class='postgres' dbname='' server='' username='' /></datasource>",
		"files":                       "<datasource><connection class='federated'><named-connections><named-connection><connection class='hyper' dbname='a.hyper' /></named-connection><named-connection><connection class='excel-direct' filename='a.xlsx' server='' /></named-connection><named-connection><connection class='stat-direct' filename='a.sav' server='x' /></named-connection></named-connections></connection></datasource>",
		"an extract":                  "<datasource><extract><connection class='postgres' dbname='dev' server='db' /></extract></datasource>",
		"a location of nothing":       "<workbook><repository-location id='' path='' revision='' /></workbook>",
		"a user of extracts":          "<datasource><connection class='hyper' username='tableau_internal_user' /></datasource>",
		"statistics of something":     "<datasource><statistics /><approx-count>1</approx-count></datasource>",
		"values of something":         "<workbook><value>1</value><min>1</min><member-of /><zone param='[a].[b]' /></workbook>",
		"shapes by name":              "<workbook><encodings><shape column='[a]' /></encodings></workbook>",
		"all members, names as data":  "<workbook><dictionary><bucket>%all%</bucket><bucket>&quot;[a].[b]&quot;</bucket></dictionary></workbook>",
		"a field of an instance":      "<workbook><connection class='x' instanceurl='https://x.example/home/a' /></workbook>",
		"no pictures":                 "<workbook>\n  <thumbnails>\n  </thumbnails>\n</workbook>",
		"versions, which tell no one": "<workbook original-version='18.1' source-build='1' source-platform='mac' version='18.1' />",
	} {
		if found := told(t, doctest.Open(t, in)); found != nil {
			t.Errorf("%s: %q", name, found)
		}
	}
	for _, address := range []string{"https://jane:hunter2@tab.example/?token=1&amp;password=hunter2", "https://jane:hunter2@[tab.example/"} {
		for trace := range doctest.Open(t, "<workbook xml:base='"+address+"'><datasource><connection class='sqlproxy' dbname='x' server='"+address+"' /></datasource></workbook>").Traces() {
			if strings.Contains(trace.Text, "hunter2") {
				t.Errorf("shows a secret: %s", trace)
			}
		}
	}
	f := doctest.Open(t, archive(t, "a.twb", "<workbook />", "Data/a.csv", "x", "Data/b.csv", "x"))
	if err := f.ReplaceEntry("Data/a.csv", content("of acme")); err != nil {
		t.Fatal(err)
	}
	if found := told(t, f); !slices.Equal(found, []string{"files: Data/b.csv a file that the document does not name"}) {
		t.Errorf("a file that was replaced: %q", found)
	}
}

// TestTracesInFolders counts files, not the entries of the folders that they are in, which go
// with them.
func TestTracesInFolders(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, archive(t, "a.twb", "<workbook />", "__MACOSX/", "", "__MACOSX/._a.twb", "x", "TwbxExternalCache/", "", "TwbxExternalCache/R/", ""))
	want := []string{"provenance: __MACOSX/ files of macOS: 1", "caches: TwbxExternalCache/ an empty folder"}
	if diff := cmp.Diff(want, told(t, f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := f.Scrub(documents.ScrubKinds()); err != nil || !slices.Equal(names(f), []string{"a.twb"}) {
		t.Errorf("%v, left %q", err, names(f))
	}
}

// TestLiveConnections: a connection to a server that no edit says anything of reads the same
// data on every site. One that is told where it leads, if to the same place, is no trace.
func TestLiveConnections(t *testing.T) {
	t.Parallel()
	of := func(attrs string) string {
		return "<datasource formatted-name='x'><connection " + attrs + " /></datasource>"
	}
	for attrs, want := range map[string]string{
		"class='postgres' dbname='dev' server='db1' username=''":                                 `postgres, server "db1", dbname "dev"`,
		"class='sqlserver' server='db1,1433'":                                                    `sqlserver, server "db1,1433"`,
		"class='oracle' schema='DEV' server='db1' service='orcl'":                                `oracle, server "db1", service "orcl"`,
		"CATALOG='c' class='bigquery' project='p' schema='s'":                                    `bigquery, catalog "c"`,
		"class='databricks' dbname='c' server='x.example' v-http-path='/sql/1'":                  `databricks, server "x.example", dbname "c"`,
		"class='genericjdbc' dialect='x' jdbcurl='jdbc:x://db1/dev?user=u&amp;password=hunter2'": `genericjdbc, jdbcurl "jdbc:x://db1/dev?user=u&password=redacted"`,
		"class='genericodbc' odbc-driver='d' odbc-dsn='dev'":                                     `genericodbc, odbc-dsn "dev"`,
		"class='of-a-plug-in' dbname='dev'":                                                      `of-a-plug-in, dbname "dev"`,
	} {
		got := told(t, doctest.Open(t, of(attrs)), documents.TraceConnections)
		if diff := cmp.Diff([]string{"connections: 1 connection " + want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", attrs, diff)
		}
	}
	for name, c := range map[string]struct {
		patch tds.ConnectionPatch
		left  int
	}{
		"a server":          {tds.ConnectionPatch{Server: "db2"}, 0},
		"the server it had": {tds.ConnectionPatch{Server: "db1"}, 0},
		"a database":        {tds.ConnectionPatch{DBName: "acme"}, 0},
		"a port":            {tds.ConnectionPatch{Port: "5433"}, 0},
		"a user":            {tds.ConnectionPatch{Username: "acme"}, 1},
	} {
		f := doctest.Open(t, of("class='postgres' dbname='dev' server='db1' username='jdoe'"))
		err := byRules(f, func(f *documents.File) error {
			for ds := range f.Datasources() {
				for conn := range ds.Connections() {
					return conn.Update(c.patch)
				}
			}
			return nil
		})
		if left := told(t, f, documents.TraceConnections); err != nil || len(left) != c.left {
			t.Errorf("%s: %v, left %q", name, err, left)
		}
	}
	doctest.Refused(t, doctest.FX1, scrubs(documents.TraceConnections), "scrubbing connections: it can only be [thumbnails provenance")
}

// TestScrubAndRename: the name of a thumbnail is a copy of that of its view, so that it may
// go when the view is renamed.
func TestScrubAndRename(t *testing.T) {
	t.Parallel()
	rename := func(f *documents.File) error {
		wb, _ := f.Workbook()
		return wb.RenameView("Map", "Karte")
	}
	scrub := scrubs(documents.ScrubKinds()...)
	want := strings.ReplaceAll(scrubbedDocument(t), "name='Map'", "name='Karte'")
	for i, edits := range [][]func(*documents.File) error{{rename, scrub}, {scrub, rename}} {
		f := doctest.Open(t, traced)
		if err := byRules(f, edits...); err != nil {
			t.Errorf("order %d: %v", i, err)
		}
		if diff := cmp.Diff(want, doctest.Written(t, f)); diff != "" {
			t.Errorf("order %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestScrubConflicts: to remove what another rule edits contradicts it.
func TestScrubConflicts(t *testing.T) {
	t.Parallel()
	set := func(f *documents.File) error {
		e, err := f.Element("/workbook/repository-location")
		if err != nil {
			return err
		}
		return e.SetAttr("site", "acme")
	}
	err := byRules(doctest.Open(t, traced), set, scrubs(documents.TraceProvenance))
	bad, ok := errors.AsType[*documents.ConflictError](err)
	if !ok || bad.First != "a" || bad.Second != "b" || !strings.HasPrefix(err.Error(), "scrubbing provenance: 5:3 /workbook/repository-location: ") {
		t.Errorf("%v", err)
	}
}

func TestScrubRefuses(t *testing.T) {
	t.Parallel()
	doctest.Refused(t, traced, scrubs(documents.TraceUsers, documents.TraceDesign), "scrubbing design: it can only be [thumbnails provenance")
	doctest.Refused(t, traced, func(f *documents.File) error {
		return f.Scrub([]documents.TraceKind{documents.TraceUsers}, orders(t, f.Clone()))
	}, `scrubbing data source "Orders": it is a data source of another file`)
	broken := doctest.Replace(t, traced, "&quot;&lt;datasource ", "&quot;datasource ")
	doctest.Refused(t, broken, scrubs(documents.TraceUsers), "scrubbing: ", "the copy of the published data source")
	var kinds []documents.TraceKind
	var last error
	for trace, err := range doctest.Open(t, broken).Traces(documents.TraceThumbnails, documents.TraceStatistics) {
		kinds, last = append(kinds, trace.Kind), err
	}
	if want := []documents.TraceKind{documents.TraceStatistics, documents.TraceThumbnails, ""}; !slices.Equal(kinds, want) || last == nil {
		t.Errorf("traces of a workbook with a copy that cannot be read: %q, %v", kinds, last)
	}
	if err := doctest.Open(t, broken).Scrub([]documents.TraceKind{documents.TraceCaches, documents.TraceThumbnails}); err != nil {
		t.Errorf("caches and thumbnails are in no copy: %v", err)
	}
}

// TestScrubExtracts disables extracts and removes their files, but those that something else
// reads, and what an edit brought.
func TestScrubExtracts(t *testing.T) {
	t.Parallel()
	scrub := scrubs(documents.TraceExtracts)
	off := func(in string) string { return strings.ReplaceAll(in, "enabled='true'", "enabled='false'") }
	source := func(in string) string {
		return doctest.Replace(t, in, "<connection class='postgres' dbname='dev' port='5432' server='db1' username='svc' />", "<connection class='hyper' dbname='Data/e.hyper' />")
	}
	for name, c := range map[string]struct {
		in, want string
		stays    bool
		traces   int // of extracts
		notes    int
	}{
		"its own":               {extracted(t, "Data/e.hyper"), off(extracted(t, "Data/e.hyper")), false, 1, 0},
		"of two data sources":   {twin(t, "Data/e.hyper"), off(twin(t, "Data/e.hyper")), false, 2, 0},
		"disabled, and packed":  {off(extracted(t, "Data/e.hyper")), off(extracted(t, "Data/e.hyper")), false, 1, 0},
		"read by a source":      {source(extracted(t, "Data/e.hyper")), off(source(extracted(t, "Data/e.hyper"))), true, 1, 1},
		"disabled, and read":    {off(source(extracted(t, "Data/e.hyper"))), off(source(extracted(t, "Data/e.hyper"))), true, 0, 0},
		"outside":               {extracted(t, "C:/Users/Public/e.hyper"), off(extracted(t, "C:/Users/Public/e.hyper")), true, 1, 0},
		"outside, and disabled": {off(extracted(t, "C:/Users/Public/e.hyper")), off(extracted(t, "C:/Users/Public/e.hyper")), true, 0, 0},
		"none":                  {doctest.FX1, doctest.FX1, true, 0, 0},
	} {
		f := doctest.Open(t, archive(t, "Book.twb", c.in, "Data/e.hyper", "Hyper"))
		if n := len(told(t, f, documents.TraceExtracts)); n != c.traces {
			t.Errorf("%s: %d traces, want %d", name, n, c.traces)
		}
		for range 2 {
			if err := scrub(f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		want := map[string]string{"Book.twb": c.want}
		if c.stays {
			want["Data/e.hyper"] = "Hyper"
		}
		if diff := cmp.Diff(want, packed(t, f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if left := told(t, f, documents.TraceExtracts); left != nil {
			t.Errorf("%s: left %q", name, left)
		}
		if n := len(noted(f)); n != c.notes {
			t.Errorf("%s: notes %q", name, noted(f))
		}
	}

	one := doctest.Open(t, archive(t, "Book.twb", twin(t, "Data/e.hyper"), "Data/e.hyper", "Hyper"))
	if err := one.Scrub([]documents.TraceKind{documents.TraceExtracts}, orders(t, one)); err != nil {
		t.Error(err)
	}
	if !slices.Contains(names(one), "Data/e.hyper") || orders(t, one).HasExtract() || len(noted(one)) != 1 {
		t.Errorf("an extract that another data source reads: %q, %q", names(one), noted(one))
	}
	brought := doctest.Open(t, archive(t, "Book.twb", extracted(t, "Data/e.hyper"), "Data/e.hyper", "Hyper"))
	if err := brought.ReplaceExtract(orders(t, brought), newExtract("of acme", "")); err != nil {
		t.Error(err)
	}
	if err := scrub(brought); err != nil || !orders(t, brought).HasExtract() || told(t, brought, documents.TraceExtracts, documents.TraceFiles) != nil {
		t.Errorf("an extract that an edit brought: %v, %q", err, told(t, brought))
	}
}

// TestScrubUsersInPaths puts another name into all forms of paths, and leaves alone what only
// looks like one.
func TestScrubUsersInPaths(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`C:\Users\DAVIDB~1\AppData\Local\Temp\x.xlsx`:    `C:\Users\user\AppData\Local\Temp\x.xlsx`,
		`c:/users/me/x.xls`:                              `c:/users/user/x.xls`,
		`C:\Documents and Settings\me`:                   `C:\Documents and Settings\user`,
		`/Users/me/x.csv`:                                `/Users/user/x.csv`,
		`/home/me/x.csv`:                                 `/home/user/x.csv`,
		`\\srv\Users\me\x.csv`:                           `\\srv\Users\user\x.csv`,
		`//srv/home/me/x.csv`:                            `//srv/home/user/x.csv`,
		`file:///Users/me/x.csv`:                         `file:///Users/user/x.csv`,
		`file:/Users/me/x.png`:                           `file:/Users/user/x.png`,
		`[C:\Users\me\x#csv]`:                            `[C:\Users\user\x#csv]`,
		`[/home/me].[x#csv]`:                             `[/home/user].[x#csv]`,
		`DBQ=C:\Users\me\x.mdb;DefaultDir=C:\Users\me`:   `DBQ=C:\Users\user\x.mdb;DefaultDir=C:\Users\user`,
		`jdbc:sqlite:/home/me/x.db`:                      `jdbc:sqlite:/home/user/x.db`,
		`/var/folders/2h/cf9z00gp/T/x.tde`:               `/var/folders/user/user/T/x.tde`,
		`/private/var/folders/2h/cf9z00gp/T/x.tde`:       `/private/var/folders/user/user/T/x.tde`,
		`C:\Users\Jörg Ä\x.csv`:                          `C:\Users\user\x.csv`,
		`/Users/o'hara/x.csv`:                            `/Users/user/x.csv`,
		`DBQ=C:\Users\me;IDX=x/y`:                        `DBQ=C:\Users\user;IDX=x/y`,
		`C:\Users\Public\x.csv`:                          "",
		`/Users/Shared/x.csv`:                            "",
		`Data/Users/me/x.csv`:                            "",
		`D:\Sales\Users\me.csv`:                          "",
		`https://tableau.example/home/me`:                "",
		`jdbc:postgresql://db/home/me`:                   "",
		`/Users`:                                         "",
		`//filesrv01/public/ProductTesting/Server/x.mdb`: "",
	} {
		if want == "" {
			want = in
		}
		quoted := strings.NewReplacer("&", "&amp;", "'", "&apos;").Replace
		document := func(value string) string {
			return "<datasource name='x'><connection class='x' v-any='" + quoted(value) + "'><relation name='r' table='" + quoted(value) + "' /></connection></datasource>"
		}
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, document(in), scrubs(documents.TraceUsers), document(want))
		})
	}
	const sql = "<datasource name='x'><connection class='x' one-time-sql='COPY t FROM &apos;C:/Users/me&apos; -- /x' /></datasource>"
	doctest.Edited(t, sql, scrubs(documents.TraceUsers), sql)
}

// TestScrubUsersInPlaces looks at all elements that name files of the author's machine, and
// leaves addresses on the web.
func TestScrubUsersInPlaces(t *testing.T) {
	t.Parallel()
	const in = `<workbook>
  <local-data directory='C:\Users\jdoe\Documents\My Tableau Repository' />
  <local-data-typed directory='/Users/jdoe/maps' type='maps' />
  <datasources><datasource name='a'><connection class='federated'><relation include-siblings='true' name='x' path='C:\Users\jdoe\in' table='[x#csv]' type='union' /></connection></datasource></datasources>
  <actions><action name='[A]'><link expression='file:///C:/Users/jdoe/help.html' /></action><action name='[B]'><link expression='https://x.example/home/jane' /></action></actions>
  <dashboards><dashboard name='D'><zones>
    <zone id='1' type-v2='web' url='file:///C:/Users/jdoe/a.html' />
    <zone id='2' image-file-url='file:///home/jdoe/a.png' param='C:\Users\jdoe\a.png' type-v2='bitmap' />
    <zone id='3' type-v2='web' url='https://x.example/users/jane' />
  </zones></dashboard></dashboards>
</workbook>
`
	if got := told(t, doctest.Open(t, in), documents.TraceUsers); len(got) != 7 {
		t.Errorf("got %q", got)
	}
	doctest.Edited(t, in, scrubs(documents.TraceUsers), strings.ReplaceAll(in, "jdoe", "user"))
}

// TestScrubAddresses takes secrets and users out of the settings and addresses that some
// connections have in place of attributes, and out of the caption that is a copy of one.
func TestScrubAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`UID=jane;PWD=hunter2;Encrypt=yes`:               `UID=;PWD=redacted;Encrypt=yes`,
		`jdbc:postgresql://db/x?user=jane&ssl=true`:      `jdbc:postgresql://db/x?user=&ssl=true`,
		`jdbc:mysql://jane:hunter2@db:3306/x`:            `jdbc:mysql://user:redacted@db:3306/x`,
		`jdbc:oracle:thin:jane/hunter2@db:1521:x`:        `jdbc:oracle:thin:user/redacted@db:1521:x`,
		`{"user":"jane","password":"hunter2","x":1}`:     `{"user":"","password":"redacted","x":1}`,
		`https://db/?email=jane@x.example`:               "",
		`userdata=1;ReadOnlyUser=2;DisableUserMapping=1`: "",
	} {
		if want == "" {
			want = in
		}
		quoted := strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace
		document := func(value string) string {
			return "<datasource name='x'><connection class='federated'><named-connections><named-connection caption='" + quoted(value) + "' name='genericjdbc.1'><connection class='genericjdbc' jdbcurl='" +
				quoted(value) + "' /></named-connection></named-connections></connection></datasource>"
		}
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			for trace := range doctest.Open(t, document(in)).Traces() {
				if strings.Contains(trace.String(), "hunter2") {
					t.Errorf("shows a secret: %s", trace)
				}
			}
			doctest.Edited(t, document(in), scrubs(documents.TraceUsers, documents.TraceCredentials), document(want))
		})
	}
}

// TestScrubPictures: pictures of dashboards that are in no package lead to the author's files.
func TestScrubPictures(t *testing.T) {
	t.Parallel()
	const in = `<workbook><dashboards><dashboard name='D'><zones><zone param='C:\Users\jane\a.png' type='bitmap' /><zone><button><button-visual-state><image-path>/Users/jane/b.png</image-path></button-visual-state></button></zone></zones></dashboard></dashboards></workbook>`
	doctest.Edited(t, in, scrubs(documents.TraceUsers), strings.ReplaceAll(in, "jane", "user"))
}

// TestScrubInitialSQL takes secrets out of strings and comments, and leaves what the SQL needs.
func TestScrubInitialSQL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`SET encryption password= 'hunter2'; SELECT 1`:           `SET encryption password= 'redacted'; SELECT 1`,
		`CREATE USER a IDENTIFIED BY "hunter2"`:                  `CREATE USER a IDENTIFIED BY "redacted"`,
		`SELECT dblink('host=a password=hunter2') WHERE pwd = x`: `SELECT dblink('host=a password=redacted') WHERE pwd = x`,
		`EXEC p 'PWD=''hunter2'';Server=x'`:                      `EXEC p 'PWD=redacted;Server=x'`,
		"-- don't: pwd=hunter2\nSET a = 'b'":                     "-- don't: pwd=redacted\nSET a = 'b'",
		`/* it's password=hunter2*/ SET a = 'b'`:                 `/* it's password=redacted*/ SET a = 'b'`,
		`DELETE FROM t WHERE pwd = x AND token = y.z`:            "",
		`SET password = ''`:                                      "",
	} {
		if want == "" {
			want = in
		}
		quoted := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&apos;", "\n", "&#10;").Replace
		document := func(value string) string {
			return "<datasource name='x'><connection class='postgres' one-time-sql='" + quoted(value) + "' /></datasource>"
		}
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			if found := told(t, doctest.Open(t, document(in)), documents.TraceCredentials); (found != nil) != (in != want) {
				t.Errorf("found %q", found)
			}
			doctest.Edited(t, document(in), scrubs(documents.TraceCredentials), document(want))
			if left := told(t, doctest.Open(t, document(want)), documents.TraceCredentials); left != nil {
				t.Errorf("left %q", left)
			}
		})
	}
}

// TestSecretsInCustomSQL are told, never shown, and stay: the query would not run without
// them.
func TestSecretsInCustomSQL(t *testing.T) {
	t.Parallel()
	for sql, secret := range map[string]bool{
		`SELECT * FROM OPENROWSET('SQLNCLI','Server=x;UID=sa;PWD=hunter2;','SELECT 1')`: true,
		`SELECT * FROM dblink('dbname=a password=hunter2', 'SELECT 1')`:                 true,
		`SELECT 'postgres://sa:hunter2@db/x' WHERE a << 2`:                              true,
		`SELECT 1 WHERE password = 'hunter2' AND pwd = x`:                               false,
		`SELECT 'pwd=' || pwd -- 'PWD=hunter2'`:                                         false,
		`SELECT 1 -- don't` + "\n" + `WHERE pwd = x /* 'PWD=hunter2' */`:                false,
		`SELECT * FROM OPENROWSET('SQLNCLI','Server=x;PWD=redacted;','SELECT 1')`:       false,
	} {
		document := `<datasource name='x'><connection class='federated'><relation name='q' type='text'>` + strings.ReplaceAll(sql, "<", "&lt;") + `</relation></connection></datasource>`
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			var want []string
			if secret {
				want = []string{"sql: 1 relation a secret in custom SQL"}
			}
			if diff := cmp.Diff(want, told(t, doctest.Open(t, document))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			doctest.Edited(t, document, scrubs(documents.ScrubKinds()...), document)
		})
	}
}
