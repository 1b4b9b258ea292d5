package emulator

import (
	"slices"
	"strconv"
	"strings"
)

var groupSetOperations = []operation{
	op("GET", "sites/{site}/groupsets", onSite, nil, listGroupSets).since(3, 22),
	op("POST", "sites/{site}/groupsets", onSite, readXML, createGroupSet).since(3, 22),
	op("GET", "sites/{site}/groupsets/{id}", onSite, nil, getGroupSet).since(3, 22),
	op("PUT", "sites/{site}/groupsets/{id}", onSite, readXML, updateGroupSet).since(3, 22),
	op("DELETE", "sites/{site}/groupsets/{id}", onSite, nil, deleteGroupSet).since(3, 22),
	op("PUT", "sites/{site}/groupsets/{id}/groups/{group}", onSite, nil, addToGroupSet).since(3, 22),
	op("DELETE", "sites/{site}/groupsets/{id}/groups/{group}", onSite, nil, removeFromGroupSet).since(3, 22),
}

// groupSet is a set of groups of a site.
type groupSet struct {
	LUID, Name string
	Groups     []string // LUIDs, in the order they were added
}

// setGroups changes what is in a group set.
func (where *site) setGroups(set *groupSet, groups []string) *groupSet {
	changed := *set
	changed.Groups = groups
	where.groupSets.Put(&changed)
	return &changed
}

// groupSet returns the group set in the path for those who may see and change it, the administrators.
func (c *call) groupSet() (*groupSet, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	if set := c.site.groupSets.Get(c.vars["id"]); set != nil {
		return set, nil
	}
	return nil, refuse(codeNoGroup, "Group set '%s' could not be found.", c.vars["id"])
}

// groupSetFields are what group sets may be filtered and sorted by.
func groupSetFields() map[string]field[*groupSet] {
	return map[string]field[*groupSet]{
		"luid": textField(func(set *groupSet) string { return set.LUID }),
		"name": textField(func(set *groupSet) string { return set.Name }, "cieq", "like"),
	}
}

// listGroupSets answers GET groupsets, with the groups unless resultlevel is local.
func listGroupSets(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	render := c.renderGroupSet
	switch level := c.query["resultlevel"]; level {
	case "", "members":
	case "local":
		render = (*groupSet).render
	default:
		return nil, refuse(codeMalformed, "The parameter resultlevel must be members or local, not '%s'.", level)
	}
	return listing[*groupSet]{
		name: "groupSets", items: c.site.groupSets.All(), fields: groupSetFields(), render: render,
	}.reply(c)
}

func (set *groupSet) render() *element {
	return node("groupSet").
		with("id", set.LUID).
		with("name", set.Name).
		with("groupCount", strconv.Itoa(len(set.Groups)))
}

// renderGroupSet writes a group set with its groups.
func (c *call) renderGroupSet(set *groupSet) *element {
	e := set.render()
	for _, luid := range set.Groups {
		e.add(node("group").with("id", luid).with("name", c.site.groups.Get(luid).Name))
	}
	return e
}

// createGroupSet answers POST groupsets.
func createGroupSet(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	set := &groupSet{LUID: c.server.newID()}
	if err := c.nameGroupSet(set); err != nil {
		return nil, err
	}
	return created(c.path("groupsets", set.LUID), c.renderGroupSet(set)), nil
}

// nameGroupSet keeps a group set, which is a copy or new, under the name of the request.
func (c *call) nameGroupSet(set *groupSet) error {
	if set.Name = c.body.child("groupSet").attr("name"); set.Name == "" {
		return refuse(codeMalformed, "The request body has no groupSet with a name.")
	}
	for _, other := range c.site.groupSets.All() {
		if other.LUID != set.LUID && strings.EqualFold(other.Name, set.Name) {
			return refuse(codeGroupSetExists, "Group set '%s' has the name '%s' already.", other.LUID, other.Name)
		}
	}
	c.site.groupSets.Put(set)
	return nil
}

// getGroupSet answers GET groupsets/{id}.
func getGroupSet(c *call) (*reply, error) {
	set, err := c.groupSet()
	if err != nil {
		return nil, err
	}
	return ok(c.renderGroupSet(set)), nil
}

// updateGroupSet answers PUT groupsets/{id}.
func updateGroupSet(c *call) (*reply, error) {
	set, err := c.groupSet()
	if err != nil {
		return nil, err
	}
	changed := *set
	if err := c.nameGroupSet(&changed); err != nil {
		return nil, err
	}
	return ok(c.renderGroupSet(&changed)), nil
}

// deleteGroupSet answers DELETE groupsets/{id}. The groups stay.
func deleteGroupSet(c *call) (*reply, error) {
	set, err := c.groupSet()
	if err != nil {
		return nil, err
	}
	c.site.groupSets.Delete(set.LUID)
	c.site.forgetGrantee(set.LUID)
	return noContent(), nil
}

// addToGroupSet answers PUT groupsets/{id}/groups/{group}. A group that is in the set already stays in it.
func addToGroupSet(c *call) (*reply, error) {
	set, err := c.groupSet()
	if err != nil {
		return nil, err
	}
	luid := c.vars["group"]
	if c.site.groups.Get(luid) == nil {
		return nil, refuse(codeNoGroup, "Group '%s' could not be found.", luid)
	}
	if !slices.Contains(set.Groups, luid) {
		set = c.site.setGroups(set, append(slices.Clone(set.Groups), luid))
	}
	return ok(c.renderGroupSet(set)), nil
}

// removeFromGroupSet answers DELETE groupsets/{id}/groups/{group}.
func removeFromGroupSet(c *call) (*reply, error) {
	set, err := c.groupSet()
	if err != nil {
		return nil, err
	}
	luid := c.vars["group"]
	if !slices.Contains(set.Groups, luid) {
		return nil, refuse(codeNoGroup, "Group '%s' could not be found in group set '%s'.", luid, set.LUID)
	}
	c.site.setGroups(set, without(set.Groups, luid))
	return noContent(), nil
}
