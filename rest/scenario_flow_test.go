package rest_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

// prep is a flow with a connection and an output step.
const prep = `{"nodes":{"1":{"name":"Load","nodeType":".v1.LoadSql"},"2":{"name":"Output","nodeType":".v1.WriteToHyper"}},` +
	`"connections":{"c":{"name":"db","connectionAttributes":{"class":"postgres","server":"a.example.com","port":"5432","username":"reader"}}}}`

// publishedFlow publishes a flow with the calls that there are for everything.
func publishedFlow(t testing.TB, s *rest.Session, name string) rest.Flow {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	entry, err := z.Create("flow")
	if err == nil {
		_, err = entry.Write([]byte(prep))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	project := projectFor(t, s, "Data").LUID
	body := "--B\r\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\r\nContent-Type: text/xml\r\n\r\n" +
		`<tsRequest><flow name="` + name + `"><project id="` + project + `"/></flow></tsRequest>` +
		"\r\n--B\r\nContent-Disposition: form-data; name=\"tableau_flow\"; filename=\"a.tfl\"\r\nContent-Type: application/octet-stream\r\n\r\n" +
		file.String() + "\r\n--B--\r\n"
	if _, err := s.Do(t.Context(), rest.Request{
		Method: http.MethodPost, Path: "flows", Query: url.Values{"flowType": {"tfl"}}, Body: []byte(body), ContentType: "multipart/mixed; boundary=B",
	}); err != nil {
		t.Fatal(err)
	}
	f, err := s.Flows.ByName(t.Context(), name, project)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func testFlow(t *testing.T) {
	s := against(t, nil)
	f := publishedFlow(t, s, "Clean, all")
	if f.FileType != "tfl" || f.ProjectName != "Data" || f.OwnerLUID != s.UserLUID() {
		t.Errorf("%+v", f)
	}
	mine, err := listOf(s.Flows.OwnedBy(t.Context(), s.UserLUID()))
	if err != nil || len(mine) != 1 || mine[0].LUID != f.LUID {
		t.Errorf("%+v, %v", mine, err)
	}
	if _, err := listOf(s.Flows.OfUser(t.Context(), "")); err == nil {
		t.Error("the flows of nobody are listed")
	}
	to := projectFor(t, s, "Prep")
	moved, err := s.Flows.Update(t.Context(), f.LUID, rest.FlowUpdate{ProjectLUID: &to.LUID})
	if err != nil || moved.ProjectLUID != to.LUID || moved.OwnerLUID != s.UserLUID() {
		t.Errorf("%+v, %v", moved, err)
	}
	found, err := s.Flows.Connections(t.Context(), f.LUID)
	if now := addresses(t, found, err); now != "postgres a.example.com:5432 reader false" {
		t.Fatal(now)
	}
	if _, err := s.Flows.UpdateConnection(t.Context(), f.LUID, found[0].LUID, rest.ConnectionUpdate{Server: new("b.example.com")}); err != nil {
		t.Error(err)
	}
	found, err = s.Flows.Connections(t.Context(), f.LUID)
	if now := addresses(t, found, err); now != "postgres b.example.com:5432 reader false" {
		t.Error(now)
	}
	tags, err := s.Flows.AddTags(t.Context(), f.LUID, "gold", "a, b")
	if err != nil || len(tags) != 2 {
		t.Errorf("%v, %v", tags, err)
	}
	if err := s.Flows.DeleteTag(t.Context(), f.LUID, "gold"); err != nil {
		t.Error(err)
	}
	if f, err = s.Flows.ByLUID(t.Context(), f.LUID); err != nil || !slices.Equal(f.Tags, []string{"a, b"}) || f.ProjectName != "Prep" {
		t.Errorf("%+v, %v", f, err)
	}
	var file bytes.Buffer
	info, err := s.Flows.Download(t.Context(), f.LUID, &file, rest.DownloadOptions{})
	if err != nil || !strings.HasPrefix(file.String(), "PK") || !strings.HasSuffix(info.FileName, ".tfl") {
		t.Errorf("%+v, %v", info, err)
	}
	if err := s.Flows.Delete(t.Context(), f.LUID); err != nil {
		t.Error(err)
	}
	if all, err := listOf(s.Flows.All(t.Context(), rest.Query{})); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
