package rest

import (
	"context"
	"fmt"
	"testing"
	"time"
)

var flowRunRows = []wireRow{
	{
		rows: []int{166}, name: "Run Flow Now",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Flows.Run(ctx, wireFlow, FlowRunSpec{
				Incremental: true, OutputSteps: []string{"o1"},
				Parameters: []FlowParameterValue{{LUID: "m1", Value: "R&D"}, {LUID: "m2"}},
			})
			if err == nil && (job.LUID != "d1b2ccd0-6dfa-444a-aee4-723dbd6b7c9d" || job.Type != "RunFlow") {
				err = fmt.Errorf("%+v", job)
			}
			if err == nil {
				_, err = s.Flows.Run(ctx, wireFlow, FlowRunSpec{})
			}
			return err
		},
		seen: []string{
			"POST flows/" + wireFlow + "/run\n\n" + `<tsRequest><flowRunSpec flowId="` + wireFlow + `" runMode="incremental">` +
				`<flowOutputSteps><flowOutputStep id="o1"/></flowOutputSteps><flowParameterSpecs><flowParameterSpec parameterId="m1" overrideValue="R&amp;D"/>` +
				`<flowParameterSpec parameterId="m2" overrideValue=""/></flowParameterSpecs></flowRunSpec></tsRequest>`,
			"POST flows/" + wireFlow + "/run\n\n" + `<tsRequest><flowRunSpec flowId="` + wireFlow + `" runMode="full"/></tsRequest>`,
		},
		reply: []reply{ok(`<job id="d1b2ccd0-6dfa-444a-aee4-723dbd6b7c9d" mode="Asynchronous" type="RunFlow" createdAt="2018-05-22T13:00:29Z">` +
			`<runFlowJobType flowRunId="e0c3067f-2333-4eee-8028-e0a56ca496f6"><flow id="` + wireFlow + `" name="FlowOne"/></runFlowJobType></job>`)},
	},
	{
		rows: []int{167, 168, 169}, name: "flow runs; the list comes without pagination",
		call: func(ctx context.Context, s *Session) error {
			listed, err := Collect(s.Flows.Runs(ctx, Query{PageSize: 2, Filters: []Filter{Eq("flowId", "f1")}}))
			if err != nil || len(listed) != 3 {
				return fmt.Errorf("%+v, %w", listed, err)
			}
			want := FlowRun{
				LUID: "r1", FlowLUID: "f1", Status: "Success", Progress: 100, JobLUID: "j1",
				StartedAt: time.Date(2021, 2, 11, 1, 42, 55, 0, time.UTC), CompletedAt: time.Date(2021, 2, 11, 1, 57, 38, 0, time.UTC),
			}
			if err := differs(listed[0], nil, want); err != nil {
				return err
			}
			one, err := s.Flows.RunByLUID(ctx, "r1")
			if err := differs(one, err, FlowRun{LUID: "r1", Status: "Pending"}); err != nil {
				return err
			}
			return s.Flows.CancelRun(ctx, "r1")
		},
		seen: []string{
			"GET flows/runs?filter=flowId:eq:f1&pageNumber=1&pageSize=2", "GET flows/runs?filter=flowId:eq:f1&pageNumber=2&pageSize=2",
			"GET flows/runs/r1", "PUT flows/runs/r1",
		},
		reply: []reply{
			ok(`<flowRuns><flowRuns id="r1" flowId="f1" status="Success" startedAt="2021-02-11T01:42:55Z" completedAt="2021-02-11T01:57:38Z" ` +
				`progress="100" backgroundJobId="j1"/><flowRuns id="r2"/></flowRuns>`),
			ok(`<flowRuns><flowRuns id="r3"/></flowRuns>`),
			ok(`<flowRun id="r1" status="Pending"/>`),
			{status: 200},
		},
	},
	{
		rows: []int{167}, name: "Get Flow Runs, of which there are none",
		call: func(ctx context.Context, s *Session) error {
			listed, err := Collect(s.Flows.Runs(ctx, Query{}))
			return differs(listed, err, []FlowRun(nil))
		},
		seen:  []string{"GET flows/runs?pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<flowRuns/>`)},
	},
	{
		rows: []int{170, 171, 172}, name: "flow run tasks",
		call: func(ctx context.Context, s *Session) error {
			want := FlowTask{
				LUID: "t1", Priority: 50, ConsecutiveFailures: 2, Type: "RunFlowTask",
				Schedule: Schedule{LUID: "h1", Name: "Noons", NextRunAt: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}, FlowLUID: "f1", FlowName: "Clean", OutputSteps: []FlowOutputStep{{"o1", "Output"}},
			}
			listed, err := s.Flows.Tasks(ctx)
			if err := differs(listed, err, []FlowTask{want}); err != nil {
				return err
			}
			one, err := s.Flows.TaskByLUID(ctx, "t1")
			if err := differs(one, err, want); err != nil {
				return err
			}
			_, err = s.Flows.RunTask(ctx, "t1")
			return err
		},
		seen:  []string{"GET tasks/runFlow", "GET tasks/runFlow/t1", "POST tasks/runFlow/t1/runNow\n\n<tsRequest/>"},
		reply: []reply{ok(`<tasks>` + flowTaskAnswer + `</tasks>`), ok(flowTaskAnswer), ok(`<job id="j1" type="RunFlow"/>`)},
	},
	{
		rows: []int{157}, name: "the output steps of a flow",
		call: func(ctx context.Context, s *Session) error {
			steps, err := s.Flows.OutputSteps(ctx, wireFlow)
			return differs(steps, err, []FlowOutputStep{{"o1", "Output"}})
		},
		seen:  []string{"GET flows/" + wireFlow},
		reply: []reply{ok(flowAnswer + `<flowOutputSteps><flowOutputStep id="o1" name="Output"/></flowOutputSteps>`)},
	},
}

const flowTaskAnswer = `<task><flowRun id="t1" priority="50" consecutiveFailedCount="2" type="RunFlowTask"><schedule id="h1" name="Noons" nextRunAt="2026-03-03T12:00:00Z"/>` +
	`<flow id="f1" name="Clean"/><flowRunSpec flowId="f1"><flowOutputSteps><flowOutputStep id="o1" name="Output"/></flowOutputSteps></flowRunSpec></flowRun></task>`

func TestUnsendableFlowRuns(t *testing.T) {
	t.Parallel()
	refusedUnsent(t, newestKnown, map[string]func(context.Context, *Session) error{
		`"" is not the LUID of a flow run`: func(ctx context.Context, s *Session) error { return s.Flows.CancelRun(ctx, "") },
		`"" is not the LUID of a flow run task`: func(ctx context.Context, s *Session) error {
			_, err := s.Flows.RunTask(ctx, "")
			return err
		},
	})
}

// A run whose answer is lost is not asked for again.
func TestFlowRunIsSentOnce(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, reply{status: 502}, reply{status: 504}))
	_, err := s.Flows.Run(t.Context(), "f1", FlowRunSpec{})
	errorIs(t, err, ErrOutcomeUnknown)
	_, err = s.Flows.RunTask(t.Context(), "t1")
	errorIs(t, err, ErrOutcomeUnknown)
	equal(t, "requests", f.lines(), []string{"POST flows/f1/run", "POST tasks/runFlow/t1/runNow"})
}
