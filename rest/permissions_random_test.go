package rest_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

// Whatever the rules are, setting others takes a DELETE for each that goes, one PUT at most, and none when nothing differs.
func TestSetPermissionsTakesTheFewestCalls(t *testing.T) {
	t.Parallel()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	p := s.Datasources.Permissions(w.luid(s, "datasources", "orders"))
	grantees := []rest.Grantee{{GroupLUID: w.luid(s, "groups", "Berlin")}, {GroupLUID: w.luid(s, "groups", "All Users")}, {UserLUID: w.luid(s, "users", "eve")}}
	random := rand.New(rand.NewPCG(6, 6))
	pick := func() map[string]bool {
		rules := map[string]bool{}
		for i := range grantees {
			for _, name := range p.Capabilities() {
				if mode := random.IntN(5); mode < 2 {
					rules[fmt.Sprint(i, " ", name, " ", []string{"Allow", "Deny"}[mode])] = true
				}
			}
		}
		return rules
	}
	current := map[string]bool{}
	must(p.Set(t.Context(), nil))(t)
	_, seen := w.writes(0)
	for range 25 {
		wanted := pick()
		if random.IntN(8) == 0 {
			wanted = current
		}
		var rules []rest.PermissionRule
		var texts []string
		deletes, puts := 0, 0
		for text := range wanted { // in random order
			f := strings.Fields(text)
			g := grantees[f[0][0]-'0']
			rules = append(rules, rest.PermissionRule{Grantee: g, Capabilities: []rest.Capability{{Name: f[1], Mode: rest.CapabilityMode(f[2])}}})
			texts = append(texts, g.GroupLUID+g.UserLUID+" "+f[1]+" "+f[2])
			if !current[text] {
				puts = 1
			}
		}
		for text := range current {
			if !wanted[text] {
				deletes++
			}
		}
		must(p.Set(t.Context(), rules))(t)
		var writes string
		writes, seen = w.writes(seen)
		if strings.Count(writes, "DELETE") != deletes || strings.Count(writes, "PUT") != puts {
			t.Fatalf("%s, want %d DELETE and %d PUT", writes, deletes, puts)
		}
		wantRules(t, p, texts...)
		current = wanted
	}
}
