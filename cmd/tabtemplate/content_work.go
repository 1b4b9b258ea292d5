package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
)

// workRow is what --json prints of each thing that a verb has worked on.
type workRow struct {
	Kind       contentKind `json:"kind"`
	Name       string      `json:"name"`   // with the path of its project
	Action     string      `json:"action"` // what was done; with --dry-run what would be, such as create for created
	LUID       string      `json:"luid,omitempty"`
	ContentURL string      `json:"content_url,omitempty"`
	To         string      `json:"to,omitempty"` // the path of the copy
	ToLUID     string      `json:"to_luid,omitempty"`
	File       string      `json:"file,omitempty"`
	Bytes      int64       `json:"bytes,omitempty"` // of the file
	Job        string      `json:"job,omitempty"`   // its LUID
	Notes      []string    `json:"notes,omitempty"` // of the job, or warnings
	Error      string      `json:"error,omitempty"` // why it failed, or what is not right about what was done
}

func rowOf(c content) workRow {
	return workRow{Kind: c.kind, Name: c.path, LUID: c.luid, ContentURL: c.contentURL}
}

// each does something to each of some things; row says what became of one. One that fails does not stop the others: of several
// things it is told at once what failed, and the error is errSites; of a single one that failed JSON alone has a row.
func each[T any](ctx context.Context, a *app, things []T, do func(T, *workRow) error) (rows []workRow, err error) {
	rows = []workRow{}
	failed := false
	for _, thing := range things {
		var row workRow
		err := do(thing, &row)
		if err != nil {
			row.Action, row.Error = cmp.Or(row.Action, "failed"), oneLine(err)
			if len(things) == 1 || ctx.Err() != nil {
				if a.json {
					rows = append(rows, row)
				}
				return rows, err
			}
			failed = true
			a.explain(err)
		}
		rows = append(rows, row)
	}
	if failed {
		return rows, errSites
	}
	return rows, nil
}

// printRows prints what was done: as JSON, or a line for each thing.
func (a *app) printRows(rows []workRow, line func(workRow) string) error {
	if a.json {
		return a.printJSON(rows)
	}
	for _, row := range rows {
		if text := line(row); text != "" {
			fmt.Fprintln(a.stdout, text)
		}
	}
	return nil
}

// printTable prints what was done as JSON, or as a table with further columns.
func (a *app) printTable(rows []workRow, columns []any, cells func(workRow) []any) error {
	if a.json {
		return a.printJSON(rows)
	}
	if len(rows) == 0 {
		return nil
	}
	t := newTable(a.stdout, append([]any{"WHAT HAPPENED", "KIND", "NAME"}, columns...)...)
	for _, row := range rows {
		t.AppendRow(append(table.Row{paintWord(a.stdout, row.Action), row.Kind, row.Name}, cells(row)...))
	}
	t.Render()
	return nil
}
