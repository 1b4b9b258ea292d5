package emulator

import (
	"cmp"
	"slices"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var virtualConnectionOperations = slices.Concat([]operation{
	op("GET", "sites/{site}/virtualconnections", onSite, nil, listVirtualConnections).since(3, 18),
	op("POST", "sites/{site}/virtualconnections", onSite, readXML, publishVirtualConnection).since(3, 23),
	op("GET", "sites/{site}/virtualconnections/{id}", onSite, nil, getVirtualConnection).since(3, 23),
	op("PUT", "sites/{site}/virtualconnections/{id}", onSite, readXML, updateVirtualConnection).since(3, 23),
	op("DELETE", "sites/{site}/virtualconnections/{id}", onSite, nil, deleteVirtualConnection).since(3, 23),
	op("GET", "sites/{site}/virtualconnections/{id}/connections", onSite, nil, listDatabaseConnections).since(3, 18),
	op("PUT", "sites/{site}/virtualconnections/{id}/connections/{connection}/modify", onSite, readXML, updateDatabaseConnection).since(3, 18),
	op("GET", "sites/{site}/virtualconnections/{id}/revisions", onSite, nil, listVirtualRevisions).since(3, 23),
	op("GET", "sites/{site}/virtualconnections/{id}/revisions/{number}", onSite, nil, getVirtualRevision).since(3, 23),
	op("PUT", "sites/{site}/virtualconnections/{id}/tags", onSite, readXML, addTagsToVirtualConnection).since(3, 23),
	op("DELETE", "sites/{site}/virtualconnections/{id}/tags/{tag...}", onSite, nil, deleteTagFromVirtualConnection).since(3, 23),
},
	permissionOperations("sites/{site}/virtualconnections/{id}/permissions", apiVersion{3, 22}, ruledVirtualConnection),
)

const virtualConnectionElement = "virtualConnection"

// virtualTables are the virtual connections of a site, and what each of them was and is.
type virtualTables struct {
	virtualConnections *state.Table[virtualConnection]
	virtualRevisions   *state.Table[virtualRevision]
}

func openVirtual(store *state.Store, path string) virtualTables {
	return virtualTables{
		virtualConnections: state.NewTable(store, path+"virtualconnections", func(v *virtualConnection) string { return v.LUID }),
		virtualRevisions:   state.NewTable(store, path+"virtualrevisions", (*virtualRevision).key),
	}
}

// virtualConnection is a way to databases that people share: its definition is in its revisions.
type virtualConnection struct {
	LUID, Name           string
	Number               int    // of its web page
	Project, Owner       string // LUIDs
	Draft                bool   // for the eyes of its owner until it is published
	Certified            bool
	CertificationNote    string
	Tags                 []tag
	Connections          []connection // to databases
	CreatedAt, UpdatedAt time.Time
}

func (v *virtualConnection) securable() securable {
	return securable{kind: virtualConnectionElement, luid: v.LUID, owner: v.Owner, project: v.Project}
}

// virtualConnection returns the one in the path when the caller has the capability on it; without it the code is that of
// the refusal. Drafts of others are not there.
func (c *call) virtualConnection(code int, capability string) (*virtualConnection, error) {
	v := c.site.virtualConnections.Get(c.vars["id"])
	if v == nil || v.Draft && v.Owner != c.user.LUID && !c.user.isAdministrator() {
		return nil, refuse(codeNoContent, "Virtual connection '%s' could not be found.", c.vars["id"])
	}
	return v, c.allow(code, capability, v.securable())
}

// listVirtualConnections answers GET virtualConnections: those that the caller may see, no drafts.
func listVirtualConnections(c *call) (*reply, error) {
	var items []*virtualConnection
	for _, v := range c.site.virtualConnections.All() {
		if !v.Draft && c.may("Read", v.securable()) {
			items = append(items, v)
		}
	}
	fields := map[string]field[*virtualConnection]{
		"createdAt":   timeField(func(v *virtualConnection) time.Time { return v.CreatedAt }),
		"isCertified": boolField(func(v *virtualConnection) bool { return v.Certified }),
		"name":        textField(func(v *virtualConnection) string { return v.Name }),
		"projectName": textField(func(v *virtualConnection) string { return c.site.projects.Get(v.Project).Name }),
		"tags":        textsField(func(v *virtualConnection) []string { return labels(v.Tags) }),
		"updatedAt":   timeField(func(v *virtualConnection) time.Time { return v.UpdatedAt }),
	}
	addOwnerFields(c, fields, func(v *virtualConnection) string { return v.Owner })
	return listing[*virtualConnection]{
		name: "virtualConnections", items: items, fields: fields,
		render: func(v *virtualConnection) *element { return v.render(c) },
	}.reply(c)
}

// getVirtualConnection answers GET virtualConnections/{id}, with the definition.
func getVirtualConnection(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	revisions := c.site.revisionsOf(v)
	return ok(v.renderWith(c, revisions[len(revisions)-1])), nil
}

// updateVirtualConnection answers PUT virtualConnections/{id}: what the request holds of its name, project, owner and
// certification.
func updateVirtualConnection(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeUpdateForbidden, "Write")
	if err != nil {
		return nil, err
	}
	request := c.body.child(virtualConnectionElement)
	if request == nil {
		return nil, refuse(codeMalformed, "The request body has no virtualConnection.")
	}
	changed := *v
	changed.UpdatedAt = stamp(c.now)
	if err := changed.change(c, request); err != nil {
		return nil, err
	}
	if changed.Project != v.Project {
		c.site.ownRules(v.securable())
	}
	c.site.virtualConnections.Put(&changed)
	return ok(changed.renderWhole(c)), nil
}

// change puts into a copy what the request says of it.
func (v *virtualConnection) change(c *call, request *element) error {
	project := cmp.Or(request.child("project").attr("id"), v.Project)
	if project != v.Project {
		to := c.site.projects.Get(project)
		if to == nil {
			return refuse(codeNoProject, "Project '%s' could not be found.", project)
		}
		if err := c.allow(codeMoveForbidden, "Write", to.securable()); err != nil {
			return err
		}
	}
	v.Name, v.Project = cmp.Or(request.attr("name"), v.Name), project
	if err := v.changeOwner(c, request, codeUpdateForbidden); err != nil {
		return err
	}
	if other := c.site.sameVirtualConnection(v); other != nil {
		return refuse(codeDatasourceExists, "Virtual connection '%s' has the name '%s' in project '%s' already.", other.LUID, v.Name, project)
	}
	if note, given := request.lookup("certificationNote"); given {
		v.CertificationNote = note
	}
	return request.readFlag("isCertified", &v.Certified)
}

// changeOwner gives it another owner, which only administrators do; the code is that of the refusal.
func (v *virtualConnection) changeOwner(c *call, request *element, code int) error {
	owner := cmp.Or(request.child("owner").attr("id"), v.Owner)
	switch {
	case owner == v.Owner:
		return nil
	case !c.user.isAdministrator():
		return refuse(code, "User '%s' is not an administrator and may not make user '%s' the owner of virtual connection '%s'.",
			c.user.LUID, owner, v.Name)
	case c.site.users.Get(owner) == nil:
		return refuse(codeNoUser, "User '%s' could not be found.", owner)
	}
	v.Owner = owner
	return nil
}

// sameVirtualConnection returns another of the same name in the same project. Drafts are only the same as others of their
// owner.
func (where *site) sameVirtualConnection(v *virtualConnection) *virtualConnection {
	return find(where.virtualConnections.All(), func(other *virtualConnection) bool {
		return other.LUID != v.LUID && other.Name == v.Name && other.Project == v.Project && other.Draft == v.Draft &&
			(!v.Draft || other.Owner == v.Owner)
	})
}

// deleteVirtualConnection answers DELETE virtualConnections/{id}.
func deleteVirtualConnection(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeForbidden, "Delete")
	if err != nil {
		return nil, err
	}
	c.site.dropVirtualConnection(v)
	return noContent(), nil
}

// dropVirtualConnection takes it off the site, with its revisions and rules.
func (where *site) dropVirtualConnection(v *virtualConnection) {
	where.virtualConnections.Delete(v.LUID)
	where.virtualRevisions.DeleteFunc(func(r *virtualRevision) bool { return r.Of == v.LUID })
	where.forgetRules(v.LUID)
}

// addTagsToVirtualConnection answers PUT virtualConnections/{id}/tags.
func addTagsToVirtualConnection(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	return v.tagged(c.site).add(c, codeMalformed)
}

// deleteTagFromVirtualConnection answers DELETE virtualConnections/{id}/tags/{tag}.
func deleteTagFromVirtualConnection(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	return v.tagged(c.site).delete(c)
}

// tagged returns a copy of a virtual connection, to change its tags.
func (v *virtualConnection) tagged(where *site) tagged {
	changed := *v
	changed.Tags = slices.Clone(v.Tags)
	return tagged{&changed.Tags, v.securable(), func() { where.virtualConnections.Put(&changed) }}
}

func ruledVirtualConnection(c *call) (*ruled, error) {
	v, err := c.virtualConnection(codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	return c.ruledContent(v.securable(), v.Name), nil
}

// render writes a virtual connection as lists do. Nothing makes extracts of one here.
func (v *virtualConnection) render(c *call) *element {
	return node(virtualConnectionElement).
		with("id", v.LUID).
		with("name", v.Name).
		with("webpageUrl", c.webPage("virtualconnections", v.Number)).
		with("createdAt", formatTime(v.CreatedAt)).
		with("updatedAt", formatTime(v.UpdatedAt)).
		withBool("hasExtracts", false).
		withBool("isCertified", v.Certified).
		withOptional("certificationNote", v.CertificationNote)
}

// renderWhole writes it as answers about one do.
func (v *virtualConnection) renderWhole(c *call) *element {
	e := v.render(c)
	e.add(node("project").with("id", v.Project), node("owner").with("id", v.Owner), renderTags(v.Tags))
	return e
}

// renderWith writes it with the definition that a revision has.
func (v *virtualConnection) renderWith(c *call, r *virtualRevision) *element {
	e := v.renderWhole(c)
	e.add(textNode("content", r.Content))
	return e
}
