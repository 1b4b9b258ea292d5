package emulator

import "slices"

// listMembers answers GET groups/{id}/users, which is for administrators.
func listMembers(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	return c.listPeople(c.site.members(g))
}

// addMembers answers POST groups/{id}/users: one user, who must not be in the group yet, or a list of users.
func addMembers(c *call) (*reply, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	if c.body.child("users") != nil {
		return c.addList(g)
	}
	u, err := c.person(c.body.child("user").attr("id"))
	if err != nil {
		return nil, err
	}
	if c.site.isMember(g, u.LUID) {
		return nil, refuse(codeUserInGroup, "User '%s' is in group '%s' already.", u.LUID, g.LUID)
	}
	c.site.setMembers(g, append(slices.Clone(g.Members), u.LUID))
	return ok(u.render(c.server)), nil
}

// addList adds the users of the request that are not in the group yet.
func (c *call) addList(g *group) (*reply, error) {
	people, err := c.listed()
	if err != nil {
		return nil, err
	}
	members := slices.Clone(g.Members)
	list := node("users")
	for _, u := range people {
		if !g.Everybody && !slices.Contains(members, u.LUID) {
			members = append(members, u.LUID)
		}
		list.add(u.render(c.server))
	}
	c.site.setMembers(g, members)
	return ok(list), nil
}

// listed returns the users that the request lists.
func (c *call) listed() ([]*user, error) {
	var people []*user
	for e := range c.body.child("users").each("user") {
		u, err := c.person(e.attr("id"))
		if err != nil {
			return nil, err
		}
		people = append(people, u)
	}
	if len(people) == 0 {
		return nil, refuse(codeMalformed, "The request body lists no users.")
	}
	return people, nil
}

// removeMember answers DELETE groups/{id}/users/{user}.
func removeMember(c *call) (*reply, error) {
	g, err := c.managedGroup()
	if err != nil {
		return nil, err
	}
	luid := c.vars["user"]
	if !c.site.isMember(g, luid) {
		return nil, refuse(codeNoUser, "User '%s' could not be found in group '%s'.", luid, g.LUID)
	}
	c.site.setMembers(g, without(g.Members, luid))
	return noContent(), nil
}

// removeMembers answers PUT groups/{id}/users/remove: those of the listed users who are in the group.
func removeMembers(c *call) (*reply, error) {
	g, err := c.managedGroup()
	if err != nil {
		return nil, err
	}
	people, err := c.listed()
	if err != nil {
		return nil, err
	}
	members := slices.DeleteFunc(slices.Clone(g.Members), func(luid string) bool {
		return slices.ContainsFunc(people, func(u *user) bool { return u.LUID == luid })
	})
	c.site.setMembers(g, members)
	return ok(), nil
}
