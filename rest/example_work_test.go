package rest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// publishExtract publishes a workbook with an extract and a view.
func publishExtract(ctx context.Context, session *rest.Session) rest.Workbook {
	project, err := session.Projects.EnsurePath(ctx, "Dashboards")
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Regional", ProjectLUID: project.LUID, Source: strings.NewReader(extractTemplate),
	})
	if err != nil {
		log.Fatal(err)
	}
	return workbook
}

func ExampleSchedulesService_Create() {
	ctx := context.Background()
	session := signIn(ctx)
	schedule, err := session.Schedules.Create(ctx, rest.ScheduleCreate{
		Name: "Working hours", Type: rest.ExtractSchedule, Priority: 20,
		Frequency: rest.EveryHours(2, "08:00", "18:00"),
	})
	fmt.Println(schedule.Name, schedule.Kind, schedule.Intervals, schedule.State, err)

	_, err = session.Schedules.Create(ctx, rest.ScheduleCreate{
		Name: "Often", Type: rest.ExtractSchedule, Frequency: rest.EveryMinutes(15, "08:30", "18:00"),
	})
	fmt.Println(err)
	// Output:
	// Working hours Hourly [2 hours] Active <nil>
	// creating schedule "Often": frequency: what runs every 15 minutes starts and ends on the hour
}

func ExampleSchedulesService_RunNow() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishExtract(ctx, session)
	schedule, err := session.Schedules.ByName(ctx, "Weeknights")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := session.Schedules.AddWorkbook(ctx, schedule.LUID, workbook.LUID, rest.RefreshOptions{}); err != nil {
		log.Fatal(err)
	}

	runs, err := session.Schedules.RunNow(ctx, schedule.LUID)
	if err != nil {
		log.Print(err) // some tasks could not be started; wait for the others
	}
	var luids []string
	for _, run := range runs {
		if run.Err == nil {
			luids = append(luids, run.Job.LUID)
		}
	}
	jobs, err := session.Jobs.WaitAll(ctx, luids...)
	if err != nil {
		log.Fatal(err)
	}
	for _, job := range jobs {
		fmt.Println(job.WorkbookName, job.FinishCode == rest.FinishSuccess, job.Err())
	}
	// Output: Regional true <nil>
}

func ExampleJobsService_Wait() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishExtract(ctx, session)
	schedule, err := session.Schedules.ByName(ctx, "Weeknights")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := session.Schedules.AddWorkbook(ctx, schedule.LUID, workbook.LUID, rest.RefreshOptions{}); err != nil {
		log.Fatal(err)
	}
	tasks, err := session.Tasks.ByContent(ctx, workbook.LUID)
	if err != nil {
		log.Fatal(err)
	}
	started, err := session.Tasks.RunNow(ctx, tasks[0].LUID)
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	job, err := session.Jobs.Wait(ctx, started.LUID)
	if err == nil {
		err = job.Err() // how the job ended
	}
	if failed, ok := errors.AsType[*rest.JobError](err); ok {
		fmt.Println(failed.Job.Notes())
	}
	fmt.Println(job.Type, job.Progress, err)
	// Output: RefreshExtract 100 <nil>
}

func ExampleSubscriptionsService_Create() {
	ctx := context.Background()
	session := signIn(ctx)
	workbook := publishExtract(ctx, session)
	mondays, err := session.Schedules.ByName(ctx, "Mondays")
	if err != nil {
		log.Fatal(err)
	}
	subscription, err := session.Subscriptions.Create(ctx, rest.SubscriptionCreate{
		Subject:      "Monday numbers",
		ContentType:  rest.SubscribedView,
		ContentLUID:  workbook.Views[0].LUID,
		ScheduleLUID: mondays.LUID,
		UserLUID:     session.UserLUID(),
		AttachPDF:    true,
		PageSize:     "A4",
	})
	fmt.Println(subscription.Subject, subscription.ContentName, subscription.Schedule.Name, err)
	// Output: Monday numbers Map Mondays <nil>
}

func ExampleMetadataService_Query() {
	ctx := context.Background()
	session := signIn(ctx)
	publishExtract(ctx, session)
	var data struct {
		Workbooks []struct {
			Name                string
			EmbeddedDatasources []struct{ Name string }
		}
	}
	const query = `query ($name: String) {
		workbooks(filter: {name: $name}) { name embeddedDatasources { name } }
	}`
	err := session.Metadata.Query(ctx, query, map[string]any{"name": "Regional"}, &data)
	for _, workbook := range data.Workbooks {
		fmt.Println(workbook.Name, workbook.EmbeddedDatasources)
	}
	fmt.Println(err)
	// Output:
	// Regional [{Orders}]
	// <nil>
}

func ExampleMetadataNodes() {
	ctx := context.Background()
	session := signIn(ctx)
	publishExtract(ctx, session)
	const query = `query ($first: Int, $after: String) {
		workbooksConnection(first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
	}`
	type workbook struct{ Name string }
	for w, err := range rest.MetadataNodes[workbook](ctx, session.Metadata, query, nil, "workbooksConnection") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(w.Name)
	}
	// Output: Regional
}

func ExampleWebhooksService_Create() {
	ctx := context.Background()
	session := signIn(ctx)
	webhook, err := session.Webhooks.Create(ctx, rest.WebhookCreate{
		Name: "Tell the wiki", Event: rest.WorkbookUpdated, URL: "https://wiki.example.com/hooks/tableau",
	})
	fmt.Println(webhook.Name, webhook.Enabled, err)
	// Output: Tell the wiki true <nil>
}
