package templates

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// publishing is a manifest with settings of a workbook, one a line from line 9 on.
func publishing(settings string) string {
	return `version: 1
server: {url: "https://new.example.com"}
vars: {region: EMEA, day: Sunday, words: [a, b], nothing: [], db: {port: 5432}}
sites: {acme: , lab: {vars: {region: TEST, day: Sonntag, words: [c], db: {port: 5433}}}}
templates:
  sales:
    file: sales.twb
    publish:
` + settings + `
      as: Sales
    edits: [{published: Orders, to: Orders}, {connection: {class: postgres}, set: {port: '${db.port}'}}]
`
}

func settingsOn(t *testing.T, m *Manifest, site string) Publish {
	t.Helper()
	p, err := m.templates[0].Publish(m.byKey[site])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		settings  string
		acme, lab Publish
	}{
		{"      {}", Publish{}, Publish{}},
		{
			"      tags: [managed, '${region}', 'a b']\n      owner: 'ana@${lower(region)}.example.com'\n      description: |\n        Two\n        lines",
			Publish{Tags: []string{"managed", "EMEA", "a b"}, Owner: "ana@emea.example.com", Description: "Two\nlines\n"},
			Publish{Tags: []string{"managed", "TEST", "a b"}, Owner: "ana@test.example.com", Description: "Two\nlines\n"},
		},
		{"      tags: '${words}'", Publish{Tags: []string{"a", "b"}}, Publish{Tags: []string{"c"}}},
		{"      tags: '${nothing}'\n      hide_views: '${filter([\" Map\"], region == \"EMEA\")}'", Publish{HideViews: []string{" Map"}}, Publish{}},
		{"      refresh_extracts: true", Publish{Refresh: RefreshStart}, Publish{Refresh: RefreshStart}},
		{"      refresh_extracts: false", Publish{}, Publish{}},
		{"      refresh_extracts: '${region == \"EMEA\" ? \"wait\" : true}'", Publish{Refresh: RefreshWait}, Publish{Refresh: RefreshStart}},
		{
			"      permissions:\n        exact: '${region == \"EMEA\"}'\n        rules:\n" +
				"          - {group: '${region} Viewers', role: Viewer, deny: [ExportImage]}\n" +
				"          - {user: 'example.com\\ana', allow: [Read, Filter], deny: [ExportData]}\n" +
				"          - {group: Testers, allow: '${words}', when: region == \"TEST\"}",
			Publish{Permissions: &Permissions{Exact: true, Rules: []PermissionRule{
				{Group: "EMEA Viewers", Role: "Viewer", Deny: []string{"ExportImage"}}, {User: `example.com\ana`, Allow: []string{"Read", "Filter"}, Deny: []string{"ExportData"}},
			}}},
			Publish{Permissions: &Permissions{Rules: []PermissionRule{
				{Group: "TEST Viewers", Role: "Viewer", Deny: []string{"ExportImage"}},
				{User: `example.com\ana`, Allow: []string{"Read", "Filter"}, Deny: []string{"ExportData"}},
				{Group: "Testers", Allow: []string{"c"}},
			}}},
		},
		{
			// That no rule is for a site does not take everything from everybody.
			"      permissions: {exact: true, rules: [{group: A, role: Viewer, when: region == \"TEST\"}]}",
			Publish{},
			Publish{Permissions: &Permissions{Exact: true, Rules: []PermissionRule{{Group: "A", Role: "Viewer"}}}},
		},
		{
			"      schedules:\n        - {name: Nightly, incremental: true}\n        - {name: Weekly, when: region == \"TEST\"}\n" +
				"        - {frequency: Daily, start: 05:30}\n        - {frequency: Hourly, start: '06:00', end: 18:00:00, hours: 2, week_days: [Monday, Friday]}\n" +
				"        - {frequency: Monthly, start: '05:30', month_days: [1, '15', LastDay]}",
			Publish{Schedules: []Schedule{
				{Name: "Nightly", Incremental: true},
				{Times: &Times{Frequency: "Daily", Start: "05:30"}},
				{Times: &Times{Frequency: "Hourly", Start: "06:00", End: "18:00:00", Hours: 2, WeekDays: []string{"Monday", "Friday"}}},
				{Times: &Times{Frequency: "Monthly", Start: "05:30", MonthDays: []string{"1", "15", "LastDay"}}},
			}},
			Publish{Schedules: []Schedule{
				{Name: "Nightly", Incremental: true},
				{Name: "Weekly"},
				{Times: &Times{Frequency: "Daily", Start: "05:30"}},
				{Times: &Times{Frequency: "Hourly", Start: "06:00", End: "18:00:00", Hours: 2, WeekDays: []string{"Monday", "Friday"}}},
				{Times: &Times{Frequency: "Monthly", Start: "05:30", MonthDays: []string{"1", "15", "LastDay"}}},
			}},
		},
	} {
		t.Run(test.settings, func(t *testing.T) {
			t.Parallel()
			m, err := Load(inFolder(t, strings.Replace(publishing(test.settings), "      {}\n", "", 1)))
			if err != nil {
				t.Fatal(err)
			}
			for site, want := range map[string]Publish{"acme": test.acme, "lab": test.lab} {
				want.Name = "Sales"
				if diff := cmp.Diff(want, settingsOn(t, m, site)); diff != "" {
					t.Errorf("on %s (-want +got):\n%s", site, diff)
				}
			}
		})
	}
}

func TestSettingsProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ settings, want string }{
		{"tags: managed", "13: tags must be a list, not text\n\twrite tags: ['managed']\n"},
		{"tags: []", "13: tags must not be empty\n"},
		{"tags: [2024, ~]", "14: a value of tags must be text, not a number\n\tput it in quotes\n" +
			"20: a value of tags must be text, not null\n\tput it in quotes\n"},
		{"tags: [a, '${region}', '${region}', ' b', '']", "30: tags has \"EMEA\" twice (site acme)\n30: tags has \"TEST\" twice (site lab)\n" +
			"43: \" b\" in tags begins or ends with a space\n49: \"\" in tags is empty\n"},
		{"tags: '${region}'", "13: tags must be a list, not text\n\twrite tags: ['${region}']\n"},
		{"tags: '${[words]}'", "13: a value of tags must be text, not a list\n"},
		{"tags: ['${env(\"A\")}']", "17: what env, file and secret return is secret, and a value of tags is not\n"},
		{"hide_views: ['']", "20: \"\" in hide_views is empty\n"},
		{"owner: ' ana'", "14: owner \" ana\" begins or ends with a space\n"},
		{"owner: \"a\\tb\"", "14: owner \"a\\tb\" has a control character\n"},
		{"owner: '${region == \"TEST\" ? \"\" : \"ana\"}'", "14: owner \"\" is empty (site lab)\n"},
		{"owner: '${file(\"x\")}'", "17: what env, file and secret return is secret, and owner is not\n"},
		{"refresh_extracts: later", "25: refresh_extracts must be true, false or wait\n\twait goes on when the refresh is done, true at once\n"},
		{"refresh_extracts: '${db}'", "25: refresh_extracts must be true, false or wait\n\twait goes on when the refresh is done, true at once\n"},
		{"permissions: [{group: A, role: Viewer}]", "20: permissions must be a mapping, not a list\n"},
		{"permissions: {exact: true}", "20: permissions has no rules\n"},
		{"permissions: {rules: []}", "28: rules must not be empty\n"},
		{
			"permissions: {rules: [{group: A, user: b, role: Viewer}, {role: Viewer}, {groop: A}]}",
			"29: a rule of permissions must have a group or a user, not both\n" +
				"64: a rule of permissions must have a group or a user\n" +
				"80: a rule of permissions must have at least one of role, allow, deny\n" +
				"81: unknown key \"groop\" in a rule of permissions\n\tdid you mean \"group\"?\n",
		},
		{
			"permissions: {rules: [{group: EMEA, role: Viewer}, {user: EMEA, role: Viewer}, {group: '${lower(region)}', allow: [Read]}]}",
			"86: there is a rule for group emea already (site acme)\n\tmake one rule of the two\n",
		},
		{
			"permissions: {rules: [{group: A, allow: [Read, Read, ''], deny: [Write]}, {group: B, allow: [Read], deny: [Write, Read]}]}",
			"54: allow has \"Read\" twice\n60: \"\" in allow is empty\n81: group B is allowed and denied Read\n",
		},
		{
			"permissions: {rules: [{user: b, allow: '${nothing}'}]}",
			"29: the rule for user b neither allows nor denies anything\n\tleave the rule out there with a `when`\n",
		},
		{"schedules: Nightly", "18: schedules must be a list, not text\n\twrite schedules: ['Nightly']\n"},
		{"schedules: [Nightly]", "19: a schedule must be a mapping, not text\n"},
		{
			"schedules: [{name: A, frequency: Daily, start: '05:30'}, {incremental: true}]",
			"19: a schedule must have a name or a frequency, not both\n19: a schedule with a name has no start\n\ta schedule of the server has its own times\n" +
				"64: a schedule must have a name or a frequency\n",
		},
		{
			"schedules: [{name: Nightly}, {name: 'nightly'}, {frequency: Daily, start: '05:30'}, {frequency: Daily, start: '05:30', incremental: true}]",
			"36: there are two schedules for the same times\n91: there are two schedules for the same times\n",
		},
		{
			"schedules: [{frequency: daily, start: '5:30'}, {frequency: Yearly, start: '24:00', end: 18}, {frequency: Daily}]",
			"31: unknown frequency \"daily\"\n\tdid you mean \"Daily\"?\n" +
				"45: start \"5:30\" is not a time of the day\n\twrite hours and minutes with two digits each: 05:30\n" +
				"66: unknown frequency \"Yearly\"\n\tknown here: Daily, Hourly, Monthly, Weekly\n" +
				"81: start \"24:00\" is not a time of the day\n\twrite hours and minutes with two digits each: 05:30\n" +
				"95: end must be text, not a number\n\tput it in quotes\n" +
				"100: a schedule with a frequency has no start\n",
		},
		{
			"schedules: [{frequency: Hourly, start: '05:30', hours: 1.5}, {frequency: Hourly, start: '05:30', hours: 0}]",
			"62: hours must be a whole number from 1 to 24\n111: hours must be a whole number from 1 to 24\n",
		},
		{
			"schedules: [{frequency: Weekly, start: '05:30', week_days: ['${day}', Munday]}, {frequency: Monthly, start: '05:30', month_days: [0, 32, lastday, 07a]}]",
			"67: \"Sonntag\" in week_days is no day of the week: there are Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday (site lab)\n" +
				"77: \"Munday\" in week_days is no day of the week: the nearest is Monday\n" +
				"137: \"0\" in month_days is no day of a month: there are 1 to 31 and LastDay\n" +
				"140: \"32\" in month_days is no day of a month: there are 1 to 31 and LastDay\n" +
				"144: \"lastday\" in month_days is no day of a month: there are 1 to 31 and LastDay\n" +
				"153: \"07a\" in month_days is no day of a month: there are 1 to 31 and LastDay\n",
		},
		{
			"schedules: [{name: A, when: regoin == 1}, {name: '', when: region == \"TEST\"}]",
			"35: undefined var \"regoin\"\n\tdid you mean \"region\"?\n56: name \"\" is empty (site lab)\n",
		},
		{"credentials: []", "20: credentials must not be empty\n"},
		{
			"credentials: [{connection: {clas: postgres}, user: a}]",
			"21: a credential without oauth has no password\n35: unknown key \"clas\" in connection\n\tdid you mean \"class\"?\n",
		},
		{
			"credentials: [{user: a, password: b}, {connection: {}, oauth: true, password: b}]",
			"21: a credential has no connection\n45: a credential has no user\n85: a credential with oauth has no password: the one that was saved is used\n",
		},
		{
			"credentials: [{connection: {class: '${\"\"}'}, user: '', password: '', embed: yes}]",
			"42: class must not be empty\n58: user must not be empty\n72: password must not be empty\n83: embed must be true or false, not text\n",
		},
		{
			"credentials: [{connection: {}, user: a, password: b, oauth: true}, {connection: {}, user: a, oauth: '${region == \"EMEA\"}'}]",
			"57: a credential with oauth has no password: the one that was saved is used\n74: a credential without oauth has no password (site lab)\n",
		},
		{
			"credentials: [{connection: {server: '${nope}'}, user: '${env(\"A\") + nope}', password: '${env(nope)}', when: env(\"A\") == \"\"}]",
			"46: undefined var \"nope\"\n\tknown here: day, db, nothing, region, site, words\n" +
				"75: undefined var \"nope\"\n\tknown here: day, db, nothing, region, site, words\n" +
				"100: undefined var \"nope\"\n\tknown here: day, db, nothing, region, site, words\n" +
				"115: what env, file and secret return is secret, and when is not\n",
		},
	} {
		t.Run(test.settings, func(t *testing.T) {
			t.Parallel()
			got := problems(t, publishing("      "+test.settings), noSecrets(t))
			got = strings.ReplaceAll(got, "m.yaml:9:", "") // all of them are there
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// A server tells connections apart by their address alone.
func TestCredentialsOfOneAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ credentials, want, warning string }{
		{"{connection: {class: mysql}, user: a, password: b}", "redacted:5432", "of data source \"Facts\" gets the credential of mysql"},
		{"{connection: {class: postgres}, user: a, password: b}", "redacted:", "of data source \"More\" gets the credential of postgres"},
		{"{connection: {}, user: a, password: b}", "redacted: redacted:5432", ""},
		{"{connection: {class: mysql}, user: a, password: b}, {connection: {class: postgres}, user: a, password: c}", "", "which differs"},
	} {
		m, r := load(t, strings.Replace(publishing("      credentials: ["+test.credentials+"]"), "{connection: {class: postgres}, set: {port: '${db.port}'}}",
			"{connection: {class: mysql}, set: {server: '${env(\"HOST\")}', port: '5432'}}, {connection: {class: postgres}, set: {server: '${upper(env(\"HOST\"))}'}, remove: [port]}", 1),
			WithEnv(func(string) (string, bool) { return "host7", true }))
		rendering, err := r.Render(m.byKey["acme"], m.templates[0], nil)
		if err != nil {
			if test.want != "" || !strings.Contains(err.Error(), test.warning) || strings.Contains(strings.ToLower(err.Error()), "host7") {
				t.Errorf("%s: %v", test.credentials, err)
			}
			continue
		}
		var got []string
		for _, c := range rendering.Credentials {
			got = append(got, m.Mask(c.Server)+":"+c.Port)
		}
		warnings := strings.Join(rendering.told(), "\n")
		if strings.Join(got, " ") != test.want || strings.Contains(warnings, "host7") || test.warning != "" && !strings.Contains(warnings, test.warning) ||
			test.warning == "" && warnings != "" {
			t.Errorf("%s: got %q, warned of %s", test.credentials, got, warnings)
		}
	}
}

// noSecrets fails the test when a secret is read.
func noSecrets(t *testing.T) Option {
	return WithEnv(func(name string) (string, bool) {
		t.Errorf("%s was read", name)
		return "", false
	})
}

// signedIn renders the workbook with credentials, one a line, and returns those that it has, or the error.
func signedIn(t *testing.T, credentials, site string, options ...Option) string {
	t.Helper()
	m, r := load(t, publishing("      credentials:\n"+credentials), options...)
	if settingsOn(t, m, site).Credentials != nil {
		t.Error("there are credentials without a rendering")
	}
	rendering, err := r.Render(m.byKey[site], m.templates[0], nil)
	if err != nil {
		text := err.Error()
		if advised, ok := errors.AsType[*advisedError](err); ok {
			text += "\n\t" + advised.Hint()
		}
		return text
	}
	var out strings.Builder
	for _, c := range rendering.Credentials {
		fmt.Fprintf(&out, "%s:%s %s/%s %t %t\n", c.Server, c.Port, c.User, string(c.Password), c.Embed, c.OAuth)
	}
	return out.String()
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	env := WithEnv(func(name string) (string, bool) { return "secret-" + name, name != "NONE" })
	const prefix = `rendering template "sales" for site "lab": `
	for _, test := range []struct{ credentials, want string }{
		{"        - {connection: {class: postgres}, user: ana, password: b}", "db1:5433 ana/b false false\n"},
		{
			"        - {connection: {server: db1, dbname: dev, caption: db1, name: postgres.c}, user: '${site.key}', password: '${env(\"A\")}', embed: true}",
			"db1:5433 lab/secret-A true false\n",
		},
		{"        - {connection: {}, user: ana, password: b}", "db1:5433 ana/b false false\ndb2:3306 ana/b false false\n"},
		{
			"        - {connection: {datasource: More}, user: ana, password: b}\n        - {connection: {datasource: federated.a}, user: bob, oauth: true, embed: true}",
			"db2:3306 ana/b false false\ndb1:5433 bob/ true true\n",
		},
		{"        - {connection: {class: sqlproxy}, user: ana, password: b}", "new.example.com:443 ana/b false false\n"},
		{
			"        - {connection: {class: sqlproxy, server: NEW.example.com, dbname: Orders, caption: Orders}, user: ana, password: b}",
			"new.example.com:443 ana/b false false\n",
		},
		// The same twice is one.
		{
			"        - {connection: {class: postgres}, user: ana, password: b}\n        - {connection: {}, user: ana, password: b}",
			"db1:5433 ana/b false false\ndb2:3306 ana/b false false\n",
		},
		{"        - {connection: {class: oracle}, user: ana, password: b, optional: true}\n        - {connection: {datasource: Nope}, user: a, password: b, optional: true}", ""},
		{"        - {connection: {class: oracle}, user: ana, password: '${env(\"NONE\")}', when: region == \"EMEA\"}", ""},
		{
			"        - {connection: {class: oracle}, user: ana, password: b}",
			prefix + "m.yaml:10 credential 1: no connection with class \"oracle\"; there are: postgres caption=\"db1\" server=\"db1\" dbname=\"dev\" name=\"postgres.c\" of data source \"Facts\", " +
				"mysql caption=\"db2\" server=\"db2\" dbname=\"dev\" name=\"mysql.d\" of data source \"More\"\n\tclass: sqlproxy selects the references to published data sources: Orders",
		},
		{
			"        - {connection: {datasource: Nope}, user: ana, password: b}",
			prefix + "m.yaml:10 credential 1: no data source \"Nope\"; there are: Facts, More, Orders",
		},
		{
			"        - {connection: {class: sqlproxy, dbname: Other}, user: ana, password: b}",
			prefix + "m.yaml:10 credential 1: no connection with class \"sqlproxy\", dbname \"Other\"; there are: postgres caption=\"db1\" server=\"db1\" dbname=\"dev\" name=\"postgres.c\" of data source \"Facts\", " +
				"mysql caption=\"db2\" server=\"db2\" dbname=\"dev\" name=\"mysql.d\" of data source \"More\"\n\tclass: sqlproxy selects the references to published data sources: Orders",
		},
		{
			"        - {connection: {}, user: ana, password: '${env(\"A\")}'}\n        - {connection: {class: mysql}, user: ana, password: '${env(\"B\")}'}",
			prefix + "m.yaml:11 credential 2 is for mysql caption=\"db2\" server=\"db2\" dbname=\"dev\" name=\"mysql.d\" of data source \"More\", and credential 1, which differs, for " +
				"mysql caption=\"db2\" server=\"db2\" dbname=\"dev\" name=\"mysql.d\" of data source \"More\": a server tells connections apart by their address alone" +
				"\n\tgive connections of one address the same credential",
		},
		{"        - {connection: {}, user: ana, password: '${env(\"NONE\")}'}", prefix + "m.yaml:10:52: the environment variable NONE is not set"},
		{"        - {connection: {}, user: '${trim(env(\"A\"), \"secrtA-\")}', password: b}", prefix + "m.yaml:10:34: user must not be empty"},
	} {
		t.Run(test.credentials, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, signedIn(t, test.credentials, "lab", env)); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
		})
	}
}

// What a rendering signs in with is masked wherever it shows.
func TestCredentialsAreMasked(t *testing.T) {
	t.Parallel()
	m, r := load(t, publishing("      credentials: [{connection: {}, user: '${env(\"USER\")}', password: 'x ${env(\"PASSWORD\")}'}]"),
		WithEnv(func(name string) (string, bool) { return "secret-" + name, true }))
	rendering, err := r.Render(m.byKey["acme"], m.templates[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", rendering.Publish, rendering.Publish, rendering.Publish); strings.Contains(shown, "PASSWORD") {
		t.Errorf("the password shows: %s", shown)
	}
	if got := m.Mask("secret-USER says x secret-PASSWORD"); got != "redacted says redacted" {
		t.Errorf("masked: %s", got)
	}
	const clash = "      credentials: [{connection: {datasource: Facts}, user: '${env(\"user\")}', password: a}, {connection: {}, user: b, password: a}]"
	m, r = load(t, publishing(clash), WithEnv(func(string) (string, bool) { return "differs", true }))
	_, err = r.Render(m.byKey["acme"], m.templates[0], nil)
	advised, ok := errors.AsType[*advisedError](err)
	if err == nil || strings.Contains(err.Error(), "differs") || !ok || advised.Hint() == "" {
		t.Errorf("got %v, which is to be masked and to have a hint", err)
	}
}
