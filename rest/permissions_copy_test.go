package rest

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Both sessions of these tests are on one site; a mapping that renames looks everybody up all the same.
func sameName(n GranteeName) GranteeName { return n }

// site answers with the rules of the workbook w1, with people, and with no rules on anything else.
func siteWith(rules reply, people map[string]string) func(seenRequest) reply {
	return func(r seenRequest) reply {
		line := r.line()
		switch {
		case line == "GET "+onW1:
			return rules
		case r.Method == "GET":
			for prefix, list := range people {
				if strings.HasPrefix(line, "GET "+prefix) {
					return ok(list)
				}
			}
		}
		return permissionsOf()
	}
}

func TestCopyPermissionsByName(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, siteWith(permissionsOf("user u1 Read Allow", "user u1 Write Allow", "group g1 Read Deny", "groupSet s1 Read Allow", "user u9 Read Allow", "user u1 InheritedProjectLeader Allow"), map[string]string{
		"users?filter=luid:in:[u1,u9]":           `<users><user id="u1" name="ana"><domain name="local"/></user></users>`,
		"groups?filter=luid:in:[g1]":             `<groups><group id="g1" name="R&amp;D, Ost"><domain name="local"/></group></groups>`,
		"groupsets?filter=luid:in:[s1]":          `<groupSets><groupSet id="s1" name="Both"/></groupSets>`,
		"users?filter=name:in:[ana%40x.org,u9]":  `<users><user id="u5" name="ana@x.org"><domain name="other"/></user><user id="u6" name="ana@x.org"><domain name="external"/></user></users>`,
		"groups?filter=name:eq:R%2AD%2A%20South": `<groups><group id="g5" name="R&amp;D, South"><domain name="local"/></group><group id="g6" name="R-D South"/></groups>`,
		"groupsets?filter=name:in:[Both%20here]": `<groupSets><groupSet id="s5" name="Both here"/></groupSets>`,
	}))
	mapping := &GranteeMapping{SkipUnmatched: true, Rename: func(n GranteeName) GranteeName {
		switch n.Name {
		case "ana":
			return GranteeName{Kind: "user", Name: "ana@x.org", Domain: "external"}
		case "R&D, Ost":
			n.Name = "R&D, South"
		case "Both":
			n.Name = "Both here"
		}
		return n
	}}
	for range 2 { // the second time all are known, but who is gone
		done, err := s.Workbooks.Permissions("w1").Copy(t.Context(), s.Workbooks.Permissions("w2"), mapping)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(done.Unmatched, []GranteeName{{Kind: "user", Name: "u9"}}) {
			t.Errorf("%v", done.Unmatched)
		}
		want := `<tsRequest><permissions>` +
			`<granteeCapabilities><user id="u6"/><capabilities><capability name="Read" mode="Allow"/><capability name="Write" mode="Allow"/></capabilities></granteeCapabilities>` +
			`<granteeCapabilities><group id="g5"/><capabilities><capability name="Read" mode="Deny"/></capabilities></granteeCapabilities>` +
			`<granteeCapabilities><groupSet id="s5"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`
		if got := f.last(); got.line() != "PUT workbooks/w2/permissions" || got.Body != want {
			t.Errorf("%s\n%s", got.line(), got.Body)
		}
	}
	page := "&pageNumber=1&pageSize=100"
	equal(t, "requests", f.lines(), []string{
		"GET " + onW1,
		"GET users?filter=luid:in:[u1,u9]&fields=_all_" + page,
		"GET groups?filter=luid:in:[g1]" + page,
		"GET groupsets?filter=luid:in:[s1]" + page,
		"GET users?filter=name:in:[ana%40x.org,u9]&fields=_all_" + page,
		"GET groups?filter=name:eq:R%2AD%2A%20South" + page,
		"GET groupsets?filter=name:in:[Both%20here]" + page,
		"GET workbooks/w2/permissions", "PUT workbooks/w2/permissions",
		"GET " + onW1,
		"GET users?filter=luid:in:[u9]&fields=_all_" + page,
		"GET users?filter=name:in:[u9]&fields=_all_" + page,
		"GET workbooks/w2/permissions", "PUT workbooks/w2/permissions",
	})
}

func TestCopyPermissionsFails(t *testing.T) {
	t.Parallel()
	ana := `<users><user id="u1" name="ana"><domain name="one"/></user></users>`
	for name, test := range map[string]struct {
		found string // who is called ana
		err   string
	}{
		"nobody":              {`<users/>`, `there is nobody like user "ana" of domain one`},
		"of another domain":   {`<users><user id="u5" name="ana"><domain name="two"/></user></users>`, `nobody like user "ana" of domain one`},
		"of domains not told": {`<users><user id="u6" name="ana"/><user id="u5" name="ana"/></users>`, `user "ana" is ambiguous: u5, u6`},
	} {
		// The one who is looked up by LUID is forgotten, as on another site.
		s, f := signedIn(t, siteWith(permissionsOf("user u1 Read Allow"), map[string]string{"users?filter=luid": ana}))
		other, g := signedIn(t, siteWith(reply{}, map[string]string{"users?filter=name": test.found}))
		_, err := s.Workbooks.Permissions("w1").Copy(t.Context(), other.Workbooks.Permissions("w2"), &GranteeMapping{Rename: sameName})
		errorHas(t, err, test.err)
		errorHas(t, err, `copying the permissions of workbook "w1" to workbook "w2"`)
		if len(f.lines()) != 2 || len(g.lines()) != 1 {
			t.Errorf("%s: %v %v", name, f.lines(), g.lines())
		}
		if unmatched, is := errors.AsType[*UnmatchedError](err); is && (len(unmatched.Names) != 1 || !errors.Is(err, ErrNotFound)) {
			t.Errorf("%+v", unmatched)
		}
	}
	s, f := signedIn(t, siteWith(permissionsOf("user u1 ChangeHierarchy Allow"), nil))
	_, err := s.Workbooks.Permissions("w1").Copy(t.Context(), s.Views.Permissions("v1"), nil)
	errorHas(t, err, "a view has no capability ChangeHierarchy")
	_, err = s.Workbooks.Permissions("w1").Copy(t.Context(), s.Views.Permissions(""), nil)
	errorHas(t, err, "not the LUID")
	equal(t, "requests", f.lines(), []string{"GET " + onW1, "GET views/v1/permissions"})
}

// A domain that only one side tells is no difference, and a capability of the future is copied to content of the same kind.
func TestCopyPermissionsOfNewServers(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, siteWith(permissionsOf("group g1 FlyToTheMoon Allow", "group g1 FlyToTheMoon Deny"), map[string]string{
		"groups?filter=luid": `<groups><group id="g1" name="Sales"><domain name="local"/></group></groups>`,
	}))
	other, f := signedIn(t, siteWith(reply{}, map[string]string{"groups?filter=name": `<groups><group id="g5" name="Sales"/></groups>`}))
	mapping := &GranteeMapping{Rename: sameName}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := s.Workbooks.Permissions("w1").Copy(t.Context(), other.Workbooks.Permissions("w2"), mapping)
			errorIs(t, err, nil)
		})
	}
	wg.Wait()
	want := `<tsRequest><permissions><granteeCapabilities><group id="g5"/><capabilities><capability name="FlyToTheMoon" mode="Deny"/></capabilities></granteeCapabilities></permissions></tsRequest>`
	if got := f.last(); got.Body != want {
		t.Errorf("%s", got.Body)
	}
}

// Many names go into several requests.
func TestGranteesInPortions(t *testing.T) {
	t.Parallel()
	filters := inPortions("name", append(make([]string, 45), "a,b"))
	if len(filters) != 4 || len(filters[1].values) != 20 || len(filters[3].values) != 5 {
		t.Errorf("%+v", filters)
	}
}
