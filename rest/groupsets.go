package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

// A GroupSet is a set of groups of a site, for permissions that need all of them ("Get Group Set", API 3.22).
type GroupSet struct {
	LUID       string  `api:"@id"`
	Name       string  `api:"@name"`
	GroupCount int     `api:"@groupCount"`
	Groups     []Group `api:"group"` // with LUID and name
}

func (g GroupSet) naming() naming { return naming{luid: g.LUID, name: g.Name} }

// GroupSetsService works with the group sets of a site, from API 3.22 on: a permission for a group set is for those who are in
// all of its groups.
type GroupSetsService struct{ s *Session }

// All lists the group sets of the site with their groups ("List Group Sets").
func (gs *GroupSetsService) All(ctx context.Context, q Query) iter.Seq2[GroupSet, error] {
	return listing[GroupSet]{
		op: "List Group Sets", since: sinceGroupSets, path: "groupsets", query: q, items: []string{"groupSets", "groupSet"},
		kinds: groupFilters, whole: true,
	}.all(ctx, gs.s)
}

// ByLUID reads a group set with its groups ("Get Group Set").
func (gs *GroupSetsService) ByLUID(ctx context.Context, luid string) (GroupSet, error) {
	q, err := gs.request(http.MethodGet, "Get Group Set", luid)
	var set GroupSet
	if err == nil {
		set, err = read[GroupSet](ctx, gs.s, q, "groupSet")
	}
	if err != nil {
		return GroupSet{}, fmt.Errorf("reading group set %q: %w", luid, err)
	}
	return set, nil
}

// ByName finds a group set by name. The error is a [*NotFoundError].
func (gs *GroupSetsService) ByName(ctx context.Context, name string) (GroupSet, error) {
	set, err := gs.named(ctx, name)
	if err != nil {
		return GroupSet{}, fmt.Errorf("finding group set %q: %w", name, err)
	}
	return set, nil
}

func (gs *GroupSetsService) named(ctx context.Context, name string) (GroupSet, error) {
	return lookup(ctx, "group set", name, gs.All)
}

// Find is ByLUID for what looks like a LUID, and else ByName.
func (gs *GroupSetsService) Find(ctx context.Context, nameOrLUID string) (GroupSet, error) {
	if luidForm.MatchString(nameOrLUID) {
		return gs.ByLUID(ctx, nameOrLUID)
	}
	return gs.ByName(ctx, nameOrLUID)
}

// GroupSetCreate describes a group set to make.
type GroupSetCreate struct {
	Name string `api:"@name"` // required
}

// Create makes a group set without groups ("Create Group Set"). A group set of that name is an [ErrConflict].
func (gs *GroupSetsService) Create(ctx context.Context, c GroupSetCreate) (GroupSet, error) {
	set, err := gs.create(ctx, c)
	if err != nil {
		return GroupSet{}, fmt.Errorf("creating group set %q: %w", c.Name, err)
	}
	return set, nil
}

func (gs *GroupSetsService) create(ctx context.Context, c GroupSetCreate) (GroupSet, error) {
	if c.Name == "" {
		return GroupSet{}, errors.New("the name is empty")
	}
	q := &request{op: "Create Group Set", since: sinceGroupSets, method: http.MethodPost, path: "groupsets"}
	if err := q.carry(encodeElement("groupSet", c)); err != nil {
		return GroupSet{}, err
	}
	set, _, err := create(ctx, gs.s, q, "groupSet", func() (GroupSet, error) { return gs.named(ctx, c.Name) })
	return set, err
}

// GroupSetUpdate is what to change of a group set.
type GroupSetUpdate struct {
	Name *string `api:"@name"`
}

// Update renames a group set ("Update Group Set").
func (gs *GroupSetsService) Update(ctx context.Context, luid string, u GroupSetUpdate) (GroupSet, error) {
	q, err := gs.request(http.MethodPut, "Update Group Set", luid)
	if err == nil && deref(u.Name) == "" {
		err = errors.New("the name is empty")
	}
	if err == nil {
		err = q.carry(encodeElement("groupSet", u))
	}
	var set GroupSet
	if err == nil {
		set, err = read[GroupSet](ctx, gs.s, q, "groupSet")
	}
	if err != nil {
		return GroupSet{}, fmt.Errorf("updating group set %q: %w", luid, err)
	}
	return set, nil
}

// Delete deletes a group set; its groups stay ("Delete Group Set").
func (gs *GroupSetsService) Delete(ctx context.Context, luid string) error {
	q, err := gs.request(http.MethodDelete, "Delete Group Set", luid)
	if err == nil {
		err = gs.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting group set %q: %w", luid, err)
	}
	return nil
}

// AddGroup puts a group into a group set; one that is in it already stays ("Add Group to Group Set").
func (gs *GroupSetsService) AddGroup(ctx context.Context, luid, groupLUID string) error {
	q, err := gs.member(http.MethodPut, "Add Group to Group Set", luid, groupLUID)
	if err == nil {
		_, err = gs.s.call(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("adding group %q to group set %q: %w", groupLUID, luid, err)
	}
	return nil
}

// RemoveGroup takes a group out of a group set ("Remove Group from Group Set").
func (gs *GroupSetsService) RemoveGroup(ctx context.Context, luid, groupLUID string) error {
	q, err := gs.member(http.MethodDelete, "Remove Group from Group Set", luid, groupLUID)
	if err == nil {
		err = gs.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("removing group %q from group set %q: %w", groupLUID, luid, err)
	}
	return nil
}

// member is a call about a group of a group set.
func (gs *GroupSetsService) member(method, op, luid, groupLUID string) (*request, error) {
	q, err := gs.request(method, op, luid)
	if err == nil {
		err = checkLUID("group", groupLUID)
	}
	if err != nil {
		return nil, err
	}
	q.path += "/groups/" + segments(groupLUID)
	return q, nil
}

// request is a call about one group set.
func (gs *GroupSetsService) request(method, op, luid string) (*request, error) {
	if err := checkLUID("group set", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: sinceGroupSets, method: method, path: "groupsets/" + segments(luid)}, nil
}
