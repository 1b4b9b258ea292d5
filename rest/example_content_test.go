package rest_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// publishSales publishes a workbook, Finance/EMEA/Sales.
func publishSales(ctx context.Context, session *rest.Session) rest.Workbook {
	project, err := session.Projects.EnsurePath(ctx, "Finance/EMEA")
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: project.LUID, Source: strings.NewReader(template), Mode: rest.Overwrite,
	})
	if err != nil {
		log.Fatal(err)
	}
	return workbook
}

func ExampleWorkbooksService_Find() {
	ctx := context.Background()
	session := signIn(ctx)
	publishSales(ctx, session)
	workbook, err := session.Workbooks.Find(ctx, "Finance/EMEA/Sales") // or a LUID, or the name alone
	if err != nil {
		log.Fatal(err)
	}
	for _, view := range workbook.Views {
		fmt.Println(view.Name, view.ContentURL)
	}
	_, err = session.Workbooks.Find(ctx, "Finance/Sales")
	fmt.Println(errors.Is(err, rest.ErrNotFound))
	// Output:
	// Map Sales/sheets/Map
	// Debug Sales/sheets/Debug
	// true
}

func ExampleWorkbooksService_Update() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishSales(ctx, session)
	workbook, err := session.Workbooks.Update(ctx, workbook.LUID, rest.WorkbookUpdate{
		Description: new("Figures of the region"),
		ShowTabs:    new(true),
		Freshness:   &rest.DataFreshness{Option: rest.FreshnessEvery, Every: &rest.FreshEvery{Frequency: rest.FreshnessHours, Value: 4}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(workbook.Name, workbook.Description, workbook.ShowTabs, workbook.Freshness.Every.Value)
	// Output: Sales Figures of the region true 4
}

func ExampleWorkbooksService_AddTags() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishSales(ctx, session)
	tags, err := session.Workbooks.AddTags(ctx, workbook.LUID, "reviewed", "Q1, final")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", tags)
	fmt.Println(session.Workbooks.DeleteTag(ctx, workbook.LUID, "reviewed"))
	// Output:
	// ["reviewed" "Q1, final"]
	// <nil>
}

func ExampleWorkbooksService_Revisions() {
	ctx := context.Background()
	session := signIn(ctx)
	publishSales(ctx, session)
	workbook := publishSales(ctx, session)
	for revision, err := range session.Workbooks.Revisions(ctx, workbook.LUID) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(revision.Number, revision.Current)
	}
	info, err := session.Workbooks.DownloadRevision(ctx, workbook.LUID, 1, io.Discard, rest.DownloadOptions{})
	fmt.Println(info.FileName, err)
	// Output:
	// 1 false
	// 2 true
	// Sales.twb <nil>
}

func ExampleViewsService_All() {
	ctx := context.Background()
	session := signIn(ctx)
	publishSales(ctx, session)
	query := rest.Query{
		Filters: []rest.Filter{rest.Eq("projectName", "EMEA"), rest.In("name", "Map", "Totals")},
		Sort:    []rest.Order{rest.Desc("hitsTotal")},
	}
	for view, err := range session.Views.WithUsage().All(ctx, query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(view.Name, "seen", *view.TotalViews, "times")
	}
	// Output: Map seen 0 times
}

func ExampleViewsService_PDF() {
	ctx := context.Background()
	session := signIn(ctx)
	view := publishSales(ctx, session).Views[0]
	var file bytes.Buffer // or an *os.File
	info, err := session.Views.PDF(ctx, view.LUID, &file, rest.RenderOptions{
		Filters:     map[string][]string{"Region": {"EMEA", "Asia, Pacific"}},
		Parameters:  map[string]string{"Top N": "10"},
		PageType:    rest.PageA4,
		Orientation: rest.Landscape,
		MaxAge:      5 * time.Minute,
	})
	fmt.Println(info.ContentType, bytes.HasPrefix(file.Bytes(), []byte("%PDF")), err)
	// Output: application/pdf true <nil>
}

func ExampleCustomViewsService_SetDefaultFor() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishSales(ctx, session)
	mine, err := session.CustomViews.Publish(ctx, rest.CustomViewPublish{
		Name: "My region", WorkbookLUID: workbook.LUID, Source: strings.NewReader(definition), // what Download writes
	})
	if err != nil {
		log.Fatal(err)
	}
	results, err := session.CustomViews.SetDefaultFor(ctx, mine.LUID, session.UserLUID(), "somebody-who-has-left")
	if err != nil {
		log.Fatal(err)
	}
	for _, result := range results {
		fmt.Println(result.Success, errors.Is(result.Err(), rest.ErrNotFound))
	}
	// Output:
	// true false
	// false true
}

func ExampleSaveFile() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishSales(ctx, session)
	folder, err := os.MkdirTemp("", "backup")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	// A folder takes the file under the name that the server gives it.
	path, info, err := rest.SaveFile(folder, func(w io.Writer) (rest.DownloadInfo, error) {
		return session.Workbooks.Download(ctx, workbook.LUID, w, rest.DownloadOptions{WithoutExtract: true})
	})
	fmt.Println(filepath.Base(path), info.Size > 0, err)
	// Output: Sales.twb true <nil>
}

func ExampleViewsService_Data() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishSales(ctx, session)
	view, err := session.Views.ByName(ctx, "Map", workbook.LUID)
	if err != nil {
		log.Fatal(err)
	}
	var table bytes.Buffer
	info, err := session.Views.Data(ctx, view.LUID, &table, rest.RenderOptions{
		Filters:    map[string][]string{"Region": {"EMEA", "APAC"}},
		Parameters: map[string]string{"Currency": "EUR"},
	})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	fmt.Println(info.ContentType, len(rows) > 1, err)
	// Output: text/csv true <nil>
}

func ExampleWorkbooksService_SetTags() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishSales(ctx, session)
	if _, err := session.Workbooks.AddTags(ctx, workbook.LUID, "draft", "finance"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Workbooks.SetTags(ctx, workbook.LUID, "finance", "checked"))
	// Output: [finance checked] <nil>
}
