package deploy

import (
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

// What a connected app is allowed when the manifest does not say is enough for all settings, on Tableau Server and on Tableau
// Cloud, where schedules are times.
func TestScopesOfSettings(t *testing.T) {
	t.Parallel()
	for serverURL, schedules := range map[string][][]templates.Schedule{
		emulator.URL: {everything().Schedules, everything().Schedules[:1]},
		cloudURL: {
			{{Times: &templates.Times{Frequency: "Weekly", Start: "05:30", WeekDays: []string{"Monday"}}}, {Times: &templates.Times{Frequency: "Monthly", Start: "06:00", MonthDays: []string{"1"}}}},
			{{Times: &templates.Times{Frequency: "Weekly", Start: "06:30", WeekDays: []string{"Friday"}}}},
		},
	} {
		for _, workbook := range []bool{true, false} {
			w := newSettingsWorld(t, emulator.WithConnectedApp("acme", "app", "one", "s"))
			s := w.signInAs(serverURL, rest.ConnectedApp{ClientID: "app", SecretID: "one", SecretValue: "s", UserName: "ana", Scopes: publishScopes})
			for i, at := range schedules {
				want := everything()
				want.Schedules, want.Refresh, want.Permissions.Exact = at, templates.RefreshWait, i > 0
				if i > 0 {
					want.Permissions.Rules, want.Owner = want.Permissions.Rules[:1], "ana"
				}
				name := map[bool]string{true: "Book", false: "Orders"}[workbook]
				o := w.object(s, workbook, name)
				if err := newSettings(s).check(t.Context(), want, subject{workbook: workbook, hasExtract: true}); err != nil {
					t.Errorf("%s: %v", serverURL, err)
				}
				if _, err := newSettings(s).apply(t.Context(), o, want); err != nil {
					t.Errorf("%s: %v", serverURL, err)
				}
			}
		}
	}
}
