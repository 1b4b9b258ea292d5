package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// activeDirectory is the only source that groups are imported from.
const activeDirectory = "ActiveDirectory"

// When users of a group have the site role of its import: when they sign in, or when the group is read.
const (
	onLogin = "onLogin"
	onSync  = "onSync"
)

// directoryGroup is a group of an Active Directory that the server can ask.
type directoryGroup struct {
	domain, name string
	users        []string
}

// WithDirectoryGroup gives the server an Active Directory to import from: a group of a domain, with its users. A group
// that is given nowhere is taken for one without users.
func WithDirectoryGroup(domain, group string, users ...string) Option {
	return func(o *options) error {
		if domain == "" || group == "" || slices.Contains(users, "") {
			return fmt.Errorf("directory group %q: a group has a domain, a name and users with names", group)
		}
		o.directory = append(o.directory, directoryGroup{domain, group, users})
		return nil
	}
}

// groupImport is a group to be made of one of an Active Directory. It is work that a job can do.
type groupImport struct {
	Name, Domain string // the second is a LUID
	Import       directoryImport
}

// groupSync is a group, by LUID, to be read again from its Active Directory. It is work that a job can do.
type groupSync struct {
	Group  string
	Import directoryImport
}

// readImport reads what the users of an imported group get.
func readImport(body *element) (directoryImport, error) {
	i := directoryImport{SiteRole: cmp.Or(body.attr("siteRole"), unlicensed), GrantLicenseMode: body.attr("grantLicenseMode")}
	switch {
	case body.attr("source") != activeDirectory || body.attr("domainName") == "":
		return i, refuse(codeMalformed, "An import is from the source %s and has a domainName.", activeDirectory)
	case ranks[i.SiteRole] == 0:
		return i, refuse(codeSiteRole, "An import cannot have the siteRole '%s'.", i.SiteRole)
	case !slices.Contains([]string{"", onLogin, onSync}, i.GrantLicenseMode):
		return i, refuse(codeMalformed, "The grantLicenseMode '%s' is neither %s nor %s.", i.GrantLicenseMode, onLogin, onSync)
	}
	return i, nil
}

// importGroup answers POST groups with an import.
func (c *call) importGroup(name string, body *element) (*reply, error) {
	settings, err := readImport(body)
	if err != nil {
		return nil, err
	}
	asJob, err := c.flag("asJob")
	if err != nil {
		return nil, err
	}
	w := &groupImport{Name: name, Domain: c.server.domain(body.attr("domainName")).LUID, Import: settings}
	if asJob {
		return c.startJob(job{Kind: "import_ad_group", About: object{Kind: "group", Name: name}, Work: work{GroupImport: w}}), nil
	}
	g, _, err := w.run(c.server, c.site)
	if err != nil {
		return nil, err
	}
	return created(c.path("groups", g.LUID), c.renderGroup(g)), nil
}

// synchronizeGroup answers PUT groups/{id} with an import.
func (c *call) synchronizeGroup(g *group, body *element) (*reply, error) {
	settings, err := readImport(body)
	if err != nil {
		return nil, err
	}
	if g.Import == nil {
		return nil, refuse(codeMalformed, "Group '%s' is local and not imported from a directory.", g.LUID)
	}
	asJob, err := c.flag("asJob")
	if err != nil {
		return nil, err
	}
	w := &groupSync{Group: g.LUID, Import: settings}
	if asJob {
		return c.startJob(job{Kind: "sync_ad_group", About: object{"group", g.LUID, g.Name}, Work: work{GroupSync: w}}), nil
	}
	if _, err := w.run(c.server, c.site); err != nil {
		return nil, err
	}
	return ok(c.renderGroup(c.site.groups.Get(g.LUID))), nil
}

// run makes the group, and tells how it went.
func (w *groupImport) run(s *Server, where *site) (*group, string, error) {
	g := &group{LUID: s.newID(), Name: w.Name, Domain: w.Domain, Import: &w.Import}
	if err := where.checkGroupName(g); err != nil {
		return nil, "", err
	}
	where.groups.Put(g)
	notes := s.readDirectory(where, g)
	return where.groups.Get(g.LUID), notes, nil
}

// run reads the group again, and tells how it went.
func (w *groupSync) run(s *Server, where *site) (string, error) {
	g := where.groups.Get(w.Group)
	if g == nil {
		return "", refuse(codeNoGroup, "Group '%s' could not be found.", w.Group)
	}
	changed := *g
	changed.Import = &w.Import
	where.groups.Put(&changed)
	return s.readDirectory(where, &changed), nil
}

// readDirectory makes the users of a group in its Active Directory its members, and puts those on the site who are not
// there yet.
func (s *Server) readDirectory(where *site, g *group) string {
	in := s.domains.Get(g.Domain)
	var members []string
	added, role := 0, g.Import.SiteRole
	if g.Import.GrantLicenseMode == onLogin {
		role = unlicensed
	}
	for _, d := range s.directory {
		if !strings.EqualFold(d.domain, in.Name) && !strings.EqualFold(d.domain, in.Nickname) || !strings.EqualFold(d.name, g.Name) {
			continue
		}
		for _, name := range d.users {
			a := s.findAccount(in.Name + `\` + name)
			if a == nil {
				a = s.addAccount(in.Name+`\`+name, unlicensed)
			}
			u := where.userOf(a)
			if u == nil {
				u = s.addUser(where, a, role)
				added++
			}
			if !slices.Contains(members, u.LUID) {
				members = append(members, u.LUID)
			}
		}
	}
	where.setMembers(g, members)
	return fmt.Sprintf("%d users of the directory are in the group, of whom %d were added to the site.", len(members), added)
}

func (w *groupImport) do(s *Server, where *site, _ *job) (string, error) {
	_, notes, err := w.run(s, where)
	return notes, err
}

func (w *groupSync) do(s *Server, where *site, _ *job) (string, error) { return w.run(s, where) }

// Nothing is kept for these.
func (w *groupImport) drop(*Server, *site, *job) {}
func (w *groupSync) drop(*Server, *site, *job)   {}
