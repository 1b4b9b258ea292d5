package emulator

import "testing"

// The operations 194 to 200, as TSC calls those it has.
func TestAlerts(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("ben", "secret", "Viewer"), WithUser("cleo", "secret", "Creator"))
	w.publishSales()
	w.as("cleo")
	w.remember("ALERT", w.call("POST", "dataAlerts", `<dataAlertCreateAlert subject="Sales &gt; 5" frequency="Daily" alertCondition="above" `+
		`alertThreshold="5" worksheetName="Map" visibility="private" viewId="MAP"/>`).wantStatus(201))
	const alertXML = `<dataAlert id="#ALERT" subject="Sales &gt; 5" creatorId="#CLEO" createdAt="2026-03-02T10:00:00Z" ` +
		`updatedAt="2026-03-02T10:00:00Z" frequency="Daily" alertCondition="above" alertThreshold="5" public="false" suspended="false">` +
		`<owner id="#CLEO" name="cleo"/><view id="#MAP" name="Map"><workbook id="#WORKBOOK" name="Sales"/><project id="#PROJECT" name="Default"/></view>` +
		`<recipients><recipient id="#CLEO" name="cleo"/></recipients></dataAlert>`
	w.get("dataAlerts/ALERT").want(200, alertXML)
	w.get("dataalerts").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><dataAlerts>`+alertXML+`</dataAlerts>`)

	t.Run("TSC add and delete users", func(t *testing.T) {
		w.send("POST S/dataAlerts/ALERT/users HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n"+
			`<tsRequest><user id="BEN" /></tsRequest>`).
			want(200, `<user id="#BEN" name="ben" siteRole="Viewer" externalAuthUserId=""/>`)
		w.call("POST", "dataAlerts/ALERT/users", `<user id="BEN"/>`).wantStatus(200)
		w.get("dataAlerts/ALERT").wantIn(`<recipient id="#BEN" name="ben"/></recipients>`)
		w.call("POST", "dataAlerts/ALERT/users", `<user id="none"/>`).wantError(404002, "none")
		ben := w.as("ben")
		ben.get("dataAlerts").wantIn(`totalAvailable="1"`)
		ben.call("DELETE", "dataAlerts/ALERT/users/CLEO", "").wantError(403004, "#BEN")
		ben.call("DELETE", "dataAlerts/ALERT/users/BEN", "").wantStatus(204)
		ben.get("dataAlerts").wantIn(`totalAvailable="0"`)
		ben.call("DELETE", "dataAlerts/ALERT", "").wantError(404029, "#ALERT")
	})
	t.Run("TSC update", func(t *testing.T) {
		w.asAdmin().send("PUT S/dataAlerts/ALERT HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n"+
			`<tsRequest><dataAlert subject="More" frequency="frequently" public="true"><owner /></dataAlert></tsRequest>`).
			wantIn(`subject="More"`, `frequency="AsFrequentlyAsPossible"`, `public="true"`, `<owner id="#CLEO" name="cleo"/>`)
		w.call("PUT", "dataAlerts/ALERT", `<dataAlert><owner id="ANA"/></dataAlert>`).wantIn(`<owner id="#ANA"`, `subject="More"`, `public="true"`)
		w.call("PUT", "dataAlerts/ALERT", `<dataAlert><owner id="none"/></dataAlert>`).wantError(404002, "none")
		w.call("PUT", "dataAlerts/ALERT", `<dataAlert frequency="yearly"/>`).wantError(400000, "yearly")
		w.call("PUT", "dataAlerts/ALERT", `<dataAlert public="maybe"/>`).wantError(400008, "maybe")
		w.call("PUT", "dataAlerts/ALERT", ``).wantError(400000, "dataAlert")
		w.as("ben").call("PUT", "dataAlerts/ALERT", `<dataAlert subject="x"/>`).wantError(403004, "#BEN") // it is public
	})
	w.asAdmin().call("DELETE", "dataAlerts/ALERT/users/BEN", "").wantError(404002, "#BEN")
	w.call("DELETE", "dataAlerts/ALERT", "").wantStatus(204)
	w.get("dataAlerts/ALERT").wantError(404029, "#ALERT")

	create := func(attributes string) *answer {
		return w.call("POST", "dataAlerts", `<dataAlertCreateAlert `+attributes+`/>`)
	}
	create(`subject="x" alertCondition="above" alertThreshold="5" viewId="none"`).wantError(404011, "none")
	create(`subject="x" alertCondition="over" alertThreshold="5" viewId="MAP"`).wantError(400000, "above-equal")
	create(`alertCondition="above" alertThreshold="5" viewId="MAP"`).wantError(400000, "subject")
	w.call("POST", "dataAlerts", "").wantError(400000, "dataAlertCreateAlert")
	create(`subject="x" alertCondition="above" alertThreshold="5" viewId="MAP"`).wantStatus(201)
	w.call("DELETE", "workbooks/WORKBOOK", "").wantStatus(204)
	w.get("dataAlerts").wantIn(`totalAvailable="0"`)
}

// A public alert is for those who may see its view. One on a view that was hidden since stays.
func TestAlertsOnViews(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("ben", "secret", "Viewer"))
	w.publishSales()
	w.remember("ALERT", w.call("POST", "dataAlerts", `<dataAlertCreateAlert subject="x" alertCondition="above" alertThreshold="5" `+
		`visibility="public" viewId="MAP"/>`).wantStatus(201))
	w.call("POST", "dataAlerts/ALERT/users", `<user id="SYSTEM"/>`).wantError(404002, "#SYSTEM")
	w.as("ben").get("dataAlerts").wantIn(`totalAvailable="1"`)
	w.asAdmin().call("PUT", "views/MAP/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	w.as("ben").get("dataAlerts").wantIn(`totalAvailable="0"`)
	w.get("dataAlerts/ALERT").wantError(404029, "#ALERT")
	w.asAdmin().call("POST", "subscriptions", `<subscription subject="x"><content type="View" id="MAP"/><schedule id="`+
		w.server.schedules.All()[1].LUID+`"/><user id="ADMIN"/></subscription>`).wantStatus(201)
	w.publish("workbook", "overwrite=true", `name="Sales"`, `<views><view name="Map" hidden="true"/></views>`, "a.twb", salesTWB).wantStatus(201)
	w.get("dataAlerts/ALERT").wantIn(`<view id="#MAP" name="Map">`)
	w.get("subscriptions").wantIn(`<content id="#MAP" type="View" name="Map"`)
}
