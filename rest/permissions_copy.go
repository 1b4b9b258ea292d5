package rest

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

// A GranteeMapping finds the users, groups and group sets of one site on another, of the same server or of another one, by
// their names. The zero value is ready. It remembers what it has found, so one mapping for many copies asks the server less.
// It is safe for concurrent use, and must not be copied.
type GranteeMapping struct {
	// Rename says what somebody of the one site is called on the other, for instance when user names there are e-mail
	// addresses. nil for the same name and domain.
	Rename func(GranteeName) GranteeName
	// SkipUnmatched leaves out the rules for whom there is nobody of that name. Else that is an [*UnmatchedError].
	SkipUnmatched bool

	mu    sync.Mutex
	known map[*Session]map[Grantee]GranteeName
}

// A GranteeName is what users, groups and group sets are told apart by on a site.
type GranteeName struct {
	Kind   string // user, group or groupSet
	Name   string // the LUID of one that is not there any more
	Domain string // such as local; a group set has none
}

// String is the name with its kind.
func (n GranteeName) String() string {
	text := fmt.Sprintf("%s %q", n.Kind, n.Name)
	if n.Domain != "" {
		text += " of domain " + n.Domain
	}
	return text
}

// An UnmatchedError says that nothing was copied, because there is nobody of these names. errors.Is(err, ErrNotFound) holds.
type UnmatchedError struct{ Names []GranteeName }

// Error names them.
func (e *UnmatchedError) Error() string {
	return "there is nobody like " + shorten(convert(e.Names, GranteeName.String))
}

// Is makes errors.Is(err, ErrNotFound) true.
func (e *UnmatchedError) Is(target error) bool { return target == ErrNotFound }

// A PermissionCopy is what a copy has changed where it went to.
type PermissionCopy struct {
	PermissionChanges
	Unmatched []GranteeName // who is not there, and whose rules were left out
}

// Copy makes the rules of another object the same as these, also on another site or server: users and groups are found there
// by name. nil is a mapping that has to find all of them. On the same site they are the same, unless they are renamed.
//
// What is inherited from the project above is not copied, and where a grantee is both allowed and denied something, denied is
// what counts.
func (p *Permissions) Copy(ctx context.Context, to *Permissions, mapping *GranteeMapping) (PermissionCopy, error) {
	if mapping == nil {
		mapping = &GranteeMapping{}
	}
	done, err := p.copy(ctx, to, mapping)
	if err != nil {
		return done, fmt.Errorf("copying the permissions of %s to %s: %w", p.on, to.on, err)
	}
	return done, nil
}

func (p *Permissions) copy(ctx context.Context, to *Permissions, mapping *GranteeMapping) (PermissionCopy, error) {
	if err := to.err; err != nil {
		return PermissionCopy{}, err
	}
	set, err := p.read(ctx)
	if err != nil {
		return PermissionCopy{}, err
	}
	all := slices.DeleteFunc(rulings(set.Rules), func(r ruling) bool { return r.Name == inheritedLeader })
	mapped, unmatched, err := mapping.translate(ctx, p.s, to.s, all)
	if err == nil && len(unmatched) > 0 && !mapping.SkipUnmatched {
		err = &UnmatchedError{unmatched}
	}
	if err != nil {
		return PermissionCopy{}, err
	}
	wanted := slices.DeleteFunc(slices.Clone(mapped), func(r ruling) bool {
		return r.Mode == ModeAllow && slices.Contains(mapped, r.opposite())
	})
	target := *to
	target.Unchecked = to.Unchecked || to.about == p.about // what a server has told is known to servers
	changes, err := target.Set(ctx, rulesOf(wanted))
	return PermissionCopy{PermissionChanges: changes, Unmatched: unmatched}, err
}

// sameSite says that the LUIDs of one session are those of the other.
func (s *Session) sameSite(other *Session) bool {
	return s.site.siteLUID == other.site.siteLUID && s.ServerURL() == other.ServerURL()
}

// translate finds the grantees of rulings on another site. It gives the rulings for those it has found, and names the others.
func (m *GranteeMapping) translate(ctx context.Context, from, to *Session, all []ruling) ([]ruling, []GranteeName, error) {
	if m.Rename == nil && from.sameSite(to) {
		return all, nil, nil
	}
	names, err := m.namesOf(ctx, from, all)
	if err != nil {
		return nil, nil, err
	}
	var wanted []GranteeName
	for _, r := range all {
		if name := names[r.Grantee]; !slices.Contains(wanted, name) {
			wanted = append(wanted, name)
		}
	}
	found, err := m.granteesOf(ctx, to, wanted)
	if err != nil {
		return nil, nil, err
	}
	var mapped []ruling
	for _, r := range all {
		if grantee, ok := found[names[r.Grantee]]; ok {
			mapped = append(mapped, ruling{grantee, r.Capability})
		}
	}
	return mapped, slices.DeleteFunc(wanted, func(name GranteeName) bool { _, ok := found[name]; return ok }), nil
}

// namesOf says what the grantees of rulings are called on the other site.
func (m *GranteeMapping) namesOf(ctx context.Context, s *Session, all []ruling) (map[Grantee]GranteeName, error) {
	names, unknown := map[Grantee]GranteeName{}, map[string][]string{}
	known := m.knownOn(s)
	for _, r := range all {
		if _, seen := names[r.Grantee]; seen {
			continue
		}
		kind, luid := r.kind()
		names[r.Grantee] = GranteeName{Kind: kind, Name: luid}
		if _, ok := known[r.Grantee]; !ok {
			unknown[kind] = append(unknown[kind], luid)
		}
	}
	if err := m.learn(ctx, s, "luid", unknown); err != nil {
		return nil, err
	}
	known = m.knownOn(s)
	for grantee := range names {
		if name, ok := known[grantee]; ok {
			names[grantee] = name
		}
		if m.Rename != nil {
			names[grantee] = m.Rename(names[grantee])
		}
	}
	return names, nil
}

// granteesOf finds who has the names on a site. Whoever is not there is left out.
func (m *GranteeMapping) granteesOf(ctx context.Context, s *Session, names []GranteeName) (map[GranteeName]Grantee, error) {
	unknown := map[string][]string{}
	known := m.knownOn(s)
	for _, name := range names {
		if !slices.Contains(slices.Collect(maps.Values(known)), name) {
			unknown[name.Kind] = append(unknown[name.Kind], name.Name)
		}
	}
	if err := m.learn(ctx, s, "name", unknown); err != nil {
		return nil, err
	}
	known = m.knownOn(s)
	found := map[GranteeName]Grantee{}
	for _, name := range names {
		matches := matching(known, name)
		if len(matches) > 1 {
			luids := convert(matches, func(g Grantee) string { _, luid := g.kind(); return luid })
			slices.Sort(luids)
			return nil, &AmbiguousError{Kind: name.Kind, Name: name.Name, Matches: luids}
		}
		for _, grantee := range matches {
			found[name] = grantee
		}
	}
	return found, nil
}

// matching are the grantees of a name: those of its domain, else those where one side does not say which domain it is.
func matching(known map[Grantee]GranteeName, name GranteeName) []Grantee {
	var exact, alike []Grantee
	for grantee, other := range known {
		switch {
		case other == name:
			exact = append(exact, grantee)
		case other.Kind == name.Kind && other.Name == name.Name && (other.Domain == "" || name.Domain == ""):
			alike = append(alike, grantee)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return alike
}

func (m *GranteeMapping) knownOn(s *Session) map[Grantee]GranteeName {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.known[s])
}

// learn looks grantees up on a site, by LUIDs or by names; unknown are those of each kind.
func (m *GranteeMapping) learn(ctx context.Context, s *Session, field string, unknown map[string][]string) error {
	err := learnFrom(ctx, s.Users.All, field, unknown["user"], func(u User) {
		m.remember(s, Grantee{UserLUID: u.LUID}, GranteeName{"user", u.Name, u.Domain})
	})
	if err == nil {
		err = learnFrom(ctx, s.Groups.All, field, unknown["group"], func(g Group) {
			m.remember(s, Grantee{GroupLUID: g.LUID}, GranteeName{"group", g.Name, g.Domain})
		})
	}
	if err == nil {
		err = learnFrom(ctx, s.GroupSets.All, field, unknown["groupSet"], func(g GroupSet) {
			m.remember(s, Grantee{GroupSetLUID: g.LUID}, GranteeName{Kind: "groupSet", Name: g.Name})
		})
	}
	return err
}

func learnFrom[T any](
	ctx context.Context, all func(context.Context, Query) iter.Seq2[T, error], field string, values []string, remember func(T),
) error {
	for _, filter := range inPortions(field, values) {
		for item, err := range all(ctx, Query{Filters: []Filter{filter}}) {
			if err != nil {
				return err
			}
			remember(item)
		}
	}
	return nil
}

func (m *GranteeMapping) remember(s *Session, grantee Grantee, name GranteeName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[*Session]map[Grantee]GranteeName{}
	}
	if m.known[s] == nil {
		m.known[s] = map[Grantee]GranteeName{}
	}
	m.known[s][grantee] = name
}

// inPortions makes filters for the values that fit into a URL. Values that do not go into a list have one each.
func inPortions(field string, values []string) []Filter {
	var filters []Filter
	var plain []string
	for _, value := range values {
		if strings.ContainsAny(value, ",&[]*") {
			filters = append(filters, Eq(field, value))
		} else {
			plain = append(plain, value)
		}
	}
	for portion := range slices.Chunk(plain, 20) {
		filters = append(filters, In(field, portion...))
	}
	return filters
}
