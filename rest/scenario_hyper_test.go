package rest_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

func testUpdateData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := emulator.WithFault(emulator.Fault{Method: "PATCH", Path: "/sites/*/datasources/*/data", Call: 1, Stage: emulator.AfterCommit})
		s := against(t, []emulator.Option{emulator.WithJobTime(time.Minute), cut})
		d := publishedDatasource(t, s, "Orders", hyper)
		update := rest.DataUpdate{
			Source: strings.NewReader(hyper + "new rows"),
			Actions: []rest.HyperAction{
				{Kind: rest.HyperDelete, TargetTable: "Extract", Condition: rest.HyperConst("day", rest.HyperLt, time.Now())},
				{Kind: rest.HyperUpsert, SourceTable: "new", TargetTable: "Extract", Condition: rest.HyperColumns("id", rest.HyperEq, "id")},
			},
		}
		// The first answer is lost: the request is repeated under its name, and one job does it.
		job, err := s.Datasources.UpdateData(t.Context(), d.LUID, update)
		if err != nil || job.Type != "UpdateUploadedFile" {
			t.Fatalf("%+v, %v", job, err)
		}
		if done, err := s.Jobs.Wait(t.Context(), job.LUID); err != nil || done.Err() != nil {
			t.Errorf("%+v, %v", done, err)
		}
		if now, err := s.Datasources.ByLUID(t.Context(), d.LUID); err != nil || !now.UpdatedAt.After(d.UpdatedAt) {
			t.Errorf("updated at %v, was %v; %v", now.UpdatedAt, d.UpdatedAt, err)
		}
		connections, err := s.Datasources.Connections(t.Context(), d.LUID)
		if err != nil || len(connections) != 1 {
			t.Fatalf("%+v, %v", connections, err)
		}
		update.ConnectionLUID, update.RequestID = connections[0].LUID, "tonight"
		first, err := s.Datasources.UpdateData(t.Context(), d.LUID, update)
		if err != nil || first.LUID == job.LUID {
			t.Errorf("%+v, %v", first, err)
		}
		if again, err := s.Datasources.UpdateData(t.Context(), d.LUID, update); err != nil || again.LUID != first.LUID {
			t.Errorf("the same again: %+v, %v; want %s", again, err, first.LUID)
		}
		update.ConnectionLUID = d.LUID
		if _, err := s.Datasources.UpdateData(t.Context(), d.LUID, update); !errors.Is(err, rest.ErrNotFound) {
			t.Errorf("a connection that is not there: %v", err)
		}
		jobs, err := s.Do(t.Context(), rest.Request{Path: "jobs", Query: url.Values{"filter": {"jobType:eq:update_uploaded_file"}}})
		if err != nil || strings.Count(string(jobs.Body), "<backgroundJob ") != 2 {
			t.Errorf("%s, %v", jobs.Body, err)
		}
	})
}
