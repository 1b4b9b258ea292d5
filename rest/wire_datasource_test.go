package rest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// differs says how a value is not what was wanted; nil if it is.
func differs(got any, err error, want any) error {
	if err == nil && !reflect.DeepEqual(got, want) {
		err = fmt.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	return err
}

const (
	wireWorkbook   = "5de9cc53-b17d-45af-804d-49144b39f29f"
	wireDatasource = "1a1b1c1d-2e2f-2a2b-3c3d-3e3f4a4b4c4d"
	wireConnection = "12ab34cd-56ef-78ab-90cd-12ef34ab56cd"
	wireFlow       = "92967d2d-c7e2-46d0-8847-4802df58f484"

	datasourceAnswer = `<datasource id="` + wireDatasource + `" name="Orders" contentUrl="Orders" type="hyper" createdAt="2026-03-02T10:00:00Z" ` +
		`updatedAt="2026-03-02T10:00:00Z" hasExtracts="true" encryptExtracts="false" isCertified="true" certificationNote="Q1 &amp; Q2" ` +
		`useRemoteQueryAgent="true" size="3" webpageUrl="http://localhost/#/datasources/3" serverName="db" databaseName="sales" ` +
		`connectedWorkbooksCount="2" favoritesTotal="1" hasAlert="true" isPublished="true" parentType="DataRole" news="x">` +
		`<project id="p1" name="Default"/><location id="p1" type="Project" name="Default"/><owner id="u1" name="ana"/>` +
		`<tags><tag label="gold"/></tags><parentDataSourceUrls>a</parentDataSourceUrls><parentDataSourceUrls>b</parentDataSourceUrls>` +
		`<askData enablement="SiteDefault"/></datasource>`
)

var wireOrders = Datasource{
	LUID: wireDatasource, Name: "Orders", ContentURL: "Orders", WebpageURL: "http://localhost/#/datasources/3", Class: "hyper",
	ProjectLUID: "p1", ProjectName: "Default", LocationLUID: "p1", LocationType: "Project", LocationName: "Default",
	OwnerLUID: "u1", OwnerName: "ana", SizeMB: 3, HasExtracts: true, Certified: true,
	CertificationNote: "Q1 & Q2", UseRemoteQueryAgent: true, AskData: "SiteDefault", Published: true, HasAlert: true,
	ServerName: "db", DatabaseName: "sales", ConnectedWorkbooks: 2, FavoritesTotal: 1, ParentType: "DataRole", ParentURLs: []string{"a", "b"},
	CreatedAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), Tags: []string{"gold"},
}

var datasourceRows = slices.Concat(datasourceOnlyRows, connectionRows, flowRows, flowRunRows, virtualRows, refreshRows, hyperRows)

var datasourceOnlyRows = []wireRow{
	{
		rows: []int{51}, name: "Query Data Sources",
		call: func(ctx context.Context, s *Session) error {
			listed, err := Collect(s.Datasources.All(ctx, Query{
				Filters: []Filter{Eq("type", "hyper"), Eq("isCertified", "true")}, Sort: []Order{Desc("updatedAt")}, Fields: []string{"_all_"},
			}))
			return differs(listed, err, []Datasource{wireOrders, {LUID: "d2", Name: "Old"}})
		},
		seen: []string{"GET datasources?filter=type:eq:hyper,isCertified:eq:true&sort=updatedAt:desc&fields=_all_&pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><datasources>` + datasourceAnswer +
			`<datasource id="d2" name="Old" isCertified="none"/></datasources>`)},
	},
	{
		rows: []int{52}, name: "Query Data Source",
		call: func(ctx context.Context, s *Session) error {
			d, err := s.Datasources.ByLUID(ctx, wireDatasource)
			return differs(d, err, wireOrders)
		},
		seen:  []string{"GET datasources/" + wireDatasource},
		reply: []reply{ok(datasourceAnswer)},
	},
	{
		rows: []int{54}, name: "Update Data Source",
		call: func(ctx context.Context, s *Session) error {
			d, err := s.Datasources.Update(ctx, wireDatasource, DatasourceUpdate{
				Name: new(`Orders "2"`), Description: new(""), ProjectLUID: new("p1"), OwnerLUID: new("u1"), Certified: new(false),
				CertificationNote: new("Q1 & Q2"), EncryptExtracts: new(true), UseRemoteQueryAgent: new(false), AskData: new("SiteDefault"),
			})
			return differs(d, err, wireOrders)
		},
		seen: []string{"PUT datasources/" + wireDatasource + "\n\n" +
			`<tsRequest><datasource name="Orders &quot;2&quot;" description="" isCertified="false" certificationNote="Q1 &amp; Q2" ` +
			`encryptExtracts="true" useRemoteQueryAgent="false"><project id="p1"/><owner id="u1"/><askData enablement="SiteDefault"/>` +
			`</datasource></tsRequest>`},
		reply: []reply{ok(datasourceAnswer)},
	},
	{
		rows: []int{54}, name: "Update Data Source, one field",
		call: func(ctx context.Context, s *Session) error {
			_, err := s.Datasources.Update(ctx, wireDatasource, DatasourceUpdate{Certified: new(true)})
			return err
		},
		seen:  []string{"PUT datasources/" + wireDatasource + "\n\n" + `<tsRequest><datasource isCertified="true"/></tsRequest>`},
		reply: []reply{ok(datasourceAnswer)},
	},
	{
		rows: []int{57}, name: "Download Data Source",
		call: func(ctx context.Context, s *Session) error {
			var file strings.Builder
			info, err := s.Datasources.Download(ctx, wireDatasource, &file, DownloadOptions{WithoutExtract: true})
			if err == nil && (file.String() != "PK" || info.FileName != "Orders.tdsx") {
				err = fmt.Errorf("%q, %+v", file.String(), info)
			}
			return err
		},
		seen: []string{"GET datasources/" + wireDatasource + "/content?includeExtract=False"},
		reply: []reply{{status: 200, body: "PK", header: map[string][]string{
			"Content-Type":        {"application/octet-stream"},
			"Content-Disposition": {`name="tableau_datasource"; filename="Orders.tdsx"`},
		}}},
	},
	{
		rows: []int{58}, name: "Delete Data Source",
		call:  func(ctx context.Context, s *Session) error { return s.Datasources.Delete(ctx, wireDatasource) },
		seen:  []string{"DELETE datasources/" + wireDatasource},
		reply: []reply{{status: 204}},
	},
}

func TestUnsendableDatasources(t *testing.T) {
	t.Parallel()
	update := func(u DatasourceUpdate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error {
			_, err := s.Datasources.Update(ctx, "d1", u)
			return err
		}
	}
	refusedUnsent(t, Version{3, 24}, map[string]func(context.Context, *Session) error{
		`updating data source "d1": the new name is empty`: update(DatasourceUpdate{Name: new("")}),
		"the new LUID of the owner is empty":               update(DatasourceUpdate{ProjectLUID: new("p1"), OwnerLUID: new("")}),
		`"." is not the LUID of a data source`: func(ctx context.Context, s *Session) error {
			return s.Datasources.Delete(ctx, ".")
		},
	})
	refusedUnsent(t, Version{3, 4}, map[string]func(context.Context, *Session) error{
		"the encryption of extracts: needs API 3.5": update(DatasourceUpdate{EncryptExtracts: new(false)}),
	})
}

// refusedUnsent makes calls that have to be refused before anything is sent, each with the error it is the key of.
func refusedUnsent(t *testing.T, version Version, calls map[string]func(context.Context, *Session) error) {
	t.Helper()
	for want, call := range calls {
		s, f := signedIn(t, inOrder(t))
		s.version = version
		errorHas(t, call(t.Context(), s), want)
		if len(f.lines()) != 0 {
			t.Errorf("%s: sent %v", want, f.lines())
		}
	}
}
