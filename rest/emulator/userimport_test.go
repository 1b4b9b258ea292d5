package emulator

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// sendCSV sends a CSV file as TSC does.
func (w *world) sendCSV(path, part, csv, payload string) *answer {
	w.t.Helper()
	body := crlf("--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\nContent-Disposition: form-data; name=\""+part+"\"; filename=\"tsc_users_file.csv\"\nContent-Type: file\n\n") + csv
	if payload != "" {
		body += crlf("\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n") + payload
	}
	return w.sendBytes("POST S/"+path+tscHead, []byte(body+crlf("\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a--\n")))
}

// The site roles of the license, administrator and publisher columns, after "CSV Import File Guidelines".
func TestCSVRole(t *testing.T) {
	t.Parallel()
	for columns, want := range map[string]string{
		"Creator,System,1": "ServerAdministrator", "creator,site,true": "SiteAdministratorCreator", "explorer,Site,0": "SiteAdministratorExplorer",
		"viewer,site,no": "SiteAdministratorExplorer", "Creator,none,yes": "Creator", "Creator,,0": "Explorer", "Explorer,,1": "ExplorerCanPublish",
		"EXPLORER,none,false": "Explorer", "Viewer,none,true": "Viewer", "unlicensed,,": "Unlicensed", ",,": "Unlicensed",
		"ExplorerCanPublish,,1": "ExplorerCanPublish", "boss,,": "Unlicensed",
	} {
		c := strings.Split(columns, ",")
		if got := csvRole(c[0], c[1], c[2]); got != want {
			t.Errorf("%s: %s, want %s", columns, got, want)
		}
	}
}

// Each line is done by itself: what is refused of one does not keep the others, and the job tells of it. No password is in
// the job that waits.
func TestImportUsers(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(time.Minute), WithSAML(""))
	a := w.sendCSV("users/import", "tableau_user_import", "ana,,Ana A,Creator,Site,1,ana@example.com\nbob,hush-hush,,Viewer\nguest,,,Viewer\ncarl,,,Viewer,,,,SAML\n",
		`<tsRequest><user name="bob" authSetting="SAML"/></tsRequest>`).wantStatus(202)
	job := longLUID.FindString(string(a.raw))
	kept, err := json.Marshal(w.of("").jobs.Get(job))
	if err != nil || strings.Contains(string(kept), "hush-hush") {
		t.Errorf("%v: the job is %s", err, kept)
	}
	w.clock.advance(2 * time.Minute)
	w.get("jobs/"+job).wantIn(`type="UserImport"`, `finishCode="0"`)
	if notes := w.of("").jobs.Get(job).Notes; notes != "3 of 4 users were imported. User 'guest' cannot be added as a guest." {
		t.Errorf("notes %q", notes)
	}
	w.get("users?fields=_all_&sort=name:asc").wantIn(`totalAvailable="4"`, `name="ana" fullName="Ana A" email="ana@example.com" siteRole="SiteAdministratorCreator"`,
		`name="bob" fullName="bob" email="" siteRole="Viewer" authSetting="SAML"`, `name="carl" fullName="carl" email="" siteRole="Viewer" authSetting="SAML"`)
	w.signIn(`name="bob" password="hush-hush"`, "")
	w.sendCSV("users/import", "tableau_user_import", "x", "").wantError(403004, "")
}

func TestDeleteUsers(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.add("bob", "Viewer")
	w.signIn(`name="ana" password="secret"`, "")
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	w.signIn(admin, "")
	a := w.sendCSV("users/delete", "tableau_user_delete", "local\\bob,,,,,,\nana,,,,,,\nnobody,,,,,,\n", "").wantStatus(202).wantIn(`type="UserDelete"`)
	w.get("jobs/" + longLUID.FindString(string(a.raw))).wantIn(`finishCode="0"`)
	w.get("users?sort=name:asc").wantIn(`totalAvailable="2"`, `name="ana" siteRole="Unlicensed"`) // she owns something
}

func TestCSVRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.sendCSV("users/import", "tableau_user_import", "a,b,c,d,e,f,g,h,i", "").wantError(400000, "9 columns")
	w.sendCSV("users/import", "tableau_user_import", ",pw", "").wantError(400000, "no name")
	w.sendCSV("users/import", "tableau_user_import", "\"a", "").wantError(400000, "CSV")
	w.sendCSV("users/import", "tableau_user_delete", "a", "").wantError(400000, "tableau_user_delete")
	w.sendBytes("POST S/users/delete"+tscHead, []byte(crlf("--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\nContent-Disposition: form-data; name=\"request_payload\"\n\n<tsRequest/>\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a--\n"))).
		wantError(400000, "tableau_user_delete")
}

// Who may not manage users is refused before anything is done with the lines, and nobody sends too many.
func TestCSVIsNotForEverybody(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.add("bob", "Viewer")
	many := strings.Repeat("x,pw\n", maxLines+1)
	w.sendCSV("users/import", "tableau_user_import", many, "").wantError(400000, "10000 lines")
	w.sendCSV("users/delete", "tableau_user_delete", many, "").wantError(400000, "10000 lines")
	w.asNew("LUID2", "bob", "")
	for _, csv := range []string{many, "\"a", ",pw"} {
		w.sendCSV("users/import", "tableau_user_import", csv, "").wantError(403004, "#2")
		w.sendCSV("users/delete", "tableau_user_delete", csv, "").wantError(403004, "#2")
	}
}
