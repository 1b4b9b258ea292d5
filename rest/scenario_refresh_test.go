package rest_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

func testRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := against(t, []emulator.Option{emulator.WithJobTime(time.Minute)})
		namesake, err := s.Datasources.Publish(t.Context(), rest.DatasourcePublish{
			Name: "Orders, all", ProjectLUID: projectFor(t, s, "Elsewhere").LUID, Source: strings.NewReader(hyper),
		})
		if err == nil {
			_, err = s.Datasources.Refresh(t.Context(), namesake.LUID, rest.RefreshOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		d := publishedDatasource(t, s, "Orders, all", hyper)
		job, err := s.Datasources.Refresh(t.Context(), d.LUID, rest.RefreshOptions{})
		if err != nil || job.Type != "RefreshExtract" || job.Done() {
			t.Fatalf("%+v, %v", job, err)
		}
		again, err := s.Datasources.Refresh(t.Context(), d.LUID, rest.RefreshOptions{Incremental: true})
		if err != nil || again.LUID != job.LUID {
			t.Errorf("again: %+v, %v", again, err)
		}
		done, err := s.Jobs.Wait(t.Context(), job.LUID)
		if err != nil || done.Err() != nil {
			t.Errorf("%+v, %v", done, err)
		}
		if now, err := s.Datasources.ByLUID(t.Context(), d.LUID); err != nil || !now.UpdatedAt.After(d.UpdatedAt) {
			t.Errorf("updated at %v, was %v; %v", now.UpdatedAt, d.UpdatedAt, err)
		}
		plain := publishedDatasource(t, s, "Costs", live)
		if _, err := s.Datasources.Refresh(t.Context(), plain.LUID, rest.RefreshOptions{}); err == nil || errors.Is(err, rest.ErrOutcomeUnknown) {
			t.Errorf("refreshing what has no extract: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		cut := emulator.WithFault(emulator.Fault{Method: "POST", Path: "/sites/*/workbooks/*/refresh", Call: 1, Stage: emulator.AfterCommit})
		s := against(t, []emulator.Option{emulator.WithJobTime(time.Minute), cut})
		w := publishedWorkbook(t, s, connected)
		made, err := s.Workbooks.CreateExtracts(t.Context(), w.LUID, rest.ExtractCreate{})
		if err == nil {
			made, err = s.Jobs.Wait(t.Context(), made.LUID)
		}
		if err = errors.Join(err, made.Err()); err != nil {
			t.Fatal(err)
		}
		job, err := s.Workbooks.Refresh(t.Context(), w.LUID, rest.RefreshOptions{})
		if err != nil || job.LUID == "" {
			t.Fatalf("%+v, %v", job, err)
		}
		if done, err := s.Jobs.Wait(t.Context(), job.LUID); err != nil || done.Err() != nil {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func testExtracts(t *testing.T) {
	s := against(t, nil)
	ended := func(job rest.Job, err error) {
		t.Helper()
		if err == nil && job.LUID != "" {
			job, err = s.Jobs.Wait(t.Context(), job.LUID)
		}
		if err = errors.Join(err, job.Err()); err != nil {
			t.Error(err)
		}
	}
	d := publishedDatasource(t, s, "Orders", live)
	extracted := func(want bool) {
		t.Helper()
		now, err := s.Datasources.ByLUID(t.Context(), d.LUID)
		if err != nil || now.HasExtracts != want || now.EncryptExtracts != want {
			t.Errorf("%+v, %v", now, err)
		}
	}
	ended(s.Datasources.CreateExtract(t.Context(), d.LUID, true))
	extracted(true)
	ended(s.Datasources.DeleteExtract(t.Context(), d.LUID))
	extracted(false)
	w := publishedWorkbook(t, s, connected)
	connections, err := s.Workbooks.Connections(t.Context(), w.LUID)
	if err != nil {
		t.Fatal(err)
	}
	ended(s.Workbooks.CreateExtracts(t.Context(), w.LUID, rest.ExtractCreate{DatasourceLUIDs: []string{connections[0].DatasourceLUID}}))
	job, err := s.Workbooks.Refresh(t.Context(), w.LUID, rest.RefreshOptions{})
	ended(job, err)
	ended(s.Workbooks.DeleteExtracts(t.Context(), w.LUID))
	if _, err := s.Workbooks.Refresh(t.Context(), w.LUID, rest.RefreshOptions{}); err == nil {
		t.Error("a workbook without extracts is refreshed")
	}
	if _, err := s.Workbooks.CreateExtracts(t.Context(), w.LUID, rest.ExtractCreate{DatasourceLUIDs: []string{d.LUID}}); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("a data source that the workbook does not have: %v", err)
	}
}
