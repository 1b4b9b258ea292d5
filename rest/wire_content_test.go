package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"
)

// The LUIDs of the published samples.
const (
	sampleWorkbook = "1a1b1c1d-2e2f-2a2b-3c3d-3e3f4a4b4c4d"
	sampleView     = "1f1e1d1c-2b2a-2f2e-3d3c-3b3a4f4e4d4c"
	sampleUser     = "9f9e9d9c-8b8a-8f8e-7d7c-7b7a6f6d6e6d"
	sampleProject  = "1f2f3e4e-5d6d-7c8c-9b0b-1a2a3f4f5e6e"
)

var contentRows = slices.Concat(workbookRows, tagRows, revisionRows, viewRows, customViewRows)

// wants fails with what came back unless it is what was to come back.
func wants[T any](got T, err error, want T) error {
	if err == nil && !reflect.DeepEqual(got, want) {
		err = fmt.Errorf("\n got %+v\nwant %+v", got, want)
	}
	return err
}

// first is what wants takes of a list that has one element.
func first[T any](items []T, err error) (T, error) {
	if len(items) != 1 {
		var none T
		return none, errors.Join(err, fmt.Errorf("%d items: %+v", len(items), items))
	}
	return items[0], err
}

// writes calls what writes a file, and checks what it has written.
func writes(want string, call func(*bytes.Buffer) (DownloadInfo, error)) error {
	var file bytes.Buffer
	info, err := call(&file)
	if err == nil && info.Size != int64(len(want)) {
		err = fmt.Errorf("%+v", info)
	}
	return wants(file.String(), err, want)
}

// file is an answer that is a file.
func file(contentType, content string) reply {
	return reply{status: 200, body: content, header: map[string][]string{"Content-Type": {contentType}}}
}

func utc(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

const votes = `<view id="v1" name="Votes" contentUrl="WB_Election_live/sheets/Votes" createdAt="2024-01-25T23:42:57Z" updatedAt="2024-01-25T23:42:57Z" viewUrlName="Votes"><tags/>` +
	`<dataAccelerationConfig accelerationEnabled="true" accelerationStatus="Pending"/></view>`

// The published sample of a workbook, with the policy spelled as the reference has it in one place and in another.
func electionXML(policy string) string {
	return `<workbook id="w1" name="WB_Election_live" description="" contentUrl="WB_Election_live" webpageUrl="http://MyServer/#/workbooks/4" showTabs="false" size="1"` +
		` createdAt="2024-01-25T23:42:57Z" updatedAt="2024-01-25T23:42:57Z" encryptExtracts="false" defaultViewId="v1"><project id="p1" name="Default"/>` +
		`<location id="p1" type="Project" name="Default"/><owner id="u1" name="test"/><tags/><views>` + votes + `</views>` + policy + `</workbook>`
}

func election() Workbook {
	at := utc("2024-01-25T23:42:57Z")
	return Workbook{
		LUID: "w1", Name: "WB_Election_live", ContentURL: "WB_Election_live", WebpageURL: "http://MyServer/#/workbooks/4", SizeMB: 1,
		CreatedAt: at, UpdatedAt: at, DefaultViewLUID: "v1", ProjectLUID: "p1", ProjectName: "Default", LocationLUID: "p1",
		LocationType: "Project", LocationName: "Default", OwnerLUID: "u1", OwnerName: "test",
		Views: []View{{
			LUID: "v1", Name: "Votes", ContentURL: "WB_Election_live/sheets/Votes", URLName: "Votes", CreatedAt: at, UpdatedAt: at,
			Acceleration: &DataAcceleration{Enabled: true, Status: "Pending"},
		}},
		Freshness: &DataFreshness{Option: FreshnessAt, At: &FreshAt{
			Frequency: FreshnessWeek, Time: "08:15:00", Timezone: "America/Los_Angeles", WeekDays: []CalendarDay{"Monday"},
		}},
	}
}

// Two of the workbooks of a site, as published; old servers spell the address of the page in small letters.
const twoWorkbooks = `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><workbooks>` +
	`<workbook id="` + sampleWorkbook + `" name="Finance" description="The finance workbook." contentUrl="Finance" showTabs="true" webpageurl="http://MY_SERVER/#/worbooks/1" size="2"` +
	` createdAt="2013-03-30T22:32:35Z" updatedAt="2016-01-13T01:00:02Z" defaultViewId="v1"><project id="` + sampleProject + `" name="Tableau Samples"/><owner id="` + sampleUser + `"/><tags/></workbook>` +
	`<workbook id="w2" name="World Indicators" updatedAt="2015-12-29T013:23:45Z" webpageUrl="http://MY_SERVER/#/worbooks/2"><tags><tag label="training"/></tags>` +
	`<dataAccelerationConfig accelerationEnabled="true" lastUpdatedAt="2016-01-13T01:00:02Z" accelerationStatus="accelerated"/></workbook></workbooks>`

func finance() Workbook {
	return Workbook{
		LUID: sampleWorkbook, Name: "Finance", Description: "The finance workbook.", ContentURL: "Finance", ShowTabs: true,
		WebpageURL: "http://MY_SERVER/#/worbooks/1", SizeMB: 2, CreatedAt: utc("2013-03-30T22:32:35Z"), UpdatedAt: utc("2016-01-13T01:00:02Z"),
		DefaultViewLUID: "v1", ProjectLUID: sampleProject, ProjectName: "Tableau Samples", OwnerLUID: sampleUser,
	}
}

func worldIndicators() Workbook {
	return Workbook{
		LUID: "w2", Name: "World Indicators", WebpageURL: "http://MY_SERVER/#/worbooks/2", Tags: []string{"training"},
		Acceleration: &DataAcceleration{Enabled: true, Status: "accelerated", LastUpdatedAt: utc("2016-01-13T01:00:02Z")},
	}
}

var workbookRows = []wireRow{
	{
		rows: []int{6}, name: "Delete Workbook",
		call:  func(ctx context.Context, s *Session) error { return s.Workbooks.Delete(ctx, sampleWorkbook) },
		seen:  []string{"DELETE workbooks/" + sampleWorkbook},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{8}, name: "Download Workbook",
		call: func(ctx context.Context, s *Session) error {
			var file bytes.Buffer
			info, err := s.Workbooks.Download(ctx, sampleWorkbook, &file, DownloadOptions{WithoutExtract: true})
			return wants(info, err, DownloadInfo{FileName: "Sales.twbx", ContentType: "application/octet-stream", Size: 4})
		},
		seen: []string{"GET workbooks/" + sampleWorkbook + "/content?includeExtract=False"},
		reply: []reply{{status: 200, body: "PK..", header: map[string][]string{
			"Content-Type": {"application/octet-stream"}, "Content-Disposition": {`name="tableau_workbook"; filename="Sales.twbx"`},
		}}},
	},
	{
		rows: []int{9}, name: "Download Workbook PDF",
		call: func(ctx context.Context, s *Session) error {
			return writes("%PDF", func(w *bytes.Buffer) (DownloadInfo, error) {
				return s.Workbooks.PDF(ctx, sampleWorkbook, w, RenderOptions{PageType: PageA4, Orientation: Landscape, MaxAge: time.Hour})
			})
		},
		seen:  []string{"GET workbooks/" + sampleWorkbook + "/pdf?type=A4&orientation=Landscape&maxAge=60"},
		reply: []reply{file("application/pdf", "%PDF")},
	},
	{
		rows: []int{10}, name: "Download Workbook PowerPoint",
		call: func(ctx context.Context, s *Session) error {
			return writes("PK", func(w *bytes.Buffer) (DownloadInfo, error) {
				return s.Workbooks.PowerPoint(ctx, sampleWorkbook, w, RenderOptions{MaxAge: time.Hour})
			})
		},
		seen:  []string{"GET workbooks/" + sampleWorkbook + "/powerpoint?maxAge=60"},
		reply: []reply{file("application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK")},
	},
	{
		rows: []int{17}, name: "Get Workbook Downgrade Info",
		call: func(ctx context.Context, s *Session) error {
			lost, err := s.Workbooks.DowngradeInfo(ctx, sampleWorkbook, "10.5")
			return wants(lost, err, []DowngradedFeature{{"Set Actions", "Severe"}, {"Animation", "Warning"}})
		},
		seen: []string{"GET workbooks/" + sampleWorkbook + "/downGradeInfo?productVersion=10.5"},
		reply: []reply{ok(`<downgradeInfo><downgradedFeature name="Set Actions" severity="Severe"/>` +
			`<downgradedFeature name="Animation" severity="Warning"/></downgradeInfo>`)},
	},
	{
		rows: []int{29}, name: "Get Workbook",
		call: func(ctx context.Context, s *Session) error {
			w, err := s.Workbooks.ByLUID(ctx, "w1")
			return wants(w, err, election())
		},
		seen: []string{"GET workbooks/w1"},
		reply: []reply{ok(electionXML(`<dataFreshnessPolicy option="FreshAt"><freshAtSchedule time="08:15:00" frequency="Week" timezone="America/Los_Angeles">` +
			`<intervals><interval weekDay="MONDAY"/></intervals></freshAtSchedule></dataFreshnessPolicy>`))},
	},
	{
		rows: []int{29}, name: "Get Workbook by content URL",
		call: func(ctx context.Context, s *Session) error {
			w, err := s.Workbooks.ByContentURL(ctx, "simple-highlight")
			if err == nil {
				_, err = s.Workbooks.ByContentURL(ctx, "Simple-Highlight")
				if errors.Is(err, ErrNotFound) && strings.Contains(err.Error(), `"Simple-Highlight", which is case-sensitive`) {
					err = nil
				}
			}
			return wants(w.LUID, err, "w1")
		},
		seen:  []string{"GET workbooks/simple-highlight?key=contentUrl", "GET workbooks/Simple-Highlight?key=contentUrl"},
		reply: []reply{ok(`<workbook id="w1"/>`), refusal("404006", "Resource Not Found", "Workbook could not be found.")},
	},
	{
		rows: []int{30}, name: "Query Workbooks for Site",
		call: func(ctx context.Context, s *Session) error {
			found, err := Collect(s.Workbooks.All(ctx, Query{Filters: []Filter{Gte("updatedAt", "2016-05-01T06:00:00Z")}, Sort: []Order{Asc("name")}}))
			return wants(found, err, []Workbook{finance(), worldIndicators()})
		},
		seen:  []string{"GET workbooks?filter=updatedAt:gte:2016-05-01T06:00:00Z&sort=name:asc&pageNumber=1&pageSize=100"},
		reply: []reply{ok(twoWorkbooks)},
	},
	{
		rows: []int{31}, name: "Query Workbooks for User",
		call: func(ctx context.Context, s *Session) error {
			found, err := Collect(s.Workbooks.OfUser(ctx, sampleUser))
			if err := wants(found, err, []Workbook{finance(), worldIndicators()}); err != nil {
				return err
			}
			_, err = Collect(s.Workbooks.OwnedBy(ctx, sampleUser))
			return err
		},
		seen: []string{
			"GET users/" + sampleUser + "/workbooks?pageNumber=1&pageSize=100",
			"GET users/" + sampleUser + "/workbooks?ownedBy=true&pageNumber=1&pageSize=100",
		},
		reply: []reply{ok(twoWorkbooks)},
	},
	{
		rows: []int{33}, name: "Query Workbook Preview Image",
		call: func(ctx context.Context, s *Session) error {
			return writes("\x89PNG", func(w *bytes.Buffer) (DownloadInfo, error) { return s.Workbooks.PreviewImage(ctx, sampleWorkbook, w) })
		},
		seen:  []string{"GET workbooks/" + sampleWorkbook + "/previewImage"},
		reply: []reply{file("image/png", "\x89PNG")},
	},
	{
		rows: []int{37}, name: "Update Workbook",
		call: func(ctx context.Context, s *Session) error {
			w, err := s.Workbooks.Update(ctx, "w1", WorkbookUpdate{
				Name: new("Finance"), ShowTabs: new(false), RecentlyViewed: new(false), EncryptExtracts: new(false),
				Description: new("The finance workbook."), ProjectLUID: new("3d6e8174-8cdf-43ec-94dd-0a1fd3662e47"), OwnerLUID: new("ca6b9ee-1d85-465b-abc2-f200ae2443b9"),
				AcceleratedViews: []string{"22e48174-8cdf-43ec-94dd-0a1fd366gh78"}, Acceleration: &DataAcceleration{Now: true},
				Freshness: &DataFreshness{Option: FreshnessAt, At: &FreshAt{
					Frequency: FreshnessWeek, Time: "08:15:00", Timezone: "America/Los_Angeles", WeekDays: []CalendarDay{"Monday"},
				}},
			})
			return wants(w, err, election())
		},
		seen: []string{"PUT workbooks/w1?includeViewAccelerationStatus=true\n\n" +
			`<tsRequest><workbook name="Finance" showTabs="false" recentlyViewed="false" encryptExtracts="false" description="The finance workbook.">` +
			`<project id="3d6e8174-8cdf-43ec-94dd-0a1fd3662e47"/><owner id="ca6b9ee-1d85-465b-abc2-f200ae2443b9"/>` +
			`<views><view id="22e48174-8cdf-43ec-94dd-0a1fd366gh78"/></views><dataAccelerationConfig accelerationEnabled="false" accelerateNow="true"/>` +
			`<dataFreshnessPolicy option="FreshAt"><freshAtSchedule frequency="Week" time="08:15:00" timezone="America/Los_Angeles">` +
			`<intervals><interval weekDay="Monday"/></intervals></freshAtSchedule></dataFreshnessPolicy></workbook></tsRequest>`},
		reply: []reply{ok(electionXML(`<dataFreshnessPolicy option="freshAt"><freshAtSchedule time="08:15:00" frequency="weekly" timeZone="America/Los_Angeles">` +
			`<intervals><interval weekDay="monday"/></intervals></freshAtSchedule></dataFreshnessPolicy>`))},
	},
	{
		rows: []int{37}, name: "Update Workbook, one thing",
		call: func(ctx context.Context, s *Session) error {
			every := &DataFreshness{Option: FreshnessEvery, Every: &FreshEvery{Frequency: FreshnessHours, Value: 4}}
			w, err := s.Workbooks.Update(ctx, "w1", WorkbookUpdate{Freshness: every})
			if err := wants(w.Freshness, err, every); err != nil {
				return err
			}
			_, err = s.Workbooks.Update(ctx, "w1", WorkbookUpdate{Description: new("")})
			return err
		},
		seen: []string{
			"PUT workbooks/w1\n\n" + `<tsRequest><workbook><dataFreshnessPolicy option="FreshEvery"><freshEverySchedule frequency="Hours" value="4"/></dataFreshnessPolicy></workbook></tsRequest>`,
			"PUT workbooks/w1\n\n" + `<tsRequest><workbook description=""/></tsRequest>`,
		},
		reply: []reply{ok(electionXML(`<dataFreshnessPolicy option="FreshEvery"><freshEverySchedule frequency="hours" value="4"/></dataFreshnessPolicy>`))},
	},
}

const (
	gdpAndHealth = `<tsRequest><tags><tag label="GDP"/><tag label="Health"/></tags></tsRequest>`
	threeTags    = `<tags><tag label="GDP"/><tag label="Health"/><tag label="Spending"/></tags>`
)

var tagRows = []wireRow{
	{
		rows: []int{1}, name: "Add Tags to View",
		call: func(ctx context.Context, s *Session) error {
			labels, err := s.Views.AddTags(ctx, sampleView, "GDP", "Health")
			return wants(labels, err, []string{"GDP", "Health", "Spending"})
		},
		seen: []string{"PUT views/" + sampleView + "/tags\n\n" + gdpAndHealth}, reply: []reply{ok(threeTags)},
	},
	{
		rows: []int{2}, name: "Add Tags to Workbook",
		call: func(ctx context.Context, s *Session) error {
			labels, err := s.Workbooks.AddTags(ctx, sampleWorkbook, "GDP", "Health")
			return wants(labels, err, []string{"GDP", "Health", "Spending"})
		},
		seen: []string{"PUT workbooks/" + sampleWorkbook + "/tags\n\n" + gdpAndHealth}, reply: []reply{ok(threeTags)},
	},
	{
		rows: []int{2}, name: "Add no Tags to Workbook",
		call: func(ctx context.Context, s *Session) error {
			labels, err := s.Workbooks.AddTags(ctx, sampleWorkbook)
			return wants(labels, err, nil)
		},
		seen: []string{"PUT workbooks/" + sampleWorkbook + "/tags\n\n<tsRequest><tags/></tsRequest>"}, reply: []reply{ok("<tags/>")},
	},
	{
		rows: []int{4}, name: "Delete Tag from View",
		call: func(ctx context.Context, s *Session) error { return s.Views.DeleteTag(ctx, sampleView, "tag") },
		seen: []string{"DELETE views/" + sampleView + "/tags/tag"}, reply: []reply{{status: 204}},
	},
	{
		rows: []int{5}, name: "Delete Tag from Workbook, a hard one",
		call: func(ctx context.Context, s *Session) error {
			return s.Workbooks.DeleteTag(ctx, sampleWorkbook, `a/b & c, "é"?`)
		},
		seen: []string{"DELETE workbooks/" + sampleWorkbook + "/tags/a/b%20&%20c%2C%20%22%C3%A9%22%3F"}, reply: []reply{{status: 204}},
	},
	{
		rows: []int{144}, name: "Tags of data sources",
		call: func(ctx context.Context, s *Session) error {
			labels, err := s.Datasources.AddTags(ctx, "d1", "GDP", "Health")
			if err := wants(labels, err, []string{"GDP", "Health", "Spending"}); err != nil {
				return err
			}
			return s.Datasources.DeleteTag(ctx, "d1", "GDP")
		},
		seen: []string{"PUT datasources/d1/tags\n\n" + gdpAndHealth, "DELETE datasources/d1/tags/GDP"}, reply: []reply{ok(threeTags), {status: 204}},
	},
	{
		rows: []int{145}, name: "Tag batches",
		call: func(ctx context.Context, s *Session) error {
			objects := []TagTarget{{"w1", "Workbook"}, {"v1", "View"}}
			return errors.Join(s.Tags.BatchAdd(ctx, []string{"GDP", "a, b"}, objects...), s.Tags.BatchDelete(ctx, []string{"GDP"}, objects[1:]...))
		},
		seen: []string{
			"PUT tags:batchCreate\n\n" + `<tsRequest><tagBatch><tags><tag label="GDP"/><tag label="a, b"/></tags>` +
				`<contents><content id="w1" contentType="Workbook"/><content id="v1" contentType="View"/></contents></tagBatch></tsRequest>`,
			"PUT tags:batchDelete\n\n" + `<tsRequest><tagBatch><tags><tag label="GDP"/></tags><contents><content id="v1" contentType="View"/></contents></tagBatch></tsRequest>`,
		},
		reply: []reply{ok(`<tagBatch/>`)},
	},
}

// The two forms of revisions: that of the reference for workbooks, on a first page, and that of the schema.
const (
	oldRevisions = `<pagination pageNumber="1" pageSize="2" totalAvailable="3"/><revisions>` +
		`<revision createdAt="2026-03-01T10:00:00Z" revisionNumber="1" isDeleted="true"><user id="u1" name="ana"/></revision>` +
		`<revision createdAt="2026-03-02T10:00:00Z" revisionNumber="2" isDeleted="false"></revision></revisions>`
	newRevisions = `<pagination pageNumber="2" pageSize="2" totalAvailable="3"/><revisions>` +
		`<revision publishedAt="2026-03-03T10:00:00Z" revisionNumber="3" deleted="false" current="true" sizeInBytes="1052672"><publisher id="u1" name="ana"/></revision></revisions>`
)

func threeRevisions() []Revision {
	return []Revision{
		{Number: 1, PublishedAt: utc("2026-03-01T10:00:00Z"), Deleted: true, PublisherLUID: "u1", PublisherName: "ana"},
		{Number: 2, PublishedAt: utc("2026-03-02T10:00:00Z")},
		{Number: 3, PublishedAt: utc("2026-03-03T10:00:00Z"), Current: true, SizeBytes: 1052672, PublisherLUID: "u1", PublisherName: "ana"},
	}
}

// revisionCalls are what workbooks and data sources can do with their revisions.
type revisionCalls interface {
	Revisions(ctx context.Context, luid string) iter.Seq2[Revision, error]
	DownloadRevision(ctx context.Context, luid string, number int, w io.Writer, o DownloadOptions) (DownloadInfo, error)
	DeleteRevision(ctx context.Context, luid string, number int) error
}

// revisionsOf are the rows of workbooks or of data sources.
func revisionsOf(title, path string, list, download, remove int, calls func(*Session) revisionCalls) []wireRow {
	return []wireRow{
		{
			rows: []int{list}, name: "Get " + title + " Revisions",
			call: func(ctx context.Context, s *Session) error {
				found, err := Collect(calls(s).Revisions(ctx, "x1"))
				return wants(found, err, threeRevisions())
			},
			seen:  []string{"GET " + path + "/x1/revisions?pageNumber=1&pageSize=1000", "GET " + path + "/x1/revisions?pageNumber=2&pageSize=1000"},
			reply: []reply{ok(oldRevisions), ok(newRevisions)},
		},
		{
			rows: []int{download}, name: "Download " + title + " Revision",
			call: func(ctx context.Context, s *Session) error {
				return writes("PK", func(w *bytes.Buffer) (DownloadInfo, error) {
					return calls(s).DownloadRevision(ctx, "x1", 2, w, DownloadOptions{WithoutExtract: true})
				})
			},
			seen: []string{"GET " + path + "/x1/revisions/2/content?includeExtract=False"}, reply: []reply{file("application/octet-stream", "PK")},
		},
		{
			rows: []int{remove}, name: "Remove " + title + " Revision",
			call: func(ctx context.Context, s *Session) error { return calls(s).DeleteRevision(ctx, "x1", 2) },
			seen: []string{"DELETE " + path + "/x1/revisions/2"}, reply: []reply{{status: 204}},
		},
	}
}

var revisionRows = slices.Concat(
	revisionsOf("Workbook", "workbooks", 18, 11, 131, func(s *Session) revisionCalls { return s.Workbooks }),
	revisionsOf("Data Source", "datasources", 129, 130, 132, func(s *Session) revisionCalls { return s.Datasources }),
)
