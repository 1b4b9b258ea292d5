package emulator

import "testing"

// The operations 217 to 220, as TSC calls them, and by the LUID of the warning.
func TestQualityWarnings(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	w.get("dataQualityWarnings/database/DATABASE").want(200, `<dataQualityWarningList/>`)
	w.remember("WARNING", w.send("POST S/dataQualityWarnings/database/DATABASE HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n"+
		`<tsRequest><dataQualityWarning isActive="true" isSevere="false" type="STALE" message="Old &amp; cold" /></tsRequest>`).wantStatus(200))
	const warning = `<dataQualityWarning id="#WARNING" userDisplayName="admin" contentId="#DATABASE" contentType="DATABASE" message="Old &amp; cold" ` +
		`type="STALE" isActive="true" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" isSevere="false"><site id="#SITE"/><owner id="#ADMIN"/></dataQualityWarning>`
	w.get("dataQualityWarnings/database/DATABASE").want(200, `<dataQualityWarningList>`+warning+`</dataQualityWarningList>`)
	w.get("dataQualityWarnings/WARNING").want(200, warning)
	w.call("PUT", "dataQualityWarnings/database/DATABASE", `<dataQualityWarning isActive="false" isSevere="true" type="warning"/>`).
		wantIn(`type="WARNING"`, `isActive="false"`, `isSevere="true"`, `message="Old &amp; cold"`)
	w.call("PUT", "dataQualityWarnings/WARNING", `<dataQualityWarning message="New"/>`).wantIn(`message="New"`, `isSevere="true"`)
	w.call("PUT", "dataQualityWarnings/WARNING", `<dataQualityWarning type="odd"/>`).wantError(400000, "STALE")
	w.call("PUT", "dataQualityWarnings/WARNING", `<dataQualityWarning isActive="odd"/>`).wantError(400008, "odd")
	w.call("POST", "dataQualityWarnings/table/TABLE", "").wantError(400000, "dataQualityWarning")
	w.call("PUT", "dataQualityWarnings/table/TABLE", `<dataQualityWarning/>`).wantError(404029, "#TABLE")
	w.get("dataQualityWarnings/table/DATABASE").wantError(404029, "#DATABASE")
	w.get("dataQualityWarnings/none").wantError(404029, "none")

	ben := w.as("ben")
	ben.get("dataQualityWarnings/WARNING").wantStatus(200)
	ben.call("DELETE", "dataQualityWarnings/WARNING", "").wantError(403004, "#BEN")
	ben.call("POST", "dataQualityWarnings/datasource/SOURCE", `<dataQualityWarning/>`).wantError(403004, "#BEN")

	w.asAdmin().call("DELETE", "dataQualityWarnings/WARNING", "").wantStatus(204)
	w.get("dataQualityWarnings/database/DATABASE").want(200, `<dataQualityWarningList/>`)
	for _, path := range []string{"database/DATABASE", "table/TABLE", "datasource/SOURCE"} {
		w.call("POST", "dataQualityWarnings/"+path, `<dataQualityWarning type="DEPRECATED"/>`).wantStatus(200)
	}
	w.call("DELETE", "dataQualityWarnings/datasource/SOURCE", "").wantStatus(204)
	w.call("POST", "dataQualityWarnings/datasource/SOURCE", `<dataQualityWarning/>`).wantIn(`type="WARNING"`, `isActive="true"`)
	w.call("DELETE", "datasources/SOURCE", "").wantStatus(204)
	w.call("DELETE", "databases/DATABASE", "").wantStatus(204)
	if n := w.of("").warnings.Len(); n != 0 {
		t.Errorf("%d warnings are left of what is gone", n)
	}
}

// The operation 251.
func TestAccelerationReport(t *testing.T) {
	t.Parallel()
	start(t).get("dataAccelerationReport").want(200, `<dataAccelerationReport/>`)
}
