package documents_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestPasswordsAreNotShown changes, removes and inserts passwords in every way
// there is, and looks for them in what is shown.
func TestPasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	const nested = "<metadata-records><metadata-record class='capability'><attribute name='datasource'>" +
		"&quot;&lt;datasource&gt;&lt;connection password=&apos;hunter2&apos; a=&apos;1&apos; /&gt;&lt;connection password=\\&quot;hunter2\\&quot; /&gt;&lt;/datasource&gt;&quot;</attribute></metadata-record></metadata-records>"
	const in = `<workbook><datasources><datasource name='a'>
  <connection class='federated' one-time-sql='x' password='hunter2'><named-connections>
    <named-connection name='n'><connection class='postgres' password="hunter2" server='s' /></named-connection>
    <named-connection name='e'><connection class='excel-direct' password='' _.fcp.A.true...password = 'hunter2' server='' /></named-connection>
  </named-connections></connection></datasource>
  <datasource name='b'><connection class='sqlproxy' dbname='x'>` + nested + `</connection></datasource>
</datasources></workbook>`
	edits := map[string]func(*etree.Element){
		"set": func(e *etree.Element) {
			for _, c := range e.FindElements("//connection") {
				c.CreateAttr("password", "hunter2 too")
			}
		},
		"empty": func(e *etree.Element) {
			for _, c := range e.FindElements("//connection") {
				for i, a := range c.Attr {
					if strings.HasSuffix(a.Key, "password") {
						c.Attr[i].Value = ""
					}
				}
			}
		},
		"remove": func(e *etree.Element) {
			for _, c := range e.FindElements("//connection") {
				c.RemoveAttr("password")
			}
		},
		"remove around": func(e *etree.Element) { e.RemoveChild(e.SelectElement("datasources")) },
		"remove nested": func(e *etree.Element) {
			c := e.FindElement("//datasource[@name='b']/connection")
			c.RemoveChild(c.SelectElement("metadata-records"))
		},
		"set nested": func(e *etree.Element) { e.FindElement("//attribute").SetText(`"<datasource password='hunter2' />"`) },
		"set initial SQL": func(e *etree.Element) {
			e.FindElement("//connection").CreateAttr("one-time-sql", "SET PASSWORD = 'hunter2', PWD='hunter2'; CREATE USER a IDENTIFIED BY 'hunter2'")
		},
		"insert": func(e *etree.Element) {
			e.CreateElement("connection").CreateAttr("password", "hunter2")
		},
	}
	for name, edit := range edits {
		f := doctest.Open(t, in)
		wb, _ := f.Workbook()
		if err := wb.Edit(func(e *etree.Element) error { edit(e); return nil }); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		changes := 0
		for c := range f.Changes() {
			changes++
			if shown := fmt.Sprintf("%s %q", c, c.Written); strings.Contains(shown, "hunter2") {
				t.Errorf("%s: shown as %s", name, shown)
			}
		}
		if changes == 0 {
			t.Errorf("%s changes nothing", name)
		}
	}
	for ds := range doctest.Open(t, in).Datasources() {
		for c := range ds.Connections() {
			_, err := ds.Connection(tds.ConnectionMatch{Server: "none"})
			if shown := fmt.Sprint(c, err); strings.Contains(shown, "hunter2") {
				t.Errorf("a connection is shown as %s", shown)
			}
		}
	}
}

func TestChangesTellOfPasswords(t *testing.T) {
	t.Parallel()
	const in = `<datasource><connection class='federated'><named-connections><named-connection><connection class='x' password='hunter2' /></named-connection></named-connections></connection></datasource>`
	f := doctest.Open(t, in)
	err := firstDatasource(f).Edit(func(e *etree.Element) error {
		e.FindElement("//named-connection/connection").RemoveAttr("password")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for c := range f.Changes() {
		if c.Old != "redacted" || c.New != "" || !strings.HasSuffix(c.Path, "/@password") {
			t.Errorf("reported as %s", c)
		}
	}
	if got, want := doctest.Written(t, f), strings.Replace(in, " password='hunter2'", "", 1); got != want {
		t.Errorf("written %s", got)
	}
}

func firstDatasource(f *documents.File) *tds.Datasource {
	for ds := range f.Datasources() {
		return ds
	}
	return nil
}

func TestPasswordsInSettingsAreNotShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"UID=u;PWD=hunter2;Encrypt=yes":                "UID=u;PWD=redacted;Encrypt=yes",
		"user=u&password = hunter2":                    "user=u&password = redacted",
		"PWD={top;secret};X=1":                         "PWD=redacted;X=1",
		"PWD={a}}b;c}":                                 "PWD=redacted",
		"PWD='quoted secret';X=1":                      "PWD=redacted;X=1",
		`PASSWORD="ab c"`:                              "PASSWORD=redacted",
		"Password=my secret word;Port=1":               "Password=redacted;Port=1",
		"create user identified by 'pw1'":              "create user identified by redacted",
		"client_secret=abc;x=1":                        "client_secret=redacted;x=1",
		"no secret here":                               "no secret here",
		"AccountName=a;AccountKey=abc==;":              "AccountName=a;AccountKey=redacted;",
		"Auth_AccessToken=abc;x=1":                     "Auth_AccessToken=redacted;x=1",
		"x=1;token=abc":                                "x=1;token=redacted",
		"TokenURL=https://a/b;token_x":                 "TokenURL=https://a/b;token_x",
		`{"user":"u","password":"a\"b"}`:               `{"user":"u","password":"redacted"}`,
		`{"clientSecret" : "a", "b": "c"}`:             `{"clientSecret" : "redacted", "b": "c"}`,
		`{"x":"{\"token\":\"abc\"}"}`:                  `{"x":"{\"token\":\"redacted\"}"}`,
		`{"password":""}`:                              `{"password":""}`,
		"jdbc:mysql://u:p@ss@db:3306/x?a=1":            "jdbc:mysql://u:redacted@db:3306/x?a=1",
		"https://db:443/a@b":                           "https://db:443/a@b",
		"https://u:50%@[db/x":                          "https://u:redacted@[db/x",
		"jdbc:oracle:thin:scott/tiger@//db:1521/x":     "jdbc:oracle:thin:scott/redacted@//db:1521/x",
		"jdbc:oracle:thin:@//db:1521/x":                "jdbc:oracle:thin:@//db:1521/x",
		"https://a.blob.example/c?sv=1&sig=abc%3D&x=1": "https://a.blob.example/c?sv=1&sig=redacted&x=1",
		"passwords are not asked for":                  "passwords are not asked for",
	} {
		if got := tds.Redact("odbc-connect-string-extras", in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
		if again := tds.Redact("odbc-connect-string-extras", want); again != want {
			t.Errorf("%q is shown as %q", want, again)
		}
	}
	for _, attribute := range []string{"password", "Password", "OAuth-Secret", "private-key", "private_key", "api_key", "oauth-refresh-token", "/a/b/@_.fcp.A.true...password"} {
		if got := tds.Redact(attribute, "hunter2"); got != "redacted" {
			t.Errorf("%s is shown as %q", attribute, got)
		}
	}
	if got := tds.Redact("password", ""); got != "" {
		t.Errorf("no password is shown as %q", got)
	}
}

// TestNamesAreNoSecrets: a field may be called after a password, and what is said of it is
// shown.
func TestNamesAreNoSecrets(t *testing.T) {
	t.Parallel()
	f := doctest.Open(t, doctest.Replace(t, doctest.FX1, "name='[Tenant]'", "name='[hashed_password]'"))
	if err := firstDatasource(f).UpdateColumn("[hashed_password]", tds.ColumnPatch{Description: new("never shown")}); err != nil {
		t.Fatal(err)
	}
	for c := range f.Changes() {
		if !strings.Contains(c.New, "never shown") || !strings.Contains(c.Written, "never shown") {
			t.Errorf("%s is written %q", c, c.Written)
		}
	}
}
