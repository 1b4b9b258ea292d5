package rest

import (
	"errors"
	"strings"
	"testing"
)

// A site with projects Finance, Finance/EMEA and one whose name holds a slash, and workbooks in them.
func findable(r seenRequest) reply {
	projects := `<pagination pageNumber="1" pageSize="1000" totalAvailable="3"/><projects><project id="p1" name="Finance"/>` +
		`<project id="p2" name="EMEA" parentProjectId="p1"/><project id="p3" name="R/D"/></projects>`
	workbooks := map[string]string{
		"Sales":      `<workbook id="w1" name="Sales"><project id="p1" name="Finance"/></workbook><workbook id="w2" name="Sales"><project id="p2" name="EMEA"/></workbook>`,
		"Costs":      `<workbook id="w3" name="Costs"><project id="p2" name="EMEA"/></workbook>`,
		"Plan/2026":  `<workbook id="w4" name="Plan/2026"><project id="p3" name="R/D"/></workbook>`,
		"2026":       `<workbook id="w5" name="2026"><project id="p9" name="Plan"/></workbook>`,
		"EMEA/Costs": `<workbook id="w6" name="EMEA/Costs"><project id="p1" name="Finance"/></workbook>`,
		"Mine":       `<workbook id="w7" name="Mine"><location id="s1" type="PersonalSpace" name="Ana"/></workbook><workbook id="w8" name="Mine"><project id="p1" name="Finance"/></workbook>`,
		"A*":         `<workbook id="w9" name="A*"><project id="p1" name="Finance"/></workbook><workbook id="wA" name="Apples"><project id="p1" name="Finance"/></workbook>`,
	}
	path, site := r.line(), "GET workbooks?filter=name:eq:"
	switch name, isList := strings.CutPrefix(path, site); {
	case isList:
		name, _, _ = strings.Cut(name, "&")
		return ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="9"/><workbooks>` + workbooks[strings.NewReplacer("%2F", "/", "%2A", "*").Replace(name)] + `</workbooks>`)
	case strings.HasPrefix(path, "GET projects?"):
		return ok(projects)
	case strings.HasPrefix(path, "GET workbooks/"):
		return ok(`<workbook id="` + strings.TrimPrefix(path, "GET workbooks/") + `"><views><view id="v1"/></views></workbook>`)
	}
	return refusal("404003", "Not Found", path)
}

func TestFind(t *testing.T) {
	t.Parallel()
	const luid = "1A1b1c1d-2e2f-2a2b-3c3d-3e3f4a4b4c4d"
	for _, test := range []struct{ ref, want string }{
		{luid, luid},
		{"Costs", "w3"},
		{"Finance/Sales", "w1"},
		{"Finance/EMEA/Sales", "w2"},
		{"R/D/Plan/2026", "w4"},
		{"Plan/2026", "w4"},
		{"Finance/A*", "w9"},
	} {
		s, _ := signedIn(t, findable)
		w, err := s.Workbooks.Find(t.Context(), test.ref)
		if err != nil || w.LUID != test.want || len(w.Views) != 1 {
			t.Errorf("%s: %+v, %v", test.ref, w, err)
		}
	}
}

func TestFindNoneOrSeveral(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ref, want string
		several   bool
	}{
		{"Sales", `finding workbook "Sales": workbook "Sales" is ambiguous: w1 in project "Finance" (p1), w2 in project "Finance/EMEA" (p2)`, true},
		{"Finance/EMEA/Costs", `is ambiguous: w6 in project "Finance" (p1), w3 in project "Finance/EMEA" (p2)`, true},
		{"Mine", `is ambiguous: w7 in a personal space, w8 in project "Finance" (p1)`, true},
		{"Nothing", `finding workbook "Nothing": no workbook "Nothing"`, false},
		{"EMEA/Sales", `no workbook "EMEA/Sales"; there is w1 in project "Finance" (p1), w2 in project "Finance/EMEA" (p2)`, false},
		{"Secret/2026", `no workbook "Secret/2026"; there is w5 in project "Plan" (p9)`, false},
		{"/", `no workbook "/"`, false},
		{"", "the name is empty", false},
	} {
		s, _ := signedIn(t, findable)
		_, err := s.Workbooks.Find(t.Context(), test.ref)
		errorHas(t, err, test.want)
		if _, is := errors.AsType[*AmbiguousError](err); is != test.several {
			t.Errorf("%s: %v", test.ref, err)
		}
		if test.ref != "" && errors.Is(err, ErrNotFound) == test.several {
			t.Errorf("%s: %v", test.ref, err)
		}
	}
}

// Errors of ByName say where, by full path; without the projects their names have to do.
func TestByNameSaysWhere(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, findable)
	_, err := s.Workbooks.ByName(t.Context(), "Costs", "p1")
	errorHas(t, err, `finding workbook "Costs": no workbook "Costs" in project "Finance"; there is w3 in project "Finance/EMEA" (p2)`)
	s, _ = signedIn(t, func(r seenRequest) reply {
		if strings.HasPrefix(r.line(), "GET projects") {
			return refusal("403004", "Forbidden", "No.")
		}
		return findable(r)
	})
	_, err = s.Workbooks.ByName(t.Context(), "Costs", "p1")
	errorHas(t, err, `no workbook "Costs" in project p1; there is w3 in project "EMEA" (p2)`)
	_, err = s.Workbooks.Find(t.Context(), "Finance/Sales")
	errorIs(t, err, ErrForbidden)
}
