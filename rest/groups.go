package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

// A Group is a group of users of a site ("Query Groups").
type Group struct {
	LUID                string           `api:"@id"`
	Name                string           `api:"@name"`
	MinimumSiteRole     SiteRole         `api:"@minimumSiteRole"`     // of those who are in it; "" for none
	ExternalUserEnabled bool             `api:"@externalUserEnabled"` // open to people from elsewhere on demand (Tableau Cloud)
	UserCount           int              `api:"@userCount"`           // with the field userCount or _all_ in the query
	Domain              string           `api:"domain/@name"`         // "local", or that of an Active Directory
	Import              *DirectoryImport `api:"import"`               // nil for a local group
}

func (g Group) naming() naming { return naming{g.LUID, g.Name, g.Domain} }

// A DirectoryImport is where a group comes from, and what the users in it get.
type DirectoryImport struct {
	Source           string           `api:"@source"` // ActiveDirectory
	Domain           string           `api:"@domainName"`
	SiteRole         SiteRole         `api:"@siteRole"`
	GrantLicenseMode GrantLicenseMode `api:"@grantLicenseMode"`
}

// A GrantLicenseMode is when the users of an imported group get its site role; "" for when they are imported.
type GrantLicenseMode string

// The modes of granting a licence.
const (
	GrantOnLogin GrantLicenseMode = "onLogin" // when they sign in
	GrantOnSync  GrantLicenseMode = "onSync"  // when the group is synchronized
)

// GroupsService works with the groups of a site. AddUsers, RemoveUsers and SetUsers change who is in one, Users lists them. A
// name stands for the one group that has it; with several directories the domain may come first, as in example.com\Sales.
// Groups of an Active Directory come by CreateFromActiveDirectory and are read again by Synchronize.
type GroupsService struct{ s *Session }

// All lists the groups of the site ("Query Groups").
func (gs *GroupsService) All(ctx context.Context, q Query) iter.Seq2[Group, error] {
	return listing[Group]{
		op: "Query Groups", path: "groups", query: q, items: []string{"groups", "group"}, kinds: groupFilters,
	}.all(ctx, gs.s)
}

// ByLUID finds a group by its LUID. The API reads no single group, so this is a list with a filter.
func (gs *GroupsService) ByLUID(ctx context.Context, luid string) (Group, error) {
	group, err := gs.byLUID(ctx, luid)
	if err != nil {
		return Group{}, fmt.Errorf("reading group %q: %w", luid, err)
	}
	return group, nil
}

func (gs *GroupsService) byLUID(ctx context.Context, luid string) (Group, error) {
	if err := checkLUID("group", luid); err != nil {
		return Group{}, err
	}
	for group, err := range gs.All(ctx, Query{Filters: []Filter{Eq("luid", luid)}}) {
		if err != nil || group.LUID == luid {
			return group, err
		}
	}
	return Group{}, &NotFoundError{Kind: "group", Name: luid}
}

// ByName finds a group by name. The errors are a [*NotFoundError], and an [*AmbiguousError] for a name that several domains have.
func (gs *GroupsService) ByName(ctx context.Context, name string) (Group, error) {
	group, err := lookup(ctx, "group", name, gs.All)
	if err != nil {
		return Group{}, fmt.Errorf("finding group %q: %w", name, err)
	}
	return group, nil
}

// Find is ByLUID for what looks like a LUID, and else ByName.
func (gs *GroupsService) Find(ctx context.Context, nameOrLUID string) (Group, error) {
	if luidForm.MatchString(nameOrLUID) {
		return gs.ByLUID(ctx, nameOrLUID)
	}
	return gs.ByName(ctx, nameOrLUID)
}

// GroupCreate describes a group to make.
type GroupCreate struct {
	Name                string   `api:"@name"`            // required
	MinimumSiteRole     SiteRole `api:"@minimumSiteRole"` // "" for none
	ExternalUserEnabled bool     `api:"@externalUserEnabled"`
}

// Create makes a local group ("Create Group"). A group of that name is an [ErrConflict].
func (gs *GroupsService) Create(ctx context.Context, c GroupCreate) (Group, error) {
	group, err := gs.create(ctx, c)
	if err != nil {
		return Group{}, fmt.Errorf("creating group %q: %w", c.Name, err)
	}
	return group, nil
}

func (gs *GroupsService) create(ctx context.Context, c GroupCreate) (Group, error) {
	if c.Name == "" {
		return Group{}, errors.New("the name is empty")
	}
	if err := c.MinimumSiteRole.check(gs.s.version); err != nil {
		return Group{}, err
	}
	q := &request{op: "Create Group", method: http.MethodPost, path: "groups"}
	if err := q.carry(encodeElement("group", c)); err != nil {
		return Group{}, err
	}
	group, _, err := create(ctx, gs.s, q, "group", func() (Group, error) { return lookup(ctx, "group", localDomain+c.Name, gs.All) })
	return group, err
}

// localDomain stands before the names of the groups that the server alone knows.
const localDomain = `local\`

// A DirectoryGroup is a group of an Active Directory.
type DirectoryGroup struct {
	Name             string           // required
	Domain           string           // required
	SiteRole         SiteRole         // of its users; "" for Unlicensed
	GrantLicenseMode GrantLicenseMode // "" for when they are imported
}

// CreateFromActiveDirectory makes a group of one of an Active Directory, with its users ("Create Group"). It ends when all of
// them are there, which may take long: see [GroupsService.CreateFromActiveDirectoryAsJob].
func (gs *GroupsService) CreateFromActiveDirectory(ctx context.Context, d DirectoryGroup) (Group, error) {
	q, err := gs.importing("Create Group", http.MethodPost, "groups", d)
	var group Group
	if err == nil {
		group, _, err = create(ctx, gs.s, q, "group", func() (Group, error) { return lookup(ctx, "group", d.Domain+`\`+d.Name, gs.All) })
	}
	if err != nil {
		return Group{}, fmt.Errorf("importing group %q: %w", d.Name, err)
	}
	return group, nil
}

// CreateFromActiveDirectoryAsJob has the server make the group in the background: wait with [JobsService.Wait], then find it by
// name.
func (gs *GroupsService) CreateFromActiveDirectoryAsJob(ctx context.Context, d DirectoryGroup) (Job, error) {
	q, err := gs.importing("Create Group", http.MethodPost, "groups", d)
	var job Job
	if err == nil {
		q.query = "asJob=true"
		job, err = readOnce[Job](ctx, gs.s, q, "job")
	}
	if err != nil {
		return Job{}, fmt.Errorf("importing group %q: %w", d.Name, err)
	}
	return job, nil
}

// Synchronize reads a group of an Active Directory again: users who have come are added, users who have gone leave it, and the
// site role is granted ("Update Group"). A local group has nothing to be synchronized with, which the server refuses.
func (gs *GroupsService) Synchronize(ctx context.Context, luid string, d DirectoryGroup) (Group, error) {
	q, err := gs.synchronizing(luid, d)
	var group Group
	if err == nil {
		group, err = read[Group](ctx, gs.s, q, "group")
	}
	if err != nil {
		return Group{}, fmt.Errorf("synchronizing group %q: %w", luid, err)
	}
	return group, nil
}

// SynchronizeAsJob has the server synchronize the group in the background: wait with [JobsService.Wait].
func (gs *GroupsService) SynchronizeAsJob(ctx context.Context, luid string, d DirectoryGroup) (Job, error) {
	q, err := gs.synchronizing(luid, d)
	var job Job
	if err == nil {
		q.query = "asJob=true"
		job, err = read[Job](ctx, gs.s, q, "job")
	}
	if err != nil {
		return Job{}, fmt.Errorf("synchronizing group %q: %w", luid, err)
	}
	return job, nil
}

func (gs *GroupsService) synchronizing(luid string, d DirectoryGroup) (*request, error) {
	if err := checkLUID("group", luid); err != nil {
		return nil, err
	}
	return gs.importing("Update Group", http.MethodPut, groupPath(luid), d)
}

// importing is a request about a group of an Active Directory.
func (gs *GroupsService) importing(op, method, path string, d DirectoryGroup) (*request, error) {
	if d.Name == "" || d.Domain == "" {
		return nil, errors.New("a group of an Active Directory has a name and a domain")
	}
	if err := d.SiteRole.check(gs.s.version); err != nil {
		return nil, err
	}
	from := DirectoryImport{"ActiveDirectory", d.Domain, cmp.Or(d.SiteRole, SiteRoleUnlicensed), d.GrantLicenseMode}
	q := &request{op: op, method: method, path: path}
	return q, q.carry(newElement("group", encodeElement("import", from)).set("name", d.Name))
}

// GroupUpdate is what to change of a local group. What is nil stays.
type GroupUpdate struct {
	Name                *string   `api:"@name"`
	MinimumSiteRole     *SiteRole `api:"@minimumSiteRole"`
	ExternalUserEnabled *bool     `api:"@externalUserEnabled"`
}

// Update changes a local group ("Update Group"). Nobody changes All Users, the group of everybody.
func (gs *GroupsService) Update(ctx context.Context, luid string, u GroupUpdate) (Group, error) {
	group, err := gs.update(ctx, luid, u)
	if err != nil {
		return Group{}, fmt.Errorf("updating group %q: %w", luid, err)
	}
	return group, nil
}

func (gs *GroupsService) update(ctx context.Context, luid string, u GroupUpdate) (Group, error) {
	q, err := gs.request(http.MethodPut, "Update Group", luid)
	if err != nil {
		return Group{}, err
	}
	if err := deref(u.MinimumSiteRole).check(gs.s.version); err != nil {
		return Group{}, err
	}
	if u.Name != nil && *u.Name == "" {
		return Group{}, errors.New("the name is empty")
	}
	if err := q.carry(encodeElement("group", u)); err != nil {
		return Group{}, err
	}
	return read[Group](ctx, gs.s, q, "group")
}

// Delete deletes a group; its users stay on the site ("Delete Group").
func (gs *GroupsService) Delete(ctx context.Context, luid string) error {
	q, err := gs.request(http.MethodDelete, "Delete Group", luid)
	if err == nil {
		err = gs.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting group %q: %w", luid, err)
	}
	return nil
}

// request is a call about one group.
func (gs *GroupsService) request(method, op, luid string) (*request, error) {
	if err := checkLUID("group", luid); err != nil {
		return nil, err
	}
	return &request{op: op, method: method, path: groupPath(luid)}, nil
}
