package rest_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

func testFlowRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := against(t, []emulator.Option{emulator.WithJobTime(time.Minute)})
		f := publishedFlow(t, s, "Clean")
		steps, err := s.Flows.OutputSteps(t.Context(), f.LUID)
		if err != nil || len(steps) != 1 || steps[0].Name != "Output" {
			t.Fatalf("%+v, %v", steps, err)
		}
		job, err := s.Flows.Run(t.Context(), f.LUID, rest.FlowRunSpec{OutputSteps: []string{steps[0].LUID}})
		if err != nil || job.Type != "RunFlow" {
			t.Fatalf("%+v, %v", job, err)
		}
		if done, err := s.Jobs.Wait(t.Context(), job.LUID); err != nil || done.Err() != nil {
			t.Errorf("%+v, %v", done, err)
		}
		second, err := s.Flows.Run(t.Context(), f.LUID, rest.FlowRunSpec{})
		if err != nil {
			t.Fatal(err)
		}
		runs := runsOf(t, s, f.LUID)
		if len(runs) != 2 || runs[job.LUID].Status != "Success" || runs[job.LUID].Progress != 100 || runs[second.LUID].Status != "Pending" {
			t.Fatalf("%+v", runs)
		}
		if err := s.Flows.CancelRun(t.Context(), runs[second.LUID].LUID); err != nil {
			t.Error(err)
		}
		if run, err := s.Flows.RunByLUID(t.Context(), runs[second.LUID].LUID); err != nil || run.Status != "Cancelled" || run.JobLUID != second.LUID {
			t.Errorf("%+v, %v", run, err)
		}
		if _, err := s.Flows.Run(t.Context(), f.LUID, rest.FlowRunSpec{OutputSteps: []string{"none"}}); !errors.Is(err, rest.ErrInvalid) {
			t.Errorf("a step that is not there: %v", err)
		}
		if _, err := s.Do(t.Context(), rest.Request{Method: http.MethodPost, Path: "tasks/flows", Body: []byte(`<tsRequest><runFlow><flow id="` + f.LUID +
			`"/></runFlow><schedule frequency="Daily"><frequencyDetails start="12:00:00" end="23:00:00"><intervals><interval hours="24"/></intervals></frequencyDetails></schedule></tsRequest>`)}); err != nil {
			t.Fatal(err)
		}
		tasks, err := s.Flows.Tasks(t.Context())
		if err != nil || len(tasks) != 1 || tasks[0].FlowLUID != f.LUID || tasks[0].FlowName != "Clean" || tasks[0].Schedule.NextRunAt.IsZero() || len(tasks[0].OutputSteps) != 1 {
			t.Fatalf("%+v, %v", tasks, err)
		}
		if task, err := s.Flows.TaskByLUID(t.Context(), tasks[0].LUID); err != nil || task.LUID != tasks[0].LUID || task.Priority == 0 {
			t.Errorf("%+v, %v", task, err)
		}
		third, err := s.Flows.RunTask(t.Context(), tasks[0].LUID)
		if err != nil || len(runsOf(t, s, f.LUID)) != 3 {
			t.Errorf("%+v, %v", third, err)
		}
	})
}

// runsOf are the runs of a flow, by their jobs.
func runsOf(t testing.TB, s *rest.Session, flowLUID string) map[string]rest.FlowRun {
	t.Helper()
	runs := map[string]rest.FlowRun{}
	for run, err := range s.Flows.Runs(t.Context(), rest.Query{Filters: []rest.Filter{rest.Eq("flowId", flowLUID)}}) {
		if err != nil {
			t.Fatal(err)
		}
		runs[run.JobLUID] = run
	}
	return runs
}
