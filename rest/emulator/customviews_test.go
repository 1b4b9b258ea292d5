package emulator

import (
	"regexp"
	"strings"
	"testing"
)

// mapJSON is the definition of a custom view of the worksheet Map, as it is downloaded.
const mapJSON = `[{"isSourceView":false,"viewName":"Übersicht","tcv":"PGEvPg"},{"isSourceView":true,"viewName":"Map","tcv":"PGIvPg"}]`

// withCustomView returns a world in which ana has the custom view NORTH, called "North" of view MAP of WORKBOOK.
func withCustomView(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := start(t, append([]Option{WithUser("ben", "secret", "Viewer"), WithUser("cleo", "secret", "Creator")}, opts...)...)
	w.publishSales()
	w.publishCustomView(`name="North" shared="false"`, `<owner id="ANA" /><workbook id="WORKBOOK" />`, mapJSON).wantStatus(201)
	w.names["NORTH"] = w.of("").customViews.All()[0].LUID
	return w
}

// publishSales publishes the workbook WORKBOOK with the views STARTUPS, MAP and OVERVIEW, and names those users there are.
func (w *world) publishSales() {
	w.t.Helper()
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	where := w.of("")
	workbook := where.workbooks.All()[0]
	w.names["WORKBOOK"] = workbook.LUID
	for i, v := range where.viewsOf(workbook) {
		w.names[[]string{"STARTUPS", "MAP", "OVERVIEW"}[i]] = v.LUID
	}
	for _, name := range []string{"ben", "cleo"} {
		if a := w.server.findAccount(name); a != nil {
			w.names[strings.ToUpper(name)] = where.userOf(a).LUID
		}
	}
}

func (w *world) publishCustomView(attributes, children, definition string) *answer {
	w.t.Helper()
	payload := w.expand("<tsRequest><customView " + attributes + ">" + children + "</customView></tsRequest>")
	return w.sendBytes("POST /api/exp/sites/SITE/customviews"+tscHead, []byte(tsc(payload, "tableau_customview", "north.json", definition)))
}

// upload sends a file in an upload session and returns the id of that.
func (w *world) upload(file string) string {
	w.t.Helper()
	started := w.send("POST S/fileUploads HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(201)
	session := string(sessionInAnswer.FindSubmatch(started.raw)[1])
	w.sendBytes("PUT S/fileUploads/"+session+tscHead, []byte(tsc("", "tableau_file", "file", file))).wantStatus(200)
	return session
}

var sessionInAnswer = regexp.MustCompile(`uploadSessionId="([^"]*)"`)

const northXML = `<customView id="#NORTH" name="North" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z"` +
	` lastAccessedAt="2026-03-02T10:00:00Z" shared="false"><view id="#MAP" name="Map"/>` +
	`<workbook id="#WORKBOOK" name="Sales"/><owner id="#ANA" name="ana"/></customView>`

// The operations 3, 12, 20, 21, 34 and 36 as the reference writes their requests and answers.
func TestCustomViewReference(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	w.send("GET S/customviews/NORTH HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").want(200, northXML)
	w.send("GET S/customviews HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").
		want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><customViews>`+northXML+`</customViews>`)
	w.get("customviews?fields=id,name,shared").
		wantIn(`<customViews><customView id="#NORTH" name="North" shared="false"/></customViews>`)
	w.get("customviews?filter=viewId:eq:" + w.names["STARTUPS"]).wantIn(`totalAvailable="0"`)
	w.get("customviews?filter=workbookId:eq:" + w.names["WORKBOOK"] + ",ownerId:eq:" + w.names["ANA"] + "&sort=createdAt:desc").wantIn(`totalAvailable="1"`)
	w.get("customviews?filter=ownerId:has:x").wantError(400065, "ownerId")

	t.Run("CRL-8 update", func(t *testing.T) {
		w.clock.advance(60e9)
		w.send("PUT S/customviews/NORTH HTTP/1.1\nX-Tableau-Auth: TOKEN\nUser-Agent: curl/8.5.0\nAccept: */*\nContent-Type: application/xml\n\n"+
			"<tsRequest> <customView name='new-name'> <owner id='ADMIN' /> </customView> </tsRequest>").
			want(200, strings.NewReplacer(`"North"`, `"new-name"`, `updatedAt="2026-03-02T10:00`, `updatedAt="2026-03-02T10:01`,
				`#ANA" name="ana"`, `#ADMIN" name="admin"`).Replace(northXML))
	})
	t.Run("CRL-7 set default without users", func(t *testing.T) {
		w.send("POST S/customviews/NORTH/default/users HTTP/1.1\nAccept: application/xml\nX-Tableau-Auth: TOKEN\nContent-Type: text/plain\n\n").
			wantError(400000, "0 users")
	})
	w.send("POST S/customviews/NORTH/default/users HTTP/1.1\nAccept: application/xml\nX-Tableau-Auth: TOKEN\nContent-Type: text/plain\n\n"+
		`<tsRequest>`+"\n"+`  <users >`+"\n"+`    <user id="ANA"/>`+"\n"+`    <user id="LUID999"/>  </users></tsRequest>`).
		want(200, `<customViewAsUserDefaultResults><customViewAsUserDefaultViewResult success="true"><user id="#ANA"/></customViewAsUserDefaultViewResult>`+
			`<customViewAsUserDefaultViewResult success="false"><user id="#999"/><error code="404002"><summary>Resource Not Found</summary>`+
			`<detail>User '#999' could not be found.</detail></error></customViewAsUserDefaultViewResult></customViewAsUserDefaultResults>`)
	t.Run("CRL-14 list default users", func(t *testing.T) {
		w.send("GET S/customviews/NORTH/default/users HTTP/1.1\nAccept: application/xml\nX-Tableau-Auth: TOKEN\n\n").
			want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><users><user id="#ANA"/></users>`)
	})
	t.Run("CRL-6 delete", func(t *testing.T) {
		gone := w.send("DELETE S/customviews/NORTH HTTP/1.1\nX-Tableau-Auth: TOKEN\nUser-Agent: curl/8.5.0\nAccept: */*\n\n").wantStatus(201)
		if len(gone.raw) != 0 {
			t.Errorf("body %s", gone.raw)
		}
		w.get("customviews/NORTH").wantError(404008, "#NORTH")
	})
	if n := w.of("").defaultViews.Len(); n != 0 {
		t.Errorf("%d users begin with a custom view that is gone", n)
	}
}

// The operations 13, 150 and 151.
func TestCustomViewFiles(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	w.clock.advance(3600e9)
	for path, want := range map[string]string{
		"image": "\x89PNG", "image?resolution=high&maxAge=1&vf_Region=East": "\x89PNG", "pdf?type=A4&orientation=Landscape": "%PDF-",
		"data": "", "image?vizWidth=x": "400", "pdf?type=A9": "400",
	} {
		a := w.get("customviews/NORTH/" + path)
		if want == "400" {
			a.wantStatus(400).wantError(400101, "cannot be made")
		} else if a.wantStatus(200); !strings.HasPrefix(string(a.raw), want) {
			t.Errorf("%s begins %.20q, want %q", path, a.raw, want)
		}
	}
	w.get("customviews/NORTH").wantIn(`lastAccessedAt="2026-03-02T11:00:00Z"`, `updatedAt="2026-03-02T10:00:00Z"`)
	w.get("views?filter=hitsTotal:eq:4").wantIn(`totalAvailable="1"`)
	ben := w.as("ben")
	ben.get("customviews/NORTH/image").wantError(403162, "#NORTH")
}

func TestCustomViewRights(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	w.publishCustomView(`name="All" shared="true"`, `<owner id="ADMIN" /><workbook id="WORKBOOK" />`, mapJSON).wantStatus(201)
	ben := w.as("ben") // sees the view, may neither write nor author
	ben.get("customviews").wantIn(`totalAvailable="0"`)
	ben.get("customviews?filter=ownerId:eq:" + w.names["ADMIN"]).wantIn(`totalAvailable="0"`)
	ben.get("customviews?filter=viewId:eq:"+w.names["MAP"]).wantIn(`totalAvailable="1"`, `name="All"`)
	w.asAdmin().call("PUT", "views/MAP/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	w.as("ben").get("customviews?filter=viewId:eq:" + w.names["MAP"]).wantIn(`totalAvailable="0"`)
	w.asAdmin().call("DELETE", "views/MAP/permissions/users/BEN/Read/Deny", "").wantStatus(204)
	w.as("ben").get("customviews/NORTH").want(200, northXML)
	for _, request := range []string{
		"DELETE S/customviews/NORTH", "PUT S/customviews/NORTH", "GET S/customviews/NORTH/default/users", "POST S/customviews/NORTH/default/users",
	} {
		ben.send(request+" HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(403162, "#NORTH")
	}
	w.publishCustomView(`name="x" shared="true"`, `<owner id="ADMIN" /><workbook id="WORKBOOK" />`, mapJSON).wantError(403162, "#ADMIN")
	w.publishCustomView(`name="Mine" shared="false"`, `<workbook id="WORKBOOK" />`, mapJSON).wantIn(`<owner id="#BEN" name="ben"/>`)
	ben.get("customviews").wantIn(`totalAvailable="1"`)
}

// An owner may set no default users, although they may change the custom view.
func TestCustomViewOwner(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	w.call("PUT", "customviews/NORTH", `<customView><owner id="CLEO"/></customView>`).wantStatus(200)
	cleo := w.as("cleo")
	cleo.get("customviews/NORTH/default/users").wantError(403162, "no administrator")
	cleo.send("PUT S/customviews/NORTH HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + `<tsRequest><customView name="South"/></tsRequest>`).wantIn(`name="South"`)
	cleo.call("PUT", "customviews/NORTH", `<customView><owner id="none"/></customView>`).wantError(404002, "none")
	cleo.call("PUT", "customviews/NORTH", "").wantError(400000, "customView")
	cleo.call("DELETE", "customviews/NORTH", "").wantStatus(201)
}

// The experimental methods, as TSC calls them.
func TestPublishCustomView(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	content := w.send("GET /api/exp/sites/SITE/customviews/NORTH/content HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200)
	if string(content.raw) != mapJSON || content.header.Get("Content-Type") != "application/json" {
		t.Errorf("content %s of type %s", content.raw, content.header.Get("Content-Type"))
	}
	w.publishCustomView(`name="North" shared="false"`, `<owner id="ANA" /><workbook id="WORKBOOK" />`, mapJSON).wantError(403166, "#NORTH")
	w.publishCustomView(`name="x" shared="false"`, `<owner id="ANA" /><workbook id="none" />`, mapJSON).wantError(404006, "none")
	w.publishCustomView(`name="x" shared="false"`, `<owner id="ANA" /><workbook id="WORKBOOK" />`, `[{"viewName":"Scratch"}]`).wantError(404011, "Scratch")
	w.publishCustomView(`name="x" shared="false"`, `<owner id="ANA" /><workbook id="WORKBOOK" />`, `{}`).wantError(400000, "no list")
	w.publishCustomView(`shared="false"`, ``, mapJSON).wantError(400000, "name")

	session := w.upload(mapJSON)
	large := payloadOnly(w.expand(`<tsRequest><customView name="Large" shared="true"><owner id="ANA" /><workbook id="WORKBOOK" /></customView></tsRequest>`))
	w.sendBytes("POST /api/exp/sites/SITE/customviews?uploadSessionId="+session+tscHead, large).
		wantStatus(201).wantIn(`name="Large"`, `shared="true"`)
	w.sendBytes("POST /api/exp/sites/SITE/customviews?uploadSessionId="+session+tscHead, large).wantError(404015, session)
	w.sendBytes("POST /api/exp/sites/SITE/customviews"+tscHead, large).wantError(400000, "tableau_customview")

	w.send("GET /api/exp/sites/SITE/workbooks HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(404003, "exp")
	w.send("GET S/customviews/NORTH/content HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(404003, "content")
}

// What is about a view goes with it.
func TestCustomViewsGoWithTheirView(t *testing.T) {
	t.Parallel()
	w := withCustomView(t)
	w.call("POST", "customviews/NORTH/default/users", `<users><user id="ANA"/></users>`).wantStatus(200)
	w.call("DELETE", "workbooks/WORKBOOK", "").wantStatus(204)
	w.get("customviews").wantIn(`totalAvailable="0"`)
	if where := w.of(""); where.customViews.Len()+where.defaultViews.Len() != 0 {
		t.Error("a custom view or a default is left")
	}
}
