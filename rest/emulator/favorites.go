package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var favoriteOperations = []operation{
	op("GET", "sites/{site}/favorites/{id}", onSite, nil, listFavorites).since(2, 5),
	op("PUT", "sites/{site}/favorites/{id}", onSite, readXML, addFavorite),
	op("DELETE", "sites/{site}/favorites/{id}/{kind}/{content}", onSite, nil, deleteFavorite),
	op("PUT", "sites/{site}/orderfavorites/{id}", onSite, readXML, orderFavorites).since(3, 8),
}

// favoriteTables are what the users of a site like.
type favoriteTables struct {
	favorites *state.Table[favorite]
}

func openFavorites(store *state.Store, path string) favoriteTables {
	return favoriteTables{favorites: state.NewTable(store, path+"favorites", (*favorite).key)}
}

// favorite is content that a user likes, under a name of their own.
type favorite struct {
	User, Kind, Content string // LUIDs, and the element of the content
	Label               string
	Position            int // in the user's order, which need not be without gaps
	AddedAt             time.Time
}

func (f *favorite) key() string { return f.User + "/" + f.Kind + "/" + f.Content }

// favoriteKinds are the content that can be a favorite: how it is written, nil for what is not there or not for the caller
// to read.
var favoriteKinds = map[string]func(c *call, luid string) *element{
	"workbook":   func(c *call, luid string) *element { return renderAsset(c, workbooks, luid) },
	"datasource": func(c *call, luid string) *element { return renderAsset(c, datasources, luid) },
	"flow":       func(c *call, luid string) *element { return renderAsset(c, flows, luid) },
	"view": func(c *call, luid string) *element {
		if v := c.site.views.Get(luid); v != nil && c.mayOnView("Read", v) {
			return v.renderListed(c)
		}
		return nil
	},
	"project": func(c *call, luid string) *element {
		if p := c.site.projects.Get(luid); p != nil && c.may("Read", p.securable()) {
			return p.render(c.site)
		}
		return nil
	},
}

func renderAsset(c *call, k *kind, luid string) *element {
	if a := k.of(c.site).Get(luid); a != nil && c.may("Read", a.securable()) {
		return a.render(c)
	}
	return nil
}

// favoritesOf returns the favorites of a user in their order, without content that the caller may not read.
func (c *call) favoritesOf(luid string) []*favorite {
	var mine []*favorite
	for _, f := range c.site.favorites.All() {
		if f.User == luid && favoriteKinds[f.Kind](c, f.Content) != nil {
			mine = append(mine, f)
		}
	}
	slices.SortStableFunc(mine, func(a, b *favorite) int { return cmp.Compare(a.Position, b.Position) })
	return mine
}

// fan returns the user in the path, whose favorites only they and administrators may see and change.
func (c *call) fan() (*user, error) {
	u, err := c.person(c.vars["id"])
	if err != nil {
		return nil, err
	}
	if u.LUID != c.user.LUID && !c.user.isAdministrator() {
		return nil, refuse(codeForbidden, "User '%s' may not see or change the favorites of user '%s'.", c.user.LUID, u.LUID)
	}
	return u, nil
}

// listFavorites answers GET favorites/{user}.
func listFavorites(c *call) (*reply, error) {
	u, err := c.fan()
	if err != nil {
		return nil, err
	}
	return listing[*favorite]{
		name: "favorites", items: c.favoritesOf(u.LUID),
		render: func(f *favorite) *element { return f.render(c) },
	}.reply(c)
}

// addFavorite answers PUT favorites/{user}. Content that is a favorite already gets the new label.
func addFavorite(c *call) (*reply, error) {
	u, err := c.fan()
	if err != nil {
		return nil, err
	}
	body := c.body.child("favorite")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no favorite.")
	}
	f := favorite{User: u.LUID, Label: body.attr("label"), AddedAt: stamp(c.now)}
	for _, content := range body.children {
		find := favoriteKinds[content.name]
		if find == nil {
			continue
		}
		f.Kind, f.Content = content.name, content.attr("id")
		if find(c, f.Content) == nil {
			return nil, refuse(codeNoContent, "The %s '%s' could not be found.", f.Kind, f.Content)
		}
	}
	if f.Kind == "" || f.Label == "" {
		return nil, refuse(codeMalformed, "A favorite needs a label and one of %s.", strings.Join(slices.Sorted(maps.Keys(favoriteKinds)), ", "))
	}
	mine := c.favoritesOf(u.LUID)
	if len(mine) > 0 {
		f.Position = mine[len(mine)-1].Position + 1
	}
	if known := c.site.favorites.Get(f.key()); known != nil {
		f.Position, f.AddedAt = known.Position, known.AddedAt
	}
	c.site.favorites.Put(&f)
	return c.renderFavorites(u), nil
}

func (c *call) renderFavorites(u *user) *reply {
	list := node("favorites")
	for _, f := range c.favoritesOf(u.LUID) {
		list.add(f.render(c))
	}
	return ok(list)
}

// deleteFavorite answers DELETE favorites/{user}/{kind}/{content}; the kind is in the plural.
func deleteFavorite(c *call) (*reply, error) {
	u, err := c.fan()
	if err != nil {
		return nil, err
	}
	kind := strings.TrimSuffix(strings.ToLower(c.vars["kind"]), "s")
	f := favorite{User: u.LUID, Kind: kind, Content: c.vars["content"]}
	if !c.site.favorites.Delete(f.key()) {
		return nil, refuse(codeNoContent, "The %s '%s' is no favorite of user '%s'.", kind, f.Content, u.LUID)
	}
	return noContent(), nil
}

// orderFavorites answers PUT orderFavorites/{user}: each favorite that is named goes right behind the one it is to follow,
// or to the top when it is to follow none.
func orderFavorites(c *call) (*reply, error) {
	u, err := c.fan()
	if err != nil {
		return nil, err
	}
	mine := c.favoritesOf(u.LUID)
	index := func(luid string) int {
		return slices.IndexFunc(mine, func(f *favorite) bool { return f.Content == luid })
	}
	for order := range c.body.child("favoriteOrderings").each("favoriteOrdering") {
		luid, after := order.attr("favoriteId"), order.attr("favoriteIdMoveAfter")
		from := index(luid)
		if from < 0 || after != "" && index(after) < 0 {
			return nil, refuse(codeNoContent, "'%s' or '%s' is no favorite of user '%s'.", luid, after, u.LUID)
		}
		moved := mine[from]
		mine = slices.Delete(mine, from, from+1)
		mine = slices.Insert(mine, index(after)+1, moved)
	}
	for i, f := range mine {
		changed := *f
		changed.Position = i
		c.site.favorites.Put(&changed)
	}
	return ok(), nil
}

func (f *favorite) render(c *call) *element {
	return node("favorite", favoriteKinds[f.Kind](c, f.Content)).
		with("label", f.Label).
		with("position", strconv.Itoa(f.Position)).
		with("addedAt", formatTime(f.AddedAt))
}
