package rest_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

// prep is a flow with a connection and an output step.
const prep = `{"nodes":{"1":{"name":"Load","nodeType":".v1.LoadSql"},"2":{"name":"Output","nodeType":".v1.WriteToHyper"}},` +
	`"connections":{"c":{"name":"db","connectionAttributes":{"class":"postgres","server":"a.example.com","port":"5432","username":"reader"}}}}`

// prepFile is the flow as Tableau Prep saves it.
func prepFile(t testing.TB) string {
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
	return file.String()
}

func publishedFlow(t testing.TB, s *rest.Session, name string) rest.Flow {
	t.Helper()
	f, err := s.Flows.Publish(t.Context(), rest.FlowPublish{
		Name: name, ProjectLUID: projectFor(t, s, "Data").LUID, Source: strings.NewReader(prepFile(t)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func testPublishFlow(t *testing.T) {
	for name, client := range map[string][]rest.Option{
		"in one request": nil,
		"in blocks":      {rest.WithSingleRequestLimit(100), rest.WithBlockSize(64)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := against(t, nil, client...)
			p := rest.FlowPublish{
				Name: `Clean, "all" & more`, ProjectLUID: projectFor(t, s, "Data").LUID, Source: strings.NewReader(prepFile(t)), Description: "d",
				Connections: []rest.PublishConnection{{
					Server: "a.example.com", Port: "5432", Credentials: rest.ConnectionCredentials{Username: "ops", Password: "s3cret", Embed: true},
				}},
				Tags: []string{"gold"},
			}
			f, err := s.Flows.Publish(t.Context(), p)
			if err != nil || f.Name != p.Name || f.FileType != "tfl" || f.Description != "d" || !slices.Equal(f.Tags, p.Tags) {
				t.Fatalf("%+v, %v", f, err)
			}
			if steps, err := s.Flows.OutputSteps(t.Context(), f.LUID); err != nil || len(steps) != 1 {
				t.Errorf("%+v, %v", steps, err)
			}
			found, err := s.Flows.Connections(t.Context(), f.LUID)
			if now := addresses(t, found, err); now != "postgres a.example.com:5432 ops true" {
				t.Error(now)
			}
			if _, err := s.Flows.Publish(t.Context(), p); !errors.Is(err, rest.ErrConflict) {
				t.Errorf("over another: %v", err)
			}
			p.Mode, p.Packaged, p.Description, p.Keep = rest.Overwrite, true, "", rest.KeepSettings
			again, err := s.Flows.Publish(t.Context(), p)
			if err != nil || again.LUID != f.LUID || again.FileType != "tflx" || again.Description != "d" {
				t.Errorf("%+v, %v", again, err)
			}
			p.Mode = rest.Append
			if _, err := s.Flows.Publish(t.Context(), p); err == nil || !strings.Contains(err.Error(), "can only be created or overwritten") {
				t.Errorf("appending: %v", err)
			}
		})
	}
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
	if tags, err = s.Flows.SetTags(t.Context(), f.LUID, "gold", "a, b", "c"); err != nil || len(tags) != 3 {
		t.Errorf("%v, %v", tags, err)
	}
	if tags, err = s.Flows.SetTags(t.Context(), f.LUID, "gold", "a, b"); err != nil || len(tags) != 2 {
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
