package emulator

import "testing"

// What clients send about favorites, byte by byte.
func TestInteropSocial(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publishSales()
	t.Run("TSC-31 favorites", func(t *testing.T) {
		w.send("PUT S/favorites/ANA HTTP/1.1\nUser-Agent: Tableau Server Client/0.38\nAccept: */*\nx-tableau-auth: TOKEN\ncontent-type: text/xml\n\n"+
			`<tsRequest><favorite label="Sales"><workbook id="WORKBOOK" /></favorite></tsRequest>`).wantStatus(200).
			wantIn(`<favorite label="Sales"`, `<workbook id="#WORKBOOK" name="Sales"`)
		w.send("DELETE S/favorites/ANA/workbooks/WORKBOOK HTTP/1.1\nUser-Agent: Tableau Server Client/0.38\nAccept: */*\nx-tableau-auth: TOKEN\ncontent-type: text/xml\n\n").
			wantStatus(204)
		w.get("favorites/ANA").wantIn(`totalAvailable="0"`)
	})
	t.Run("TT-16 favorites", func(t *testing.T) {
		w.send("PUT /api/3.3/sites/SITE/favorites/ANA HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" +
			`<tsRequest><favorite label="Map"><view id="MAP" /></favorite></tsRequest>`).wantStatus(200)
		w.send("GET /api/3.3/sites/SITE/favorites/ANA/?pageNumber=1 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").
			wantIn(`totalAvailable="1"`, `<favorite label="Map"`, `<view id="#MAP"`)
	})
	t.Run("TSC-24 favorites of a user", func(t *testing.T) {
		w.send("GET S/favorites/ANA HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantIn(`<favorites><favorite label="Map"`)
	})
}
