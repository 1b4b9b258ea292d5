package rest

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

const (
	refreshJobLUID = "20cf4ddc-6d73-4733-89ec-8d336669bd56"
	refreshAnswer  = `<job id="` + refreshJobLUID + `" mode="Asynchronous" type="RefreshExtract" createdAt="2017-12-06T22:58:52Z">` +
		`<extractRefreshJob><workbook id="` + wireWorkbook + `" name="Regional"/></extractRefreshJob></job>`
)

var refreshRows = []wireRow{
	{
		rows: []int{39}, name: "Update Workbook Now",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Workbooks.Refresh(ctx, wireWorkbook, RefreshOptions{})
			if err == nil && (job.LUID != refreshJobLUID || job.Type != "RefreshExtract" || job.Done() || job.CreatedAt.Year() != 2017) {
				err = fmt.Errorf("%+v", job)
			}
			return err
		},
		seen:  []string{"POST workbooks/" + wireWorkbook + "/refresh\n\n<tsRequest><extractRefresh/></tsRequest>"},
		reply: []reply{{status: 202, body: tsResponse(refreshAnswer)}},
	},
	{
		rows: []int{56}, name: "Update Data Source Now, incremental",
		call: func(ctx context.Context, s *Session) error {
			_, err := s.Datasources.Refresh(ctx, wireDatasource, RefreshOptions{Incremental: true})
			return err
		},
		seen:  []string{"POST datasources/" + wireDatasource + "/refresh\n\n" + `<tsRequest><extractRefresh incremental="true"/></tsRequest>`},
		reply: []reply{{status: 202, body: tsResponse(refreshAnswer)}},
	},
	{
		rows: []int{39}, name: "Update Workbook Now, before API 3.25",
		call: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.Refresh(ctx, wireWorkbook, RefreshOptions{})
			return err
		},
		seen:  []string{"POST /api/3.24/sites/" + testSite + "/workbooks/" + wireWorkbook + "/refresh\n\n<tsRequest/>"},
		reply: []reply{{status: 202, body: tsResponse(refreshAnswer)}},
		opts:  []Option{WithVersion("3.24")},
	},
	{
		rows: []int{138, 139, 140, 141}, name: "create and delete extracts",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Workbooks.CreateExtracts(ctx, wireWorkbook, ExtractCreate{Encrypt: true})
			if err == nil && job.LUID != "j1" {
				err = fmt.Errorf("%+v", job)
			}
			if err == nil {
				_, err = s.Workbooks.CreateExtracts(ctx, wireWorkbook, ExtractCreate{DatasourceLUIDs: []string{"d1", "d2"}})
			}
			if err == nil {
				_, err = s.Workbooks.DeleteExtracts(ctx, wireWorkbook)
			}
			if err == nil {
				_, err = s.Datasources.CreateExtract(ctx, wireDatasource, false)
			}
			if err == nil {
				job, err = s.Datasources.DeleteExtract(ctx, wireDatasource)
				err = differs(job, err, Job{})
			}
			return err
		},
		seen: []string{
			"POST workbooks/" + wireWorkbook + "/createExtract?encrypt=true\n\n" + `<tsRequest><datasources includeAll="true"/></tsRequest>`,
			"POST workbooks/" + wireWorkbook + "/createExtract?encrypt=false\n\n" +
				`<tsRequest><datasources includeAll="false"><datasource id="d1"/><datasource id="d2"/></datasources></tsRequest>`,
			"POST workbooks/" + wireWorkbook + "/deleteExtract\n\n" + `<tsRequest><datasources includeAll="true"/></tsRequest>`,
			"POST datasources/" + wireDatasource + "/createExtract?encrypt=false\n\n<tsRequest/>",
			"POST datasources/" + wireDatasource + "/deleteExtract\n\n<tsRequest/>",
		},
		reply: []reply{
			{status: 202, body: tsResponse(`<job id="j1" type="CreateExtract"/>`)},
			ok(`<job id="j2"/>`), ok(`<job id="j3"/>`), ok(`<job id="j4"/>`),
			{status: 200},
		},
	},
}

func TestUnsendableRefresh(t *testing.T) {
	t.Parallel()
	refusedUnsent(t, Version{3, 24}, map[string]func(context.Context, *Session) error{
		"an incremental refresh: needs API 3.25": func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.Refresh(ctx, "w1", RefreshOptions{Incremental: true})
			return err
		},
	})
}

// A refresh that is queued already is the job that does it; one whose answer is lost is looked for.
func TestRefreshIsFound(t *testing.T) {
	t.Parallel()
	const (
		workbook = `<workbook id="w1" name="Sales, EMEA"/>`
		none     = `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><backgroundJobs/>`
		listed   = `<pagination pageNumber="1" pageSize="100" totalAvailable="3"/><backgroundJobs><backgroundJob id="j1" title="Sales, EMEA"/>` +
			`<backgroundJob id="j2" title="Sales, EMEA"/><backgroundJob id="j3" title="Sales, APAC"/></backgroundJobs>`
		other = `<job id="j1" type="CreateExtract"><extractCreationJob><workbook id="w1"/></extractCreationJob></job>`
		ours  = `<job id="j2" type="RefreshExtract"><extractRefreshJob><workbook id="w1"/></extractRefreshJob></job>`
		query = "&pageNumber=1&pageSize=100"
	)
	queued := refusal("409093", "Resource Conflict", "in the queue already")
	for _, test := range []struct {
		name     string
		replies  []reply
		requests int
		kind     error
		luid     string
		version  Version
	}{
		{"queued", []reply{queued, ok(workbook), ok(none), ok(listed), ok(other), ok(ours)}, 6, nil, "j2", newestKnown},
		{"lost", []reply{{status: 502}, ok(workbook), ok(listed), refusal("404018", "Not Found", "j1"), ok(ours)}, 5, nil, "j2", newestKnown},
		{"queued and not there", []reply{queued, ok(workbook), ok(none), ok(none)}, 4, ErrConflict, "", newestKnown},
		{"lost and not there", []reply{{status: 504}, ok(workbook), ok(none), ok(none)}, 4, ErrOutcomeUnknown, "", newestKnown},
		{"lost, and no looking", []reply{{status: 500}, refusal("403018", "Forbidden", "w1")}, 2, ErrOutcomeUnknown, "", newestKnown},
		{"queued, and an old server", []reply{queued}, 1, ErrConflict, "", Version{3, 0}},
		{"refused", []reply{refusal("403032", "Forbidden", "w1")}, 1, ErrForbidden, "", newestKnown},
	} {
		s, f := signedIn(t, inOrder(t, test.replies...))
		s.version = test.version
		job, err := s.Workbooks.Refresh(t.Context(), "w1", RefreshOptions{})
		if errorIs(t, err, test.kind); job.LUID != test.luid || len(f.lines()) != test.requests {
			t.Errorf("%s: %+v, %v after\n%s", test.name, job, err, strings.Join(f.lines(), "\n"))
		}
		if test.name == "queued" {
			equal(t, "requests", f.lines(), []string{
				"POST workbooks/w1/refresh", "GET workbooks/w1", "GET jobs?filter=status:eq:Pending,title:eq:Sales%2A%20EMEA" + query,
				"GET jobs?filter=status:eq:InProgress,title:eq:Sales%2A%20EMEA" + query, "GET jobs/j1", "GET jobs/j2",
			})
		}
	}
}

// Extracts are not made twice.
func TestExtractsAreMadeOnce(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, reply{status: 502}))
	_, err := s.Workbooks.CreateExtracts(t.Context(), "w1", ExtractCreate{})
	errorIs(t, err, ErrOutcomeUnknown)
	equal(t, "requests", f.lines(), []string{"POST workbooks/w1/createExtract?encrypt=false"})
}
