package rest

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

const hyperAnswer = `<job id="j1" mode="Asynchronous" type="UpdateUploadedFile" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1">` +
	`<updateUploadedFileJob><datasource id="` + wireDatasource + `" name="Orders"/><connectionLuid>c1</connectionLuid></updateUploadedFileJob></job>`

var hyperRows = []wireRow{
	{
		rows: []int{59}, name: "Update Data in Hyper Data Source: rows removed by a constant",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Datasources.UpdateData(ctx, wireDatasource, DataUpdate{
				RequestID: "my-request",
				Actions: []HyperAction{{
					Kind: HyperDelete, TargetSchema: "Extract", TargetTable: "Extract", Condition: HyperConst("Region", HyperEq, "Europe"),
				}},
			})
			if err == nil && (job.LUID != "j1" || job.Type != "UpdateUploadedFile") {
				err = fmt.Errorf("%+v", job)
			}
			return err
		},
		seen: []string{"PATCH datasources/" + wireDatasource + "/data\n\n" +
			`{"actions":[{"action":"delete","target-schema":"Extract","target-table":"Extract",` +
			`"condition":{"op":"eq","target-col":"Region","const":{"type":"string","v":"Europe"}}}]}`},
		reply: []reply{{status: 202, body: tsResponse(hyperAnswer)}},
		also: func(r seenRequest) error {
			if r.Header.Get("RequestID") != "my-request" || r.Header.Get("Content-Type") != "application/json" {
				return fmt.Errorf("the header is %v", r.Header)
			}
			return nil
		},
	},
	{
		rows: []int{60}, name: "Update Data in Hyper Connection: rows from a file",
		call: func(ctx context.Context, s *Session) error {
			day := time.Date(2026, 1, 5, 8, 0, 0, 0, time.FixedZone("", 7200))
			_, err := s.Datasources.UpdateData(ctx, wireDatasource, DataUpdate{
				ConnectionLUID: "c1",
				Source:         bytesSource("Hyper…"),
				Actions: []HyperAction{
					{Kind: HyperInsert, SourceTable: "added", TargetTable: "users"},
					{Kind: HyperUpsert, SourceTable: "changed", TargetTable: "users", Condition: HyperAnd(
						HyperColumns("id", HyperEq, "user_id"),
						HyperOr(HyperConst("day", HyperGte, day), HyperConst("n", HyperLt, 5), HyperConst("x", HyperNeq, 1.5), HyperConst("on", HyperEq, false)),
					)},
				},
			})
			return err
		},
		seen: []string{
			"POST fileUploads",
			"PUT fileUploads/7720:170fe6b1c1c7422dadff20f944d58a52-1:0?sequenceID=1\n\n" +
				"--BOUNDARY\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n\n" +
				"--BOUNDARY\nContent-Disposition: form-data; name=\"tableau_file\"; filename=\"file\"\nContent-Type: application/octet-stream\n\nHyper…\n--BOUNDARY--\n",
			"PATCH datasources/" + wireDatasource + "/connections/c1/data?uploadSessionId=7720:170fe6b1c1c7422dadff20f944d58a52-1:0\n\n" +
				`{"actions":[{"action":"insert","source-table":"added","target-table":"users"},` +
				`{"action":"upsert","source-table":"changed","target-table":"users","condition":{"op":"and","args":[` +
				`{"op":"eq","target-col":"id","source-col":"user_id"},{"op":"or","args":[` +
				`{"op":"gte","target-col":"day","const":{"type":"datetime","v":"2026-01-05T06:00:00Z"}},` +
				`{"op":"lt","target-col":"n","const":{"type":"integer","v":5}},` +
				`{"op":"neq","target-col":"x","const":{"type":"double","v":1.5}},` +
				`{"op":"eq","target-col":"on","const":{"type":"boolean","v":false}}]}]}}]}`,
		},
		reply: []reply{
			{status: 201, body: tsResponse(`<fileUpload uploadSessionId="7720:170fe6b1c1c7422dadff20f944d58a52-1:0" fileSize="0"/>`)},
			ok(`<fileUpload uploadSessionId="7720:170fe6b1c1c7422dadff20f944d58a52-1:0" fileSize="1"/>`),
			{status: 202, body: tsResponse(hyperAnswer)},
		},
	},
}

func TestUnsendableData(t *testing.T) {
	t.Parallel()
	hyper := func(u DataUpdate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error {
			_, err := s.Datasources.UpdateData(ctx, "d1", u)
			return err
		}
	}
	deleting := func(c *HyperCondition) func(context.Context, *Session) error {
		return hyper(DataUpdate{Actions: []HyperAction{{Kind: HyperDelete, TargetTable: "t", Condition: c}}})
	}
	insert := []HyperAction{{Kind: HyperInsert, SourceTable: "s", TargetTable: "t"}}
	refusedUnsent(t, Version{3, 24}, map[string]func(context.Context, *Session) error{
		`"." is not the LUID of a connection`:  hyper(DataUpdate{Actions: insert, Source: bytesSource("x"), ConnectionLUID: "."}),
		"RequestID has a line break":           hyper(DataUpdate{Actions: insert, Source: bytesSource("x"), RequestID: "a\nb"}),
		"there are no actions":                 hyper(DataUpdate{}),
		"Source is nil, and actions take rows": hyper(DataUpdate{Actions: insert}),
		"the file is empty":                    hyper(DataUpdate{Actions: insert, Source: bytesSource("")}),
		"no action takes rows from Source": hyper(DataUpdate{
			Source: bytesSource("x"), Actions: []HyperAction{{Kind: HyperDelete, TargetTable: "t", Condition: HyperConst("a", HyperEq, 1)}},
		}),
		`action 1: "truncate" is none of insert, update, upsert, replace, delete`: hyper(DataUpdate{Actions: []HyperAction{{Kind: "truncate"}}}),
		"insert has no TargetTable\ninsert has no SourceTable\ninsert takes no Condition": hyper(DataUpdate{
			Actions: []HyperAction{{Kind: HyperInsert, Condition: HyperAnd()}},
		}),
		"delete has no Condition":                              deleting(nil),
		"and has no conditions":                                deleting(HyperAnd()),
		"a condition is nil":                                   deleting(HyperOr(nil)),
		"no operator or no column":                             deleting(HyperConst("", HyperEq, 1)),
		`the comparison of "a" is with a column of the source`: deleting(HyperColumns("a", HyperEq, "")),
		`"a" is compared with a column, and there is no Sourc`: deleting(HyperOr(HyperColumns("a", HyperEq, "b"))),
	})
	refusedUnsent(t, Version{3, 12}, map[string]func(context.Context, *Session) error{
		"needs API 3.13": hyper(DataUpdate{Actions: insert, Source: bytesSource("x")}),
	})
}

// An update of rows is repeated under the same name, so that the server carries it out once.
func TestUpdateDataIsRepeatedUnderItsName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, inOrder(t, reply{status: 503}, ok(hyperAnswer)))
		_, err := s.Datasources.UpdateData(t.Context(), "d1", DataUpdate{
			Actions: []HyperAction{{Kind: HyperDelete, TargetTable: "t", Condition: HyperConst("a", HyperEq, 1)}},
		})
		sent := f.requests()
		if err != nil || len(sent) != 2 {
			t.Fatalf("%d requests, %v", len(sent), err)
		}
		if name := sent[0].Header.Get("RequestID"); name == "" || name != sent[1].Header.Get("RequestID") {
			t.Errorf("named %q and %q", name, sent[1].Header.Get("RequestID"))
		}
	})
}
