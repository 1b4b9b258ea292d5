package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/rest"
)

func TestSiteRole(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		license, admin, publish, role string
		want                          rest.SiteRole // "-" for none that there is
	}{
		{"", "", "", "", ""},
		{"Creator", "", "", "", "Creator"},
		{"creator", "none", "0", "", "Creator"},
		{"Creator", "Site", "1", "", "SiteAdministratorCreator"},
		{"Explorer", "", "", "", "Explorer"},
		{"Explorer", "None", "yes", "", "ExplorerCanPublish"},
		{"interactor", "None", "true", "", "ExplorerCanPublish"},
		{"Explorer", "site", "no", "", "SiteAdministratorExplorer"},
		{"Viewer", "None", "false", "", "Viewer"},
		{"Unlicensed", "", "", "", "Unlicensed"},
		{"", "System", "", "", "ServerAdministrator"},
		{"Creator", "system", "1", "", "ServerAdministrator"},
		{"", "", "", "explorercanpublish", "ExplorerCanPublish"},
		{"", "", "yes", "", "-"},
		{"", "Site", "", "", "-"},
		{"Viewer", "", "1", "", "-"},
		{"Viewer", "Site", "", "", "-"},
		{"Guest", "", "", "", "-"},
		{"Viewer", "Boss", "", "", "-"},
		{"Viewer", "", "often", "", "-"},
		{"", "", "", "Guest", "-"},
		{"Viewer", "", "", "Viewer", "-"},
	} {
		got, err := siteRole(test.license, test.admin, test.publish, test.role)
		if err != nil {
			got = "-"
		}
		if got != test.want {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
}

// Whatever is in a table, each of its users has a name of its own and the line it begins in; what is wrong with it is told
// without passwords.
func FuzzUserTable(f *testing.F) {
	for _, text := range []string{
		"ana\nbob", "\xef\xbb\xbfusername,password\r\nana,hunter22\r\n", "ana,hunter22,Ana,Creator,None,1,a@b.c\n", "\"a\nb\",,,Viewer\nc", "a,\"b", "Site Role,User\nViewer,ana",
		"ana\n\nANA\n", ",,,", "name,name\na,b", "what,username\n1,hunter22", "a,b,c,d,e,f,g,hunter22",
		"admin,hunter22\nbob", "a;hunter22", "name\tsite_role\na\tViewer", "username\nM\xfcller", "\xff\xfeu\x00",
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	path := filepath.Join(f.TempDir(), "users.csv")
	f.Fuzz(func(t *testing.T, text string, namesAlone bool) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := readUsers(path, namesAlone)
		if (err == nil) != (len(rows) > 0) {
			t.Fatalf("%d users, %v", len(rows), err)
		}
		if err == nil && !utf8.ValidString(text) {
			t.Errorf("%q was read, which is not UTF-8", text)
		}
		if err != nil && !strings.HasPrefix(err.Error(), path+":") {
			t.Errorf("no place: %v", err)
		}
		names, line := map[string]bool{}, 0
		for _, row := range rows {
			if row.name == "" || names[strings.ToLower(row.name)] || row.line <= line {
				t.Errorf("%q in line %d, after line %d", row.name, row.line, line)
			}
			names[strings.ToLower(row.name)], line = true, row.line
		}
	})
}
