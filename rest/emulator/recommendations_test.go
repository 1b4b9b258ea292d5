package emulator

import "testing"

// The operations 16, 19 and 35: what is recommended comes from what people looked at.
func TestRecommendations(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("ben", "secret", "Viewer"), WithUser("cleo", "secret", "Creator"), WithUser("dan", "secret", "SiteAdministratorCreator"))
	w.publishSales()
	w.get("recommendations/?type=view").want(200, `<recommendations/>`)
	looks := func(name string, views ...string) {
		w.as(name)
		for _, v := range views {
			w.get("views/" + v + "/data").wantStatus(200)
		}
	}
	looks("ben", "STARTUPS", "MAP")
	looks("cleo", "OVERVIEW", "MAP")
	looks("dan", "STARTUPS")
	const popularMap = `<recommendation score="100"><view id="#MAP"/><similarUsersExplanation><users><user id="#BEN"/></users></similarUsersExplanation></recommendation>`
	const overview = `<view id="#OVERVIEW"/><popularExplanation/></recommendation>`

	t.Run("CRL-3 list", func(t *testing.T) {
		w.send("GET S/recommendations?type=view HTTP/1.1\nUser-Agent: curl/8.5.0\nAccept: */*\nX-Tableau-Auth:TOKEN\n\n").
			want(200, `<recommendations>`+popularMap+`<recommendation score="25">`+overview+`</recommendations>`)
	})
	hide := `<tsRequest>  <recommendationDismissal>    <view id="MAP" />  </recommendationDismissal></tsRequest>`
	t.Run("CRL-4 hide and unhide", func(t *testing.T) {
		hidden := w.send("PUT S/dismissals HTTP/1.1\nUser-Agent: curl/8.5.0\nAccept: */*\nX-Tableau-Auth:TOKEN\n" +
			"Content-Type: application/x-www-form-urlencoded\n\n" + hide).wantStatus(200)
		if len(hidden.raw) > 0 {
			t.Errorf("body %s", hidden.raw)
		}
		w.get("recommendations/?type=view").want(200, `<recommendations><recommendation score="100">`+overview+`</recommendations>`)
		w.send("DELETE S/dismissals/?type=view&id=" + w.names["MAP"] + " HTTP/1.1\nX-Tableau-Auth:TOKEN\n\n").wantStatus(204)
		w.get("recommendations/?type=view").wantIn(popularMap)
		w.send("DELETE S/dismissals/?type=view&id="+w.names["MAP"]+" HTTP/1.1\nX-Tableau-Auth:TOKEN\n\n").wantError(404035, "#MAP")
	})
	w.send("PUT S/recommendations/dismissals HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + hide).wantStatus(200)
	w.as("ana").get("recommendations/?type=view").wantIn("#MAP") // hidden from dan only
	w.as("dan").call("DELETE", "recommendations/dismissals/?type=view&id="+w.names["MAP"], "").wantStatus(204)

	w.call("PUT", "recommendations/dismissals", `<recommendationDismissal><view id="none"/></recommendationDismissal>`).wantError(404029, "none")
	w.call("PUT", "recommendations/dismissals", "").wantError(400000, "recommendationDismissal")
	w.call("DELETE", "recommendations/dismissals?type=view&id=none", "").wantError(404029, "none")
	w.call("DELETE", "recommendations/dismissals?type=flow&id=none", "").wantError(400000, "flow")
	w.get("recommendations?type=flow").wantError(400000, "flow")
	w.call("POST", "recommendations?type=view", "").wantError(405000, "POST")
	w.as("ben").call("PUT", "dismissals", `<recommendationDismissal><view id="MAP"/></recommendationDismissal>`).wantError(403004, "#BEN")
	w.get("recommendations?type=view").wantIn("#OVERVIEW")
}

// Nobody is recommended what they may not see.
func TestRecommendedViews(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("ben", "secret", "Viewer"))
	w.publishSales()
	w.get("views/STARTUPS/data").wantStatus(200)
	w.get("views/MAP/data").wantStatus(200)
	w.call("PUT", "views/MAP/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	w.as("ben").get("recommendations?type=view").want(200, `<recommendations><recommendation score="100"><view id="#STARTUPS"/>`+
		`<popularExplanation/></recommendation></recommendations>`)
}
