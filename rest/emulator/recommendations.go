package emulator

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// recommendationOperations have the paths of the reference, and those of its examples.
var recommendationOperations = []operation{
	op("GET", "sites/{site}/recommendations", onSite, nil, listRecommendations).since(3, 7),
	op("PUT", "sites/{site}/recommendations/dismissals", onSite, readXML, dismissRecommendation).since(3, 7),
	op("DELETE", "sites/{site}/recommendations/dismissals", onSite, nil, undismissRecommendation).since(3, 7),
	op("PUT", "sites/{site}/dismissals", onSite, readXML, dismissRecommendation).since(3, 7),
	op("DELETE", "sites/{site}/dismissals", onSite, nil, undismissRecommendation).since(3, 7),
}

// recommendationTables are what users do not want to be recommended.
type recommendationTables struct {
	dismissals *state.Table[dismissal]
}

func openRecommendations(store *state.Store, path string) recommendationTables {
	return recommendationTables{dismissals: state.NewTable(store, path+"dismissals", (*dismissal).key)}
}

// dismissal is a view that is not to be recommended to a user, both by LUID.
type dismissal struct{ User, View string }

func (d *dismissal) key() string { return d.User + "/" + d.View }

// recommendation is a view for the caller. Those who looked at it are similar when they also looked at something that
// the caller did.
type recommendation struct {
	view    *view
	viewers int
	similar []string // LUIDs of users, in the order in which they began to look at things
}

// similarWeight is how much more somebody who likes the same counts than anybody else.
const similarWeight = 3

func (r *recommendation) weight() int { return r.viewers + (similarWeight-1)*len(r.similar) }

// maxRecommendations is how many views are recommended at most.
const maxRecommendations = 100

// listRecommendations answers GET recommendations: views that others looked at and the caller did not, the best first.
func listRecommendations(c *call) (*reply, error) {
	if err := c.checkRecommended(); err != nil {
		return nil, err
	}
	list := node("recommendations")
	recommended := c.recommend()
	for _, r := range recommended {
		explanation := node("popularExplanation")
		if len(r.similar) > 0 {
			users := node("users")
			for _, luid := range r.similar {
				users.add(node("user").with("id", luid))
			}
			explanation = node("similarUsersExplanation", users)
		}
		score := 100 * float64(r.weight()) / float64(recommended[0].weight())
		list.add(node("recommendation", node("view").with("id", r.view.LUID), explanation).
			with("score", strconv.FormatFloat(score, 'f', -1, 64)))
	}
	return ok(list), nil
}

// checkRecommended refuses to recommend anything but views.
func (c *call) checkRecommended() error {
	if kind := cmp.Or(c.query["type"], "view"); kind != "view" {
		return refuse(codeMalformed, "The parameter type must be view, not '%s'.", kind)
	}
	return nil
}

// recommend returns what to recommend to the caller.
func (c *call) recommend() []*recommendation {
	byView := make(map[string]*recommendation)
	for _, other := range c.site.recents.All() {
		if other.User == c.user.LUID || c.site.users.Get(other.User) == nil {
			continue
		}
		isSimilar := slices.ContainsFunc(other.Items, func(item recent) bool { return c.sawRecently(item.LUID) })
		for _, item := range other.Items {
			v := c.site.views.Get(item.LUID)
			if v == nil || !c.wants(v) {
				continue
			}
			if byView[v.LUID] == nil {
				byView[v.LUID] = &recommendation{view: v}
			}
			byView[v.LUID].viewers++
			if isSimilar {
				byView[v.LUID].similar = append(byView[v.LUID].similar, other.User)
			}
		}
	}
	var recommended []*recommendation
	for _, v := range c.site.views.All() {
		if r := byView[v.LUID]; r != nil {
			recommended = append(recommended, r)
		}
	}
	slices.SortStableFunc(recommended, func(a, b *recommendation) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(b.view.Seen, a.view.Seen))
	})
	return recommended[:min(maxRecommendations, len(recommended))]
}

// wants tells whether a view would be news to the caller, and is not dismissed.
func (c *call) wants(v *view) bool {
	dismissed := c.site.dismissals.Get((&dismissal{c.user.LUID, v.LUID}).key()) != nil
	return !dismissed && !c.sawRecently(v.LUID) && c.mayOnView("Read", v)
}

// dismissRecommendation answers PUT recommendations/dismissals.
func dismissRecommendation(c *call) (*reply, error) {
	body := c.body.child("recommendationDismissal").child("view")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no recommendationDismissal with a view.")
	}
	d, err := c.dismissal(body.attr("id"))
	if err != nil {
		return nil, err
	}
	c.site.dismissals.Put(d)
	return ok(), nil
}

// undismissRecommendation answers DELETE recommendations/dismissals.
func undismissRecommendation(c *call) (*reply, error) {
	if err := c.checkRecommended(); err != nil {
		return nil, err
	}
	d, err := c.dismissal(c.query["id"])
	if err != nil {
		return nil, err
	}
	if !c.site.dismissals.Delete(d.key()) {
		return nil, refuse(codeNoRecommendation, "View '%s' is not hidden from the recommendations of user '%s'.", d.View, d.User)
	}
	return noContent(), nil
}

// dismissal returns the one of a view and the caller, who must be an administrator, as the reference says.
func (c *call) dismissal(luid string) (*dismissal, error) {
	if c.site.views.Get(luid) == nil {
		return nil, refuse(codeNoContent, "View '%s' could not be found.", luid)
	}
	if !c.user.isAdministrator() {
		return nil, refuse(codeForbidden, "User '%s' is no administrator and may not hide or unhide view '%s'.", c.user.LUID, luid)
	}
	return &dismissal{User: c.user.LUID, View: luid}, nil
}
