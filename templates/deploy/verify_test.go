package deploy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// verify verifies all sites, and lists what was found: a line for each template, and one for each difference.
func (w *world) verify(m *templates.Manifest) string {
	w.t.Helper()
	found := map[string]string{}
	report, err := deploy.Verify(w.t.Context(), m, deploy.Options{Client: w.client, Retries: -1}, func(v deploy.Verified) error {
		line := strings.TrimSpace(strings.Join([]string{v.Site, v.Template, string(v.Action), v.Message}, " ")) + "\n"
		for _, d := range v.Differences {
			at := d.Setting + d.Entry + d.Path
			line += fmt.Sprintf("  %s %s %q -> %q %s\n", d.Kind, at[strings.LastIndex(at, "/")+1:], d.Rendered, d.Published, d.ByServer)
		}
		if v.More > 0 {
			line += fmt.Sprintf("  and %d\n", v.More)
		}
		found[v.Site+" "+v.Template] = line
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var lines strings.Builder
	for _, s := range report.Sites {
		for _, r := range s.Results {
			lines.WriteString(found[r.Site+" "+r.Template])
		}
	}
	return lines.String()
}

// resave publishes what a template became on a site once more, under the same name, with other content.
func (w *world) resave(site string, r deploy.Result, edit func(f *documents.File) error) {
	w.t.Helper()
	s := w.session(site)
	f := open(w.t, w.download(s, r))
	if err := edit(f); err != nil {
		w.t.Fatal(err)
	}
	content, err := f.Content()
	if err != nil {
		w.t.Fatal(err)
	}
	defer content.Close()
	if f.Kind().IsWorkbook() {
		_, err = s.Workbooks.Publish(w.t.Context(), rest.WorkbookPublish{
			Name: r.Name, ProjectLUID: r.ProjectLUID, Source: content, Contents: deploy.Contents(f), Mode: rest.Overwrite,
		})
	} else {
		_, err = s.Datasources.Publish(w.t.Context(), rest.DatasourcePublish{
			Name: r.Name, ProjectLUID: r.ProjectLUID, Source: content, Contents: deploy.Contents(f), Mode: rest.Overwrite,
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// setAttr sets an attribute of the one element at a path.
func setAttr(path, name, value string) func(f *documents.File) error {
	return func(f *documents.File) error {
		el, err := f.Element(path)
		if err != nil {
			return err
		}
		return el.SetAttr(name, value)
	}
}

// What was published is the same, until the manifest changes or somebody publishes something else. Nothing is changed by
// looking.
func TestVerify(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	check(t, "before anything is published", w.verify(m), strings.NewReplacer("orders skipped", "orders missing", "sales skipped",
		"sales skipped it uses template \"orders\", which was not published here").Replace(all("skipped")))
	w.run(m)
	before := w.revisions("acme")
	check(t, "what was published", w.verify(m), all("same"))
	if w.signIns != w.signOuts {
		t.Errorf("%d sign-ins, %d sign-outs", w.signIns, w.signOuts)
	}

	changed := load(t, strings.Replace(threeSites, "globex_prod", "globex_new", 1)+twoTemplates)
	check(t, "another database on one site", w.verify(changed), strings.NewReplacer(
		"globex orders same\n", "globex orders different\n  changed @dbname \"globex_new\" -> \"globex_prod\" \n",
		"globex sales same\n", "globex sales different\n  changed @dbname \"globex_new\" -> \"globex_prod\" \n").Replace(all("same")))

	acme := w.session("acme")
	orders, err := acme.Datasources.ByName(t.Context(), "Orders", "")
	if err != nil {
		t.Fatal(err)
	}
	w.resave("acme", deploy.Result{Template: "orders", LUID: orders.LUID, Name: "Orders", ProjectLUID: orders.ProjectLUID}, func(f *documents.File) error {
		return errors.Join(setAttr("//filter[@column='[tenant]']//groupfilter[@member]", "member", `"Globex"`)(f), setAttr("//named-connection/connection", "port", "5433")(f))
	})
	check(t, "somebody published something else", w.verify(m), strings.Replace(all("same"), "acme orders same\n",
		"acme orders different\n  changed @port \"5432\" -> \"5433\" \n  changed @member \"\\\"Acme, Inc.\\\"\" -> \"\\\"Globex\\\"\" \n", 1))

	for wb, err := range w.session("initech-apac").Workbooks.All(t.Context(), rest.Query{}) {
		if err == nil {
			err = w.session("initech-apac").Workbooks.Delete(t.Context(), wb.LUID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := w.verify(m); !strings.Contains(got, "initech orders same\ninitech sales missing\n") {
		t.Errorf("somebody deleted one:\n%s", got)
	}
	before["Orders"]++ // by somebody
	if after := w.revisions("acme"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("revisions %v, want %v", after, before)
	}
}

// What a server changes on its own is told apart, and makes nothing different.
func TestVerifyServerChanges(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	report, err := deploy.Publish(t.Context(), m, w.options)
	if err != nil {
		t.Fatal(err)
	}
	location := etree.NewElement("repository-location")
	location.CreateAttr("id", "SalesforAcmeInc")
	location.CreateAttr("path", "/t/acme/workbooks")
	location.CreateAttr("revision", "1.0")
	w.resave("acme", report.Sites[0].Results[1], func(f *documents.File) error {
		root, err := f.Element("/workbook")
		if err != nil {
			return err
		}
		return errors.Join(root.SetAttr("xml:base", "https://tableau.example.com"), root.Edit(func(el *etree.Element) error {
			el.InsertChildAt(0, location)
			return nil
		}))
	})
	got := w.verify(m)
	want := "acme sales same\n  added @xml:base \"\" -> \"https://tableau.example.com\" it says which server it was saved by\n  added repository-location "
	if !strings.Contains(got, want) || strings.Contains(got, "different") {
		t.Errorf("got\n%s", got)
	}
}

// Settings besides the file are compared as far as a server shows them and the manifest has them.
func TestVerifySettings(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	const other = "create_project: true, show_tabs: true, hide_views: [Debug], description: Of all orders"
	first, second := load(t, threeSites+twoTemplates), load(t, threeSites+strings.Replace(twoTemplates, "create_project: true", other, 1))
	w.run(first)
	settings := "acme sales different\n  changed show_tabs \"true\" -> \"false\" \n  changed description \"Of all orders\" -> \"\" \n"
	if got := w.verify(second); !strings.Contains(got, settings) {
		t.Errorf("got\n%s\nwant\n%s", got, settings)
	}
	w.run(second)
	check(t, "when they are published", w.verify(second), all("same"))
	if got := w.verify(first); !strings.Contains(got, "acme sales different\n  changed show_tabs \"false\" -> \"true\" \nglobex") {
		t.Errorf("a description that the manifest does not have:\n%s", got)
	}
}

// Neither a secret nor what the same place held before is shown.
func TestVerifyShowsNoSecret(t *testing.T) {
	t.Parallel()
	env := "former-s3cret"
	manifest := threeSites + strings.NewReplacer("dbname: '${database}'", "dbname: '${env(\"DB\")}'",
		"include: ['${tenant}']", "include: ['${tenant}', '${env(\"DB\") + \"-x\"}', '${env(\"MORE\")}']").Replace(twoTemplates)
	lookup := func(name string) (string, bool) {
		if name == "MORE" {
			return env + "-more", true
		}
		return env, true
	}
	w := newAgain(t)
	w.run(load(t, manifest, templates.WithEnv(lookup)))
	env = "new-s3cret"
	got := w.verify(load(t, manifest, templates.WithEnv(lookup)))
	if strings.Contains(got, "s3cret") || strings.Count(got, "different") != 6 || !strings.Contains(got, "changed named-connection \"redacted\" -> \"redacted\"") {
		t.Errorf("got\n%s", got)
	}
}

// A site that fails stops no other. What cannot be read is a failure, not a difference.
func TestVerifyFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newAgain(t)
		m := load(t, threeSites+twoTemplates)
		w.run(m)
		cut := &emulator.Answer{Status: 200, Body: "<workbook", Header: map[string]string{"Content-Type": "application/xml"}}
		for _, fault := range []emulator.Fault{
			{Method: "GET", Path: "/sites/*/datasources/*/content", Call: 1, Answer: emulator.Refusal(403000, "You may not.")},
			{Method: "GET", Path: "/sites/*/workbooks/*/content", Call: 1, Answer: cut},
		} {
			if err := w.server.AddFault(fault); err != nil {
				t.Fatal(err)
			}
		}
		got := w.verify(m)
		if strings.Count(got, "same") != 4 || strings.Count(got, "failed") != 2 || !strings.Contains(got, "failed reading what is published: ") || !strings.Contains(got, "You may not.") {
			t.Errorf("got\n%s", got)
		}
		full := errors.New("no space left on device")
		calls := 0
		_, err := deploy.Verify(t.Context(), m, deploy.Options{Client: w.client, Jobs: 1}, func(deploy.Verified) error { calls++; return full })
		if !errors.Is(err, full) || calls > 2 {
			t.Errorf("%v after %d calls", err, calls)
		}
	})
}

// Very many differences are counted, and some are told.
func TestVerifyVeryDifferent(t *testing.T) {
	t.Parallel()
	w := newAgain(t)
	m := load(t, threeSites+twoTemplates)
	report, err := deploy.Publish(t.Context(), m, w.options)
	if err != nil {
		t.Fatal(err)
	}
	w.resave("acme", report.Sites[0].Results[0], func(f *documents.File) error {
		root, err := f.Element("/datasource")
		if err != nil {
			return err
		}
		return root.Edit(func(el *etree.Element) error {
			for i := range 150 {
				el.CreateElement("column").CreateAttr("name", fmt.Sprintf("[x%d]", i))
			}
			el.CreateElement("column").CreateAttr("name", strings.Repeat("ü", 3000))
			return nil
		})
	})
	var found deploy.Verified
	_, err = deploy.Verify(t.Context(), m, deploy.Options{Client: w.client}, func(v deploy.Verified) error {
		if v.Site == "acme" && v.Template == "orders" {
			found = v
		}
		return nil
	})
	if err != nil || len(found.Differences) != 100 || found.More != 51 || found.Action != deploy.Different {
		t.Errorf("%v, %s with %d differences and %d more", err, found.Action, len(found.Differences), found.More)
	}
}
