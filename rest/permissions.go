package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
)

// Permissions are the rules on one object, or those that content begins with in a project; see for instance
// [WorkbooksService.Permissions] and [ProjectsService.DefaultPermissions]. Making one asks the server nothing.
//
// A rule allows or denies a user, a group or a group set some capabilities; what no rule mentions is not specified. The server
// only adds rules and deletes them, one capability at a time, and passes over what is to be allowed where it is denied. So
// every change here reads the rules, sends as few calls as there can be, and none when there is nothing to change:
//
//  1. one DELETE for each capability that goes over from Allow to Deny or back,
//  2. one PUT for all that is to be added,
//  3. one DELETE for each capability that is not to be mentioned any more: of those allowed before of those denied, and last
//     what it takes to change permissions, because it may be the user's own.
//
// So nobody loses for a moment what is to stay, and what turns around is not specified for a moment. A change that is
// interrupted may have left what it would delete; the same call again finishes it. What was done is returned with the error.
// Users who turn around their own right to change permissions cannot finish the change.
//
// Where a project is locked, the rules on its content are those of the project: they can be read, and changing them is a
// [*LockedError].
type Permissions struct {
	// Unchecked allows capabilities that this package does not know, for servers newer than it is. Else they are refused before
	// anything is changed, unless the object has them already.
	Unchecked bool

	s     *Session
	about ContentType // what the rules are about
	on    string      // as messages say it
	title string      // as the names of operations say it
	since Version
	path  string
	err   error // why there are no such permissions
}

func newPermissions(s *Session, about ContentType, luid string) *Permissions {
	c := ruledContents[about]
	return &Permissions{
		s: s, about: about, on: fmt.Sprintf("%s %q", c.kind, luid), title: c.title, since: c.since,
		path: c.plural + "/" + segments(luid) + "/permissions", err: checkLUID(c.kind, luid),
	}
}

// Permissions are those on a project ("Query Project Permissions").
func (p *ProjectsService) Permissions(luid string) *Permissions {
	return newPermissions(p.s, ProjectContent, luid)
}

// DefaultPermissions are those that content of a type begins with in a project, or has where the project is locked ("Query
// Default Permissions", API 2.1).
func (p *ProjectsService) DefaultPermissions(luid string, of ContentType) *Permissions {
	c := ruledContents[of]
	err := checkLUID("project", luid)
	if c.defaultsSince == (Version{}) {
		err = fmt.Errorf("projects have no default permissions for %q", of)
	}
	return &Permissions{
		s: p.s, about: of, on: fmt.Sprintf("each %s in project %q", cmp.Or(c.kind, string(of)), luid), title: "Default", since: c.defaultsSince,
		path: "projects/" + segments(luid) + "/default-permissions/" + c.plural, err: err,
	}
}

// Permissions are those on a workbook ("Query Workbook Permissions").
func (ws *WorkbooksService) Permissions(luid string) *Permissions {
	return newPermissions(ws.content.s, WorkbookContent, luid)
}

// Permissions are those on a data source ("Query Data Source Permissions").
func (ds *DatasourcesService) Permissions(luid string) *Permissions {
	return newPermissions(ds.content.s, DatasourceContent, luid)
}

// Permissions are those on a view ("Query View Permissions", API 3.2). They can be changed only where the workbook does not
// show its views as tabs.
func (vs *ViewsService) Permissions(luid string) *Permissions {
	return newPermissions(vs.s, ViewContent, luid)
}

// Permissions are those on a flow ("Query Flow Permissions", API 3.3).
func (fs *FlowsService) Permissions(luid string) *Permissions {
	return newPermissions(fs.content.s, FlowContent, luid)
}

// A PermissionSet is all the rules on something.
type PermissionSet struct {
	ParentLUID string           `api:"parent/@id"` // of the project that the permissions are locked to, "" without one
	OwnerLUID  string           `api:"project/owner/@id|workbook/owner/@id|view/owner/@id|datasource/owner/@id|flow/owner/@id"`
	Rules      []PermissionRule `api:"granteeCapabilities"`
}

// A PermissionRule says what somebody may do, and what not.
type PermissionRule struct {
	Grantee
	Capabilities []Capability `api:"capabilities/capability"` // see [Allow], [Deny] and [Permissions.Role]
}

// A Grantee is whom a rule is for: exactly one of the LUIDs is set. The group All Users has one like any other.
type Grantee struct {
	GroupLUID    string `api:"group/@id"`
	GroupSetLUID string `api:"groupSet/@id"` // API 3.22
	UserLUID     string `api:"user/@id"`
}

// kind is the word for a grantee in paths and messages, "" if it is not one.
func (g Grantee) kind() (kind, luid string) {
	switch g {
	case Grantee{}:
		return "", ""
	case Grantee{GroupLUID: g.GroupLUID}:
		return "group", g.GroupLUID
	case Grantee{GroupSetLUID: g.GroupSetLUID}:
		return "groupSet", g.GroupSetLUID
	case Grantee{UserLUID: g.UserLUID}:
		return "user", g.UserLUID
	}
	return "", ""
}

// A Capability is something to do, such as Read or Write, that is allowed or denied. [Permissions.Capabilities] are the names.
type Capability struct {
	Name string         `api:"@name"`
	Mode CapabilityMode `api:"@mode"`
}

// A CapabilityMode is Allow or Deny.
type CapabilityMode string

const (
	// ModeAllow allows. Whoever is denied the same by another rule, as a user or as a member of a group, still may not.
	ModeAllow CapabilityMode = "Allow"
	// ModeDeny denies.
	ModeDeny CapabilityMode = "Deny"
)

// Allow makes a list of capabilities that are allowed.
func Allow(names ...string) []Capability { return capabilities(ModeAllow, names) }

// Deny makes a list of capabilities that are denied.
func Deny(names ...string) []Capability { return capabilities(ModeDeny, names) }

func capabilities(mode CapabilityMode, names []string) []Capability {
	return convert(names, func(name string) Capability { return Capability{name, mode} })
}

// PermissionChanges are what has been changed.
type PermissionChanges struct {
	Deleted []PermissionRule
	Added   []PermissionRule
}

// A LockedError says that permissions were not changed because they are locked to a project. errors.Is(err, ErrForbidden)
// holds.
type LockedError struct {
	ProjectLUID string // of the project whose permissions, or default permissions, hold instead
}

// Error says which project it is and what can be done.
func (e *LockedError) Error() string {
	return fmt.Sprintf("the permissions are locked to project %q: change those, or unlock it", e.ProjectLUID)
}

// Is makes errors.Is(err, ErrForbidden) true.
func (e *LockedError) Is(target error) bool { return target == ErrForbidden }

// Rules reads the rules ("Query Workbook Permissions" and the like). Among those on a project may be InheritedProjectLeader,
// of whoever leads a project above it: it cannot be set, and is passed over where it is given back.
func (p *Permissions) Rules(ctx context.Context) (PermissionSet, error) {
	set, err := p.read(ctx)
	if err != nil {
		return PermissionSet{}, fmt.Errorf("reading the permissions of %s: %w", p.on, err)
	}
	return set, nil
}

// Set makes the rules exactly these; see [Permissions] for how. No rules at all leave no rule.
func (p *Permissions) Set(ctx context.Context, rules []PermissionRule) (PermissionChanges, error) {
	return p.change(ctx, "setting", rules, checkConflicts(rules), func(_, given []ruling) []ruling { return given })
}

// SetFor makes the rules for the grantees that are named exactly these, and leaves those for everybody else as they are. A
// grantee whose rule has no capabilities has no rule then.
func (p *Permissions) SetFor(ctx context.Context, rules ...PermissionRule) (PermissionChanges, error) {
	named := func(r ruling) bool {
		return slices.ContainsFunc(rules, func(rule PermissionRule) bool { return rule.Grantee == r.Grantee })
	}
	return p.change(ctx, "setting", rules, checkConflicts(rules), func(current, given []ruling) []ruling {
		return append(slices.DeleteFunc(slices.Clone(current), named), given...)
	})
}

// Add adds rules to those there are ("Add Workbook Permissions" and the like). What a grantee was denied before and is now
// allowed, or the other way round, changes over.
func (p *Permissions) Add(ctx context.Context, rules ...PermissionRule) (PermissionChanges, error) {
	return p.change(ctx, "adding to", rules, checkConflicts(rules), func(current, given []ruling) []ruling {
		kept := slices.DeleteFunc(slices.Clone(current), func(r ruling) bool { return slices.Contains(given, r.opposite()) })
		return append(kept, given...)
	})
}

// Delete deletes rules ("Delete Workbook Permission" and the like). What is not there is no error.
func (p *Permissions) Delete(ctx context.Context, rules ...PermissionRule) (PermissionChanges, error) {
	return p.change(ctx, "deleting from", rules, nil, func(current, given []ruling) []ruling {
		return slices.DeleteFunc(slices.Clone(current), func(r ruling) bool { return slices.Contains(given, r) })
	})
}

func (p *Permissions) request(method, verb, noun, rest string) (*request, error) {
	return &request{op: verb + " " + p.title + " " + noun, since: p.since, method: method, path: p.path + rest}, p.err
}

func (p *Permissions) read(ctx context.Context) (PermissionSet, error) {
	q, err := p.request(http.MethodGet, "Query", "Permissions", "")
	if err != nil {
		return PermissionSet{}, err
	}
	return read[PermissionSet](ctx, p.s, q, "permissions")
}

// add sends all rules that are to be added. The server passes over what does not go with a rule there is.
func (p *Permissions) add(ctx context.Context, added []ruling) error {
	q, err := p.request(http.MethodPut, "Add", "Permissions", "")
	if err != nil {
		return err
	}
	answer, err := p.s.send(ctx, q, encodeElement("permissions", PermissionSet{Rules: rulesOf(added)}))
	if err != nil {
		return err
	}
	now := rulings(decodeElement[PermissionSet](answer.descend([]string{"permissions"})).Rules)
	for _, r := range added {
		if len(now) > 0 && !slices.Contains(now, r) {
			return fmt.Errorf("the server has not added %s; somebody else may be changing the permissions", r)
		}
	}
	return nil
}

// drop deletes one capability of one grantee.
func (p *Permissions) drop(ctx context.Context, r ruling) error {
	kind, luid := r.kind()
	q, err := p.request(http.MethodDelete, "Delete", "Permission", "/"+segments(kind+"s", luid, r.Name, string(r.Mode)))
	if err != nil {
		return err
	}
	return p.s.remove(ctx, q)
}
