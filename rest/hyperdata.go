package rest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A DataUpdate changes rows of a published extract whose origin is a .hyper or .parquet file ("Update Data in Published
// Live-to-Hyper Data Sources").
type DataUpdate struct {
	Actions        []HyperAction // carried out in order, all of them or none
	Source         Source        // a .hyper file with the tables that actions take rows from; nil if none does
	ConnectionLUID string        // needed if the data source has several connections

	// RequestID names the update: the server carries out one of that name once, whoever sends it again within a day, and
	// answers with the same job. "" for a name of its own, which makes the update safe to repeat within this call.
	RequestID string

	Progress func(Progress) // of the upload; called often, one call at a time; it must not block. nil for none
}

// A HyperActionKind says what a [HyperAction] does.
type HyperActionKind string

// The kinds of actions.
const (
	HyperInsert  HyperActionKind = "insert"  // adds the rows of the source table
	HyperUpdate  HyperActionKind = "update"  // changes the rows that match one of the source table
	HyperUpsert  HyperActionKind = "upsert"  // changes the rows that match one of the source table, and adds those that match none
	HyperReplace HyperActionKind = "replace" // puts the rows of the source table in the place of all others
	HyperDelete  HyperActionKind = "delete"  // removes the rows that match: one of the source table, or a constant
)

// A HyperAction is one change of a table. Columns of the two tables go together by name.
type HyperAction struct {
	Kind         HyperActionKind `json:"action"`
	SourceSchema string          `json:"source-schema,omitempty"` // may be empty if the uploaded file has one schema
	SourceTable  string          `json:"source-table,omitempty"`  // in the uploaded file
	TargetSchema string          `json:"target-schema,omitempty"` // may be empty if the published extract has one schema
	TargetTable  string          `json:"target-table"`            // in the published extract, often Extract
	Condition    *HyperCondition `json:"condition,omitempty"`     // which rows: for update, upsert and delete
}

// A HyperOperator compares two values of a [HyperCondition].
type HyperOperator string

// The operators of comparisons. Others that Tableau documents may be written as they are.
const (
	HyperEq  HyperOperator = "eq"
	HyperNeq HyperOperator = "neq"
	HyperGt  HyperOperator = "gt"
	HyperGte HyperOperator = "gte"
	HyperLt  HyperOperator = "lt"
	HyperLte HyperOperator = "lte"
)

// A HyperCondition chooses rows. It is made by [HyperColumns], [HyperConst], [HyperAnd] or [HyperOr].
type HyperCondition struct {
	Operator     HyperOperator     `json:"op"`
	TargetColumn string            `json:"target-col,omitempty"`
	SourceColumn string            `json:"source-col,omitempty"`
	Constant     *HyperConstant    `json:"const,omitempty"`
	Arguments    []*HyperCondition `json:"args,omitempty"` // of and, or
}

// A HyperConstant is a value to compare a column with.
type HyperConstant struct {
	Type  string `json:"type"` // string, boolean, integer, double or datetime
	Value any    `json:"v"`
}

// HyperColumns compares a column of the published table with one of the uploaded table.
func HyperColumns(target string, operator HyperOperator, source string) *HyperCondition {
	return &HyperCondition{Operator: operator, TargetColumn: target, SourceColumn: source}
}

// HyperConst compares a column of the published table with a constant.
func HyperConst[V string | bool | int | int64 | float64 | time.Time](target string, operator HyperOperator, value V) *HyperCondition {
	c := &HyperConstant{Value: value}
	switch v := any(value).(type) {
	case string:
		c.Type = "string"
	case bool:
		c.Type = "boolean"
	case float64:
		c.Type = "double"
	case time.Time:
		c.Type, c.Value = "datetime", v.UTC().Format(timeLayout)
	default:
		c.Type = "integer"
	}
	return &HyperCondition{Operator: operator, TargetColumn: target, Constant: c}
}

// HyperAnd holds where all of the conditions do.
func HyperAnd(conditions ...*HyperCondition) *HyperCondition {
	return &HyperCondition{Operator: "and", Arguments: conditions}
}

// HyperOr holds where one of the conditions does.
func HyperOr(conditions ...*HyperCondition) *HyperCondition {
	return &HyperCondition{Operator: "or", Arguments: conditions}
}

// UpdateData changes rows of a published extract without publishing all of it again, and returns the job that does it, to be
// waited for with [JobsService.Wait] ("Update Data in Hyper Data Source", "Update Data in Hyper Connection", API 3.13). Rows
// that actions take come from a file, which is uploaded first.
func (ds *DatasourcesService) UpdateData(ctx context.Context, luid string, u DataUpdate) (Job, error) {
	job, err := ds.updateData(ctx, luid, u)
	if err != nil {
		return Job{}, fmt.Errorf("updating the data of data source %q: %w", luid, err)
	}
	return job, nil
}

func (ds *DatasourcesService) updateData(ctx context.Context, luid string, u DataUpdate) (Job, error) {
	s, op, path := ds.content.s, "Update Data in Hyper Data Source", "/data"
	if u.ConnectionLUID != "" {
		op, path = "Update Data in Hyper Connection", "/connections/"+segments(u.ConnectionLUID)+path
	}
	q, err := ds.content.request(http.MethodPatch, op, luid, path)
	if err != nil {
		return Job{}, err
	}
	q.since = sinceHyperData
	if err := errors.Join(u.check(), s.needs(op, q.since)); err != nil { // before the upload
		return Job{}, err
	}
	body, err := json.Marshal(map[string][]HyperAction{"actions": u.Actions})
	if err != nil {
		return Job{}, err
	}
	q.body = &payload{contentType: "application/json", head: body}
	if u.RequestID == "" {
		u.RequestID = rand.Text()
	}
	q.header = http.Header{}
	q.header.Set("RequestID", u.RequestID)
	if u.Source != nil {
		id, err := s.upload(ctx, u.Source, newMeter(u.Source.Size(), u.Progress))
		if err != nil {
			return Job{}, err
		}
		q.query = "uploadSessionId=" + escapeQuery(id)
	}
	return read[Job](ctx, s, q, "job")
}

// check refuses an update that the server would refuse.
func (u DataUpdate) check() error {
	var errs []error
	if u.ConnectionLUID != "" {
		errs = append(errs, checkLUID("connection", u.ConnectionLUID))
	}
	if hasControl(u.RequestID) {
		errs = append(errs, errors.New("RequestID has a line break or another control character"))
	}
	uploaded := false
	for i, a := range u.Actions {
		if err := a.check(); err != nil {
			errs = append(errs, fmt.Errorf("action %d: %w", i+1, err))
		}
		uploaded = uploaded || a.SourceTable != ""
	}
	switch {
	case len(u.Actions) == 0:
		errs = append(errs, errors.New("there are no actions"))
	case uploaded && u.Source == nil:
		errs = append(errs, errors.New("Source is nil, and actions take rows from it"))
	case !uploaded && u.Source != nil:
		errs = append(errs, errors.New("no action takes rows from Source"))
	}
	if u.Source != nil && u.Source.Size() <= 0 {
		errs = append(errs, errors.New("the file is empty"))
	}
	return errors.Join(errs...)
}

func (a HyperAction) check() error {
	kinds := []HyperActionKind{HyperInsert, HyperUpdate, HyperUpsert, HyperReplace, HyperDelete}
	if !slices.Contains(kinds, a.Kind) {
		return fmt.Errorf("%q is none of %s", a.Kind, strings.Join(convert(kinds, func(k HyperActionKind) string { return string(k) }), ", "))
	}
	var errs []error
	if a.TargetTable == "" {
		errs = append(errs, fmt.Errorf("%s has no TargetTable", a.Kind))
	}
	if a.SourceTable == "" && a.Kind != HyperDelete {
		errs = append(errs, fmt.Errorf("%s has no SourceTable", a.Kind))
	}
	switch chooses := a.Kind != HyperInsert && a.Kind != HyperReplace; {
	case chooses && a.Condition == nil:
		errs = append(errs, fmt.Errorf("%s has no Condition", a.Kind))
	case chooses:
		errs = append(errs, a.Condition.check(a.SourceTable != ""))
	case a.Condition != nil:
		errs = append(errs, fmt.Errorf("%s takes no Condition", a.Kind))
	}
	return errors.Join(errs...)
}

// check refuses a condition that says nothing, or that compares with a table that is not there.
func (c *HyperCondition) check(hasSource bool) error {
	switch {
	case c == nil:
		return errors.New("a condition is nil")
	case c.Operator == "and" || c.Operator == "or":
		var errs []error
		if len(c.Arguments) == 0 {
			errs = append(errs, fmt.Errorf("%s has no conditions", c.Operator))
		}
		for _, argument := range c.Arguments {
			errs = append(errs, argument.check(hasSource))
		}
		return errors.Join(errs...)
	case c.Operator == "" || c.TargetColumn == "":
		return errors.New("a comparison has no operator or no column of the target table")
	case (c.SourceColumn == "") == (c.Constant == nil):
		return fmt.Errorf("the comparison of %q is with a column of the source table or with a constant", c.TargetColumn)
	case c.SourceColumn != "" && !hasSource:
		return fmt.Errorf("%q is compared with a column, and there is no SourceTable", c.TargetColumn)
	}
	return nil
}
