package emulator

import "testing"

// With a user goes all that was theirs or for them.
func TestForgetUser(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	w.call("PUT", "customviews/NORTH", `<customView><owner id="BEN"/></customView>`).wantStatus(200)
	w.call("POST", "customviews/NORTH/default/users", `<users><user id="BEN"/></users>`).wantStatus(200)
	alert := `<dataAlertCreateAlert subject="x" alertCondition="above" alertThreshold="5" visibility="public" viewId="MAP"/>`
	w.remember("MINE", w.call("POST", "dataAlerts", alert).wantStatus(201))
	w.call("POST", "dataAlerts/MINE/users", `<user id="BEN"/>`).wantStatus(200)
	w.as("ben").call("POST", "dataAlerts", alert).wantStatus(201)
	w.call("PUT", "favorites/BEN", `<favorite label="x"><view id="MAP"/></favorite>`).wantStatus(200)
	w.get("views/MAP/data").wantStatus(200)
	w.asAdmin().call("DELETE", "users/BEN", "").wantStatus(204)
	where := w.of("")
	for what, n := range map[string]int{
		"custom views": where.customViews.Len(), "defaults": where.defaultViews.Len(), "favorites": where.favorites.Len(),
		"lists of what was seen": where.recents.Len(), "alerts": where.alerts.Len() - 1, "recipients": len(where.alerts.All()[0].Recipients) - 1,
	} {
		if n != 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
}
