package deploy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

// Whatever there is and whatever is wanted: after applying it is there, and applying it again changes nothing.
func TestApplyRandomSettings(t *testing.T) {
	t.Parallel()
	for _, workbook := range []bool{true, false} {
		w := newSettingsWorld(t)
		s := w.signIn("ana", emulator.URL)
		name := map[bool]string{true: "Book", false: "Orders"}[workbook]
		random := rand.New(rand.NewPCG(7, uint64(len(name))))
		on := newSettings(s).calls(workbook).permissions("")
		before := newModel(w, s, workbook, name)
		for range 20 {
			want := randomSettings(random, on.Capabilities())
			o := w.object(s, workbook, name)
			if err := newSettings(s).check(t.Context(), want, subject{workbook: workbook, hasExtract: true}); err != nil {
				t.Fatalf("%+v: %v", want, err)
			}
			done, err := newSettings(s).apply(t.Context(), o, want)
			if err != nil {
				t.Fatalf("%+v: %v", want, err)
			}
			before.apply(want, on)
			after := newModel(w, s, workbook, name)
			if after.String() != before.String() {
				t.Fatalf("%+v\n(done %q)\nhas\n%v\nwant\n%v", want, done, after, before)
			}
			o = w.object(s, workbook, name)
			sent := w.requests(func() { done, err = newSettings(s).apply(t.Context(), o, want) })
			if err != nil || len(done) > 0 || len(changes(sent)) > 0 {
				t.Fatalf("%+v again: %q, %v, %q", want, done, err, sent)
			}
		}
	}
}

var (
	randomTags   = []string{"gold", "A, B", "süß & <x>", `"quoted"`, "a/b"}
	randomPeople = []string{"ana", "eve", "bo", "Zoë, [R&D]"}
	randomGroups = []string{"Sales", "R&D, [Süd]", "All Users"}
	randomNames  = []string{"Weeknights", "Hourly, all day"}
)

// some picks some of a list, in any order.
func some(random *rand.Rand, from []string) []string {
	picked := slices.Clone(from)
	random.Shuffle(len(picked), func(i, j int) { picked[i], picked[j] = picked[j], picked[i] })
	return picked[:random.IntN(len(picked)+1)]
}

func randomSettings(random *rand.Rand, capabilities []string) templates.Publish {
	want := templates.Publish{Tags: some(random, randomTags)}
	if random.IntN(2) == 0 {
		want.Owner = randomPeople[random.IntN(len(randomPeople))]
	}
	if random.IntN(2) == 0 {
		want.Description = fmt.Sprintf("number %d\n\"<&>\"", random.IntN(3))
	}
	for _, name := range some(random, randomNames) {
		want.Schedules = append(want.Schedules, templates.Schedule{Name: name, Incremental: random.IntN(2) == 0})
	}
	if random.IntN(3) > 0 {
		want.Permissions = &templates.Permissions{Exact: random.IntN(2) == 0}
		rule := func(rule templates.PermissionRule) {
			rule.Role = []string{"", "View", "Publish", "Denied"}[random.IntN(4)]
			if rule.Role == "" {
				all := some(random, capabilities)
				cut := random.IntN(len(all) + 1)
				rule.Allow, rule.Deny = all[:cut], all[cut:]
			}
			want.Permissions.Rules = append(want.Permissions.Rules, rule)
		}
		for _, name := range some(random, randomGroups) {
			rule(templates.PermissionRule{Group: name})
		}
		for _, name := range some(random, randomPeople) {
			rule(templates.PermissionRule{User: name})
		}
	}
	return want
}

// A model is what is on the server, in the words of a manifest.
type model struct {
	owner, description string
	tags               map[string]bool
	schedules          map[string]bool            // by name, whether it is incremental
	rules              map[string]map[string]bool // by grantee, "Allow Read"
}

func newModel(w *settingsWorld, s *rest.Session, workbook bool, name string) *model {
	w.t.Helper()
	o := w.object(s, workbook, name)
	m := &model{w.nameOf(s, o.ownerLUID), o.description, map[string]bool{}, map[string]bool{}, map[string]map[string]bool{}}
	for _, tag := range o.tags {
		m.tags[tag] = true
	}
	tasks, err := s.Tasks.ByContent(w.t.Context(), o.luid)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, task := range tasks {
		if _, twice := m.schedules[task.Schedule.Name]; twice {
			w.t.Fatalf("twice on %s", task.Schedule.Name)
		}
		m.schedules[task.Schedule.Name] = task.Incremental()
	}
	set, err := newSettings(s).calls(workbook).permissions(o.luid).Rules(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for grantee, rules := range byGrantee(set.Rules) {
		of := map[string]bool{}
		for c := range rules {
			of[string(c.Mode)+" "+c.Name] = true
		}
		m.rules[w.nameOf(s, grantee.UserLUID+grantee.GroupLUID)] = of
	}
	return m
}

// apply is what a manifest means.
func (m *model) apply(want templates.Publish, on *rest.Permissions) {
	if want.Owner != "" {
		m.owner = want.Owner
	}
	if want.Description != "" {
		m.description = want.Description
	}
	for _, tag := range want.Tags {
		m.tags[tag] = true
	}
	for _, h := range want.Schedules {
		m.schedules[h.Name] = h.Incremental
	}
	if want.Permissions == nil {
		return
	}
	if want.Permissions.Exact {
		m.rules = map[string]map[string]bool{}
	}
	for _, rule := range want.Permissions.Rules {
		of := map[string]bool{}
		if rule.Role != "" {
			role, _ := on.Role(rule.Role)
			for _, c := range role {
				of[string(c.Mode)+" "+c.Name] = true
			}
		}
		for _, name := range rule.Allow {
			of["Allow "+name] = true
		}
		for _, name := range rule.Deny {
			of["Deny "+name] = true
		}
		m.rules[rule.Group+rule.User] = of
	}
}

func (m *model) String() string {
	var rules []string
	for grantee, of := range m.rules {
		if len(of) > 0 {
			rules = append(rules, fmt.Sprint(grantee, " ", of)) // maps are printed in order
		}
	}
	slices.Sort(rules)
	return fmt.Sprintf("owner %s, description %q\n%v\n%v\n%s", m.owner, m.description, m.tags, m.schedules, strings.Join(rules, "\n"))
}
