package emulator

import "testing"

// TSC-24, TSC-31 and TT-16: favorites are added under a label, listed, put in order and deleted.
func TestFavorites(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	workbook := longLUID.FindString(string(w.get("workbooks").raw[len(xmlHead):]))
	view := longLUID.FindString(string(w.get("workbooks/" + workbook + "/views").raw[len(xmlHead):]))
	put := func(favorite string) *answer {
		return w.send("PUT S/favorites/ANA HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n<tsRequest>" + favorite + "</tsRequest>")
	}
	w.get("favorites/ANA").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><favorites/>`)
	put(`<favorite label="My sales"><workbook id="` + workbook + `" /></favorite>`).wantStatus(200).
		wantIn(`<favorites><favorite label="My sales" position="0" addedAt="2026-03-02T10:00:00Z"><workbook `)
	put(`<favorite label="Map"><view id="` + view + `" /></favorite>`).wantStatus(200)
	put(`<favorite label="Home"><project id="PROJECT" /></favorite>`).wantStatus(200)
	put(`<favorite label="Sales again"><workbook id="` + workbook + `" /></favorite>`).wantStatus(200)
	w.get("favorites/ANA/?pageNumber=1").wantIn(`totalAvailable="3"`,
		`<favorite label="Sales again" position="0"`, `<favorite label="Map" position="1"`, `<favorite label="Home" position="2"`)

	w.send("PUT S/orderFavorites/ANA HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><favoriteOrderings>" +
		`<favoriteOrdering favoriteId="PROJECT" favoriteType="project"/>` +
		`<favoriteOrdering favoriteId="` + workbook + `" favoriteType="workbook" favoriteIdMoveAfter="` + view + `" favoriteTypeMoveAfter="view"/>` +
		`</favoriteOrderings></tsRequest>`).wantStatus(200)
	w.get("favorites/ANA").wantIn(`label="Home" position="0"`, `label="Map" position="1"`, `label="Sales again" position="2"`)

	w.send("DELETE S/favorites/ANA/views/" + view + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	w.send("DELETE S/favorites/ANA/views/"+view+" HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(404029, w.shorten(view))
	w.send("DELETE S/workbooks/" + workbook + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	w.get("favorites/ANA").wantIn(`totalAvailable="1"`)

	put(`<favorite label="x"><workbook id="none" /></favorite>`).wantError(404029, "none")
	put(`<favorite><project id="PROJECT" /></favorite>`).wantError(400000, "label")
	w.get("favorites/none").wantError(404002, "none")
	w.get("favorites/ADMIN").wantIn(`totalAvailable="0"`)
	w.signIn(`name="ana" password="secret"`, "")
	w.get("favorites/ADMIN").wantIn(`totalAvailable="0"`) // a site administrator
}

// A favorite tells nobody of what they may not read, and goes with what it is.
func TestFavoritesOfWhatIsRead(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("ben", "secret", "Viewer"))
	w.publishSales()
	w.as("ben").call("PUT", "favorites/BEN", `<favorite label="x"><workbook id="WORKBOOK"/></favorite>`).wantStatus(200)
	w.asAdmin().call("PUT", "workbooks/WORKBOOK/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	w.as("ben").get("favorites/BEN").wantIn(`totalAvailable="0"`)
	w.call("PUT", "favorites/BEN", `<favorite label="x"><workbook id="WORKBOOK"/></favorite>`).wantError(404029, "#WORKBOOK")
	w.call("PUT", "favorites/SYSTEM", `<favorite label="x"><project id="PROJECT"/></favorite>`).wantError(404002, "#SYSTEM")
	w.asAdmin().call("DELETE", "workbooks/WORKBOOK", "").wantStatus(204)
	if n := w.of("").favorites.Len(); n != 0 {
		t.Errorf("%d favorites are left", n)
	}
}
