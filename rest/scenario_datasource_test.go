package rest_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

var datasourceScenarios = []scenario{
	{rows: []int{32, 38, 136}, name: "the connections of a workbook move to another server", run: testWorkbookConnections},
	{rows: []int{53, 55, 137}, name: "the connection of a data source gets a password", run: testDatasourceConnection},
	{rows: []int{51, 52, 54, 57, 58}, name: "a data source is certified, moved and deleted", run: testDatasource},
	{rows: []int{39, 56}, name: "a refresh is run, and found when it is queued or its answer is lost", run: testRefresh},
	{rows: []int{59, 60}, name: "rows of a data source are changed, once", run: testUpdateData},
	{rows: []int{138, 139, 140, 141}, name: "extracts are made and deleted", run: testExtracts},
	{rows: []int{154}, name: "a flow is published, in one request and in blocks", run: testPublishFlow},
	{rows: []int{155, 156, 157, 158, 159, 160, 161, 162}, name: "a flow, from list to deletion", run: testFlow},
	{rows: []int{166, 167, 168, 169, 170, 171, 172}, name: "a flow runs now, by its task, and not after all", run: testFlowRuns},
	{rows: []int{229, 230, 231, 232}, name: "a virtual connection moves to another server", run: testVirtualConnection},
}

// live is a data source without an extract.
const live = `<?xml version='1.0' encoding='utf-8' ?>
<datasource formatted-name='federated.1' inline='true' version='18.1'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='a' name='postgres.1'>
        <connection class='postgres' dbname='sales' port='5432' server='a.example.com' username='reader' />
      </named-connection>
    </named-connections>
    <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
  </connection>
</datasource>
`

// hyper is what a .hyper file begins with, which is all that the emulator looks at.
const hyper = "HyperPe\x00\x00"

func projectFor(t testing.TB, s *rest.Session, path string) rest.Project {
	t.Helper()
	p, err := s.Projects.EnsurePath(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func publishedDatasource(t testing.TB, s *rest.Session, name, file string) rest.Datasource {
	t.Helper()
	d, err := s.Datasources.Publish(t.Context(), rest.DatasourcePublish{
		Name: name, ProjectLUID: projectFor(t, s, "Data").LUID, Source: strings.NewReader(file),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func publishedWorkbook(t testing.TB, s *rest.Session, file string) rest.Workbook {
	t.Helper()
	w, err := s.Workbooks.Publish(t.Context(), rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: projectFor(t, s, "Data").LUID, Source: strings.NewReader(file),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func testDatasource(t *testing.T) {
	s := against(t, nil)
	d := publishedDatasource(t, s, "Orders, EMEA & APAC", hyper)
	publishedDatasource(t, s, "Costs", live)
	to := projectFor(t, s, "Certified/EMEA")
	updated, err := s.Datasources.Update(t.Context(), d.LUID, rest.DatasourceUpdate{
		Name: new(`Orders "Ö/2"`), Description: new("all of them"), ProjectLUID: &to.LUID, OwnerLUID: new(s.UserLUID()), Certified: new(true),
		CertificationNote: new("Q1 & Q2"), UseRemoteQueryAgent: new(true),
	})
	if err != nil || updated.LUID != d.LUID || !updated.Certified || updated.UpdatedAt.IsZero() {
		t.Errorf("%+v, %v", updated, err)
	}
	now, err := s.Datasources.ByName(t.Context(), `Orders "Ö/2"`, to.LUID)
	if err != nil || now.LUID != d.LUID || now.CertificationNote != "Q1 & Q2" || !now.UseRemoteQueryAgent || now.Description != "all of them" ||
		now.ProjectName != "EMEA" || now.LocationType != "Project" || !now.HasExtracts || now.SizeMB < 1 {
		t.Errorf("%+v, %v", now, err)
	}
	// Nothing but the note changes, and what is false stays so.
	if now, err = s.Datasources.Update(t.Context(), d.LUID, rest.DatasourceUpdate{CertificationNote: new("")}); err != nil ||
		!now.Certified || now.CertificationNote != "" || now.Name != `Orders "Ö/2"` {
		t.Errorf("%+v, %v", now, err)
	}
	var names []string
	for listed, err := range s.Datasources.All(t.Context(), rest.Query{PageSize: 1, Sort: []rest.Order{rest.Asc("name")}}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, listed.Name)
	}
	if !slices.Equal(names, []string{"Costs", `Orders "Ö/2"`}) {
		t.Error(names)
	}
	all, err := listOf(s.Datasources.All(t.Context(), rest.Query{Fields: []string{"_all_"}, Filters: []rest.Filter{rest.Eq("isCertified", "true")}}))
	if err != nil || len(all) != 1 || all[0].LUID != d.LUID {
		t.Errorf("%+v, %v", all, err)
	}
	var file bytes.Buffer
	if _, err := s.Datasources.Download(t.Context(), d.LUID, &file, rest.DownloadOptions{}); err != nil || file.String() != hyper {
		t.Errorf("%q, %v", file.String(), err)
	}
	if err := s.Datasources.Delete(t.Context(), d.LUID); err != nil {
		t.Error(err)
	}
	if _, err := s.Datasources.ByLUID(t.Context(), d.LUID); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("a deleted data source: %v", err)
	}
	if _, err := s.Datasources.Update(t.Context(), d.LUID, rest.DatasourceUpdate{Certified: new(true)}); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("updating a deleted data source: %v", err)
	}
}

// listOf drains an iterator.
func listOf[T any](seq func(func(T, error) bool)) (items []T, err error) {
	for item, e := range seq {
		if e != nil {
			return items, e
		}
		items = append(items, item)
	}
	return items, nil
}
