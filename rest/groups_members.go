package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
)

// Users lists the users in a group ("Get Users in Group").
func (gs *GroupsService) Users(ctx context.Context, luid string, q Query) iter.Seq2[User, error] {
	if err := checkLUID("group", luid); err != nil {
		return failing[User](fmt.Errorf("listing the users of group %q: %w", luid, err))
	}
	return listing[User]{
		op: "Get Users in Group", path: groupPath(luid, "users"), query: q, items: []string{"users", "user"}, kinds: userFilters,
	}.all(ctx, gs.s)
}

// AddUsers puts users into a group, in one request from API 3.21 on ("Add Users to Group") and else in one for each ("Add User
// to Group"). A user who is in it already is no error. Of an older server that refuses some of the users the others are in the
// group, and the errors say who is not.
func (gs *GroupsService) AddUsers(ctx context.Context, groupLUID string, userLUIDs ...string) error {
	if err := gs.addUsers(ctx, groupLUID, userLUIDs); err != nil {
		return fmt.Errorf("adding users to group %q: %w", groupLUID, err)
	}
	return nil
}

func (gs *GroupsService) addUsers(ctx context.Context, groupLUID string, userLUIDs []string) error {
	return gs.members(ctx, groupLUID, userLUIDs, memberCalls{
		many: request{op: "Add Users to Group", method: http.MethodPost, path: "users"},
		one: func(luid string) error {
			q := &request{op: "Add User to Group", method: http.MethodPost, path: groupPath(groupLUID, "users")}
			_, err := gs.s.send(ctx, q, newElement("user").set("id", luid))
			if errors.Is(err, ErrConflict) {
				return nil // in the group already
			}
			return err
		},
	})
}

// RemoveUsers takes users out of a group, in one request from API 3.21 on ("Remove Users from Group") and else in one for each
// ("Remove User from Group"). A user who is not in it is no error.
func (gs *GroupsService) RemoveUsers(ctx context.Context, groupLUID string, userLUIDs ...string) error {
	if err := gs.removeUsers(ctx, groupLUID, userLUIDs); err != nil {
		return fmt.Errorf("removing users from group %q: %w", groupLUID, err)
	}
	return nil
}

func (gs *GroupsService) removeUsers(ctx context.Context, groupLUID string, userLUIDs []string) error {
	return gs.members(ctx, groupLUID, userLUIDs, memberCalls{
		many: request{op: "Remove Users from Group", method: http.MethodPut, path: "users/remove"},
		one: func(luid string) error {
			q := &request{op: "Remove User from Group", method: http.MethodDelete, path: groupPath(groupLUID, "users", luid)}
			err := gs.s.remove(ctx, q)
			if isNoUser(err) {
				return nil // not in the group
			}
			return err
		},
	})
}

// memberCalls are the two ways to change who is in a group: many users in one request, or one user in each.
type memberCalls struct {
	many request // its path follows that of the group
	one  func(userLUID string) error
}

// A memberList is users in requests about a group.
type memberList struct {
	LUIDs []string `api:"user/@id"`
}

// members changes who is in a group. A user whom the server does not know is no reason to leave out the others.
func (gs *GroupsService) members(ctx context.Context, groupLUID string, userLUIDs []string, calls memberCalls) error {
	errs := []error{checkLUID("group", groupLUID)}
	for _, luid := range userLUIDs {
		errs = append(errs, checkLUID("user", luid))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(userLUIDs) > 1 && !gs.s.version.before(sinceManyMembers) {
		q := calls.many
		q.path = groupPath(groupLUID) + "/" + q.path
		_, err := gs.s.send(ctx, &q, encodeElement("users", memberList{userLUIDs}))
		return err
	}
	errs = nil
	for _, luid := range userLUIDs {
		err := calls.one(luid)
		if err != nil {
			errs = append(errs, fmt.Errorf("user %q: %w", luid, err))
		}
		if err != nil && !isNoUser(err) {
			break
		}
	}
	return errors.Join(errs...)
}

func groupPath(parts ...string) string { return "groups/" + segments(parts...) }

// isNoUser says that the server does not know the user, or not where the request looks for them.
func isNoUser(err error) bool {
	refused, ok := errors.AsType[*Error](err)
	return ok && refused.Code == "404002"
}

// SetUsers makes these users, and no others, those of a group: it reads who is in it, and adds and removes the rest. Those it
// has added and removed come back; with an error, the removed are none.
func (gs *GroupsService) SetUsers(ctx context.Context, groupLUID string, userLUIDs ...string) (added, removed []string, err error) {
	added, removed, err = gs.setUsers(ctx, groupLUID, userLUIDs)
	if err != nil {
		err = fmt.Errorf("setting the users of group %q: %w", groupLUID, err)
	}
	return added, removed, err
}

func (gs *GroupsService) setUsers(ctx context.Context, groupLUID string, userLUIDs []string) (added, removed []string, err error) {
	in := map[string]bool{}
	for user, err := range gs.Users(ctx, groupLUID, Query{PageSize: maxPage}) {
		if err != nil {
			return nil, nil, err
		}
		in[user.LUID] = true
	}
	var missing, surplus []string
	for _, luid := range userLUIDs {
		if _, known := in[luid]; !known {
			missing = append(missing, luid)
		}
		in[luid] = false // nobody to be removed, and added once
	}
	for luid, remove := range in {
		if remove {
			surplus = append(surplus, luid)
		}
	}
	slices.Sort(surplus)
	if err := gs.addUsers(ctx, groupLUID, missing); err != nil {
		return nil, nil, err
	}
	if err := gs.removeUsers(ctx, groupLUID, surplus); err != nil {
		return missing, nil, err
	}
	return missing, surplus, nil
}
