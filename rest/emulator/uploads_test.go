package emulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const uploadID = "1:00000000000040008000000001000001-1:0"

func (w *world) initiate() {
	w.t.Helper()
	w.send("POST S/fileUploads HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n").
		want(201, `<fileUpload uploadSessionId="`+uploadID+`" fileSize="0"/>`)
}

func (w *world) block(query, data string) *answer {
	w.t.Helper()
	return w.sendBytes("PUT S/fileUploads/"+uploadID+query+tscHead, []byte(tsc("", "tableau_file", "file", data)))
}

// payloadOnly is the body of a commit as TSC writes it.
func payloadOnly(payload string) []byte {
	return []byte(crlf("--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\n"+
		"Content-Type: text/xml\n\n") + payload + crlf("\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a--\n"))
}

func (w *world) commit(query string) *answer {
	w.t.Helper()
	return w.sendBytes("POST S/workbooks?uploadSessionId="+uploadID+query+tscHead, payloadOnly(`<tsRequest><workbook name="Sales"/></tsRequest>`))
}

func (w *world) wantContent(path, want string) {
	w.t.Helper()
	if a := w.get(path).wantStatus(200); string(a.raw) != want {
		w.t.Errorf("%s is %q, want %q", path, a.raw, want)
	}
}

// TSC-7: blocks without a number are joined as they arrive; the commit uses the session up.
func TestUploadInOrder(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.initiate()
	w.block("", salesTWB[:500]).want(200, `<fileUpload uploadSessionId="`+uploadID+`" fileSize="1"/>`)
	w.block("", salesTWB[500:]).wantStatus(200)
	w.commit("&workbookType=twb&overwrite=true").wantStatus(201).wantIn(`id="#2"`)
	w.wantContent("workbooks/LUID2/content", salesTWB)
	w.commit("&workbookType=twb&overwrite=true").wantError(404015, uploadID)
	w.block("", "x").wantError(404015, uploadID)
}

// Numbered blocks come in any order and more than once.
func TestUploadNumbered(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.initiate()
	w.block("?sequenceID=3", salesTWB[900:]).wantStatus(200)
	w.block("?sequenceID=1", "wrong").wantStatus(200)
	w.block("?sequenceID=1", salesTWB[:500]).wantStatus(200)
	w.commit("&workbookType=twb").wantError(400000, "block 2")
	w.block("?sequenceID=2", salesTWB[500:900]).wantStatus(200)
	w.commit("&workbookType=twb").wantStatus(201)
	w.wantContent("workbooks/LUID2/content", salesTWB)
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	w := start(t, WithRequestLimit(2000), WithUploadLimit(3000))
	w.block("", "x").wantError(404015, uploadID)
	w.initiate()
	w.block("?sequenceID=0", "x").wantError(400000, "1 to 1000")
	w.block("?sequenceID=1001", "x").wantError(400000, "1 to 1000")
	w.block("?sequenceID=one", "x").wantError(400000, "one")
	w.sendBytes("PUT S/fileUploads/"+uploadID+tscHead, payloadOnly("")).wantError(400000, "tableau_file")
	w.block("", strings.Repeat("x", 2001)).wantError(413000, "2000")
	w.block("?sequenceID=1", strings.Repeat("x", 2000)).wantStatus(200)
	w.block("?sequenceID=1", strings.Repeat("x", 2000)).wantStatus(200)
	w.block("", "x").wantError(400000, "mixes")
	w.block("?sequenceID=2", strings.Repeat("x", 1001)).wantError(403008, "3000")
	w.block("?sequenceID=2", strings.Repeat("x", 1000)).wantStatus(200)
	w.commit("").wantError(400035, "workbookType")
	w.commit("&workbookType=tds").wantError(400035, "tds")
	w.commit("&workbookType=twb").wantError(400011, "could not be read")
	w.publish("workbook", "", `name="x"`, ``, "a.twb", strings.Repeat("x", 2001)).wantError(413000, "2000")

	admin := w.token
	w.signIn(`name="ana" password="secret"`, "")
	w.block("?sequenceID=3", "").wantError(404015, uploadID)
	w.token = admin
	w.clock.advance(59 * time.Minute)
	w.block("?sequenceID=3", "").wantStatus(200)
	w.clock.advance(59 * time.Minute) // every block gives it an hour again
	w.block("?sequenceID=3", "").wantStatus(200)
	w.clock.advance(time.Hour)
	w.block("?sequenceID=3", "").wantError(404015, uploadID)
}

// An upload is forgotten when its time is over, whatever is asked for next.
func TestUploadForgotten(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.initiate()
	w.block("", "x").wantStatus(200)
	w.clock.advance(time.Hour - 1)
	w.get("projects").wantStatus(200)
	if n := w.server.uploads.Len(); n != 1 {
		t.Errorf("%d uploads before the hour is over", n)
	}
	w.clock.advance(1)
	w.send("GET /api/3.29/serverinfo HTTP/1.1\n\n").wantStatus(200)
	if n := w.server.uploads.Len(); n != 0 {
		t.Errorf("%d uploads are kept", n)
	}
}

// A site has so many uploads open and no more; another site has its own.
func TestUploadsAreLimited(t *testing.T) {
	t.Parallel()
	w := start(t)
	const initiate = "POST S/fileUploads HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n"
	w.initiate()
	for range maxUploads - 1 {
		w.send(initiate).wantStatus(201)
	}
	w.send(initiate).wantError(403008, "100 uploads")
	w.block("", salesTWB).wantStatus(200)
	w.commit("&workbookType=twb").wantStatus(201)
	w.send(initiate).wantStatus(201)
	w.send(initiate).wantError(403008, "100 uploads")

	here, admin := w.site, w.token
	w.site = w.of("finance").luid
	w.signIn(`name="ana" password="secret"`, "finance")
	w.send(initiate).wantStatus(201)
	w.site = here
	w.token = admin
	w.clock.advance(time.Hour)
	w.send(initiate).wantStatus(201)
}

// What is published is the blocks that were uploaded, not a copy of them, and downloads hand out the same.
func TestUploadIsNotCopied(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.initiate()
	w.block("?sequenceID=2", salesTWB[500:]).wantStatus(200)
	w.block("?sequenceID=1", salesTWB[:500]).wantStatus(200)
	sent := w.server.uploads.Get(w.expand(uploadID)).Blocks
	w.commit("&workbookType=twb").wantStatus(201)
	kept := w.of("").workbooks.All()[0].current().Data
	if len(kept) != 2 || kept[0].ID != sent[1].ID || kept[1].ID != sent[2].ID {
		t.Errorf("the %d blocks kept are not the two that were sent", len(kept))
	}
	w.wantContent("workbooks/LUID2/content", salesTWB)
}

// TSC-8: the job is known by its LUID alone; completedAt ends it.
func TestPublishAsJob(t *testing.T) {
	t.Parallel()
	w := start(t)
	a := w.publish("workbook", "overwrite=true&asJob=true", `name="Sales"`, ``, "a.twb", salesTWB)
	a.want(202, `<job id="#1" mode="Asynchronous" type="PublishWorkbook" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"/>`)
	if got, want := a.header.Get("Location"), w.expand("/api/3.29/sites/SITE/jobs/LUID1"); got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	w.get("jobs/LUID1").want(200, `<job id="#1" mode="Asynchronous" type="PublishWorkbook" progress="100" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:00Z" completedAt="2026-03-02T10:00:00Z" finishCode="0"/>`)
	w.get("workbooks?filter=name:eq:Sales").wantIn(`totalAvailable="1"`)
	w.get("jobs/none").wantError(404018, "none")
}

// A job takes the time it is given, and the workbook is there only then.
func TestJobTime(t *testing.T) {
	t.Parallel()
	w := start(t, WithJobTime(10*time.Second))
	w.initiate()
	w.block("", salesTWB).wantStatus(200)
	w.commit("&workbookType=twb&asJob=true").wantStatus(202).wantIn(`<job id="#2"`)
	w.commit("&workbookType=twb&asJob=true").wantError(404015, uploadID)
	w.clock.advance(4 * time.Second)
	w.get("jobs/LUID2").want(200, `<job id="#2" mode="Asynchronous" type="PublishWorkbook" progress="40" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:00Z" finishCode="1"/>`)
	w.get("workbooks").wantIn(`totalAvailable="0"`)
	w.clock.advance(7 * time.Second) // a second late
	w.get("workbooks").wantIn(`totalAvailable="1"`, `createdAt="2026-03-02T10:00:10Z"`)
	w.clock.advance(time.Hour)
	w.get("jobs/LUID2").wantIn(`completedAt="2026-03-02T10:00:10Z" finishCode="0"`)
}

// What is wrong with the request is refused at once; what is wrong with the file is the failure of the job.
func TestJobFails(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "asJob=true", `name="Sales"`, `<project id="none"/>`, "a.twb", salesTWB).wantError(404005, "none")
	w.publish("workbook", "asJob=true", `name="Sales"`, ``, "a.twb", publishedTWB).wantStatus(202)
	w.get("jobs/LUID1").wantIn(`progress="100"`, `completedAt="2026-03-02T10:00:00Z"`, `finishCode="1"`,
		`<statusNotes><statusNote type="Error" value="400011" text="The workbook 'Sales' could not be published: Datasource 'Orders' not found on site ''."/></statusNotes>`)
	w.get("workbooks").wantIn(`totalAvailable="0"`)

	w.publish("datasource", "asJob=true", `name="Orders"`, ``, "a.tds", ordersTDS).wantStatus(202).wantIn(`type="PublishDatasource"`)
	w.publish("datasource", "asJob=true", `name="Orders"`, ``, "a.tds", ordersTDS).wantError(409003, "Orders")
}

// A job whose user is gone by then fails.
func TestJobOfNobody(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := &call{server: w.server, site: w.of(""), user: &user{LUID: "gone"}, request: &http.Request{}}
	err := w.server.locked(c, func(c *call) error {
		c.startJob(job{Kind: "publish_workbook", Work: work{Publish: &publication{Kind: "workbook"}}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.get("jobs/LUID1").wantIn(`finishCode="1"`, `<statusNote type="Error" value="404002" text="User 'gone' could not be found."/>`)
}

// TestUploadSize is about megabytes: whole ones, and at least one for anything.
func TestUploadSize(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]int{0: 0, 1: 1, 1 << 20: 1, 1<<20 + 1: 2, 50 << 20: 50} {
		if got := megabytes(bytes); got != want {
			t.Errorf("megabytes(%d) = %d, want %d", bytes, got, want)
		}
	}
}
