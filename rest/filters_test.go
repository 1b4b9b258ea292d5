package rest_test

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

// What the server cannot filter is finished here, also by fields that a list leaves out and that were not asked for.
func TestFilteringByWhatIsNotListed(t *testing.T) {
	t.Parallel()
	ana, _ := twoUsers(t)
	w := publishedTo(t, ana, "Sales, EMEA", "Big, bad & ugly")
	publishedTo(t, ana, "Sales; EMEA", "Big; bad & ugly")
	ctx := t.Context()
	by := func(filters ...rest.Filter) rest.Query { return rest.Query{Filters: filters} }

	views := listed(t, ana.Views.All(ctx, by(rest.Eq("projectName", "Sales, EMEA"), rest.Eq("workbookName", "Big, bad & ugly"))))
	printsAs(t, "views", len(views), 2)
	for _, v := range views {
		printsAs(t, "a view", []string{v.ProjectLUID, v.ProjectName, v.WorkbookLUID, v.WorkbookName}, []string{w.ProjectLUID, w.ProjectName, w.LUID, w.Name})
	}
	few := by(rest.Eq("name", "Big, bad & ugly"), rest.In("ownerName", "ana", "b,en"))
	few.Fields = []string{"createdAt"}
	workbooks := listed(t, ana.Workbooks.All(ctx, few))
	if len(workbooks) != 1 || workbooks[0].LUID != w.LUID || workbooks[0].ContentURL != "" {
		t.Errorf("workbooks %+v", workbooks)
	}
	for what, test := range map[string]struct{ got, want int }{
		"groups by size":      {count(t, ana.Groups.All(ctx, by(rest.Gte("userCount", "1"), rest.Lte("userCount", "9")))), 1},
		"users by full name":  {count(t, ana.Users.All(ctx, by(rest.In("friendlyName", "a,na", "ana")))), 1},
		"workbooks by sheets": {count(t, ana.Workbooks.All(ctx, by(rest.Gte("sheetCount", "2"), rest.Lte("sheetCount", "2")))), 2},
		"projects by owner":   {count(t, ana.Projects.All(ctx, by(rest.In("ownerName", "ana", "b,en"), rest.Eq("name", "Sales, EMEA")))), 1},
		"workbooks by tags":   {count(t, ana.Workbooks.All(ctx, by(rest.In("tags", "a,b")))), 0},
	} {
		printsAs(t, what, test.got, test.want)
	}
	// What no object of the list tells is refused before anything is sent, whatever is there.
	var last error
	for _, err := range ana.Views.All(ctx, by(rest.Eq("name", "none"), rest.Eq("ownerEmail", "a,b"))) {
		last = err
	}
	if last == nil {
		t.Error("views by what they do not tell")
	}
}

// A sort or a choice of fields that no object of the list has is refused before anything is sent.
func TestWhatNoListHas(t *testing.T) {
	t.Parallel()
	s := against(t, nil)
	refused := func(q rest.Query, want string) {
		t.Helper()
		var last error
		for _, err := range s.Workbooks.All(t.Context(), q) {
			last = err
		}
		if _, sent := errors.AsType[*rest.Error](last); last == nil || sent != q.Unchecked || !strings.Contains(last.Error(), want) {
			t.Errorf("%+v: %v", q, last)
		}
	}
	for _, q := range []rest.Query{
		{Sort: []rest.Order{rest.Asc("named")}}, {Fields: []string{"named"}}, {Fields: []string{"_default_", "owned.name"}}, {Fields: []string{"workbook.named"}},
	} {
		refused(q, "updatedAt")
		q.Unchecked = true
		refused(q, "400065")
	}
	for _, q := range []rest.Query{
		{Sort: []rest.Order{rest.Asc("projectName"), rest.Desc("size")}, Fields: []string{"_default_", "owner._all_", "workbook.sheetCount", "tags"}},
		{Fields: []string{"name"}},
	} {
		listed(t, s.Workbooks.All(t.Context(), q))
	}
}

func count[T any](t *testing.T, items iter.Seq2[T, error]) int {
	t.Helper()
	return len(listed(t, items))
}
