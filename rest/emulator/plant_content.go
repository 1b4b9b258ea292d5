package emulator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"path"
	"slices"
	"strings"
)

func (p *planter) project(where *site, at string, wanted SeedProject) {
	if where.projectAt(wanted.Path) != nil {
		return
	}
	p.item(at, "project", wanted.Path, func() error {
		above, name := path.Split(wanted.Path)
		body := node("project").with("name", name).with("description", wanted.Description).
			withOptional("contentPermissions", wanted.ContentPermissions)
		if above != "" {
			parent, err := p.projectLUID(where, at+".path", strings.TrimSuffix(above, "/"))
			if err != nil {
				return err
			}
			body.with("parentProjectId", parent)
		}
		made, err := p.ask(where, "POST", sitePath(where.luid)+"projects", body)
		if err != nil {
			return err
		}
		path := sitePath(where.luid) + "projects/" + made.child("project").attr("id")
		problems := []error{p.give(where, at, path, "project", wanted.Owner)}
		problems = append(problems, p.permit(where, at+".permissions", path+"/permissions", projectElement, wanted.Permissions))
		for _, collection := range slices.Sorted(maps.Keys(wanted.DefaultPermissions)) {
			at := at + ".default_permissions." + collection
			t := find(contentTypes, func(t *contentType) bool { return t.isContent && t.collection == collection })
			if t == nil {
				problems = append(problems, p.missing(at, "content type", collection, contentCollections()))
				continue
			}
			problems = append(problems, p.permit(where, at, path+"/default-permissions/"+collection, t.element, wanted.DefaultPermissions[collection]))
		}
		return errors.Join(problems...)
	})
}

// contentCollections are the types of content that projects have default permissions for.
func contentCollections() []string {
	var words []string
	for _, t := range contentTypes {
		if t.isContent {
			words = append(words, t.collection)
		}
	}
	return words
}

// projectAt returns the project at a path, nil when there is none.
func (where *site) projectAt(path string) *project {
	var at *project
	for name := range strings.SplitSeq(path, "/") {
		above := ""
		if at != nil {
			above = at.LUID
		}
		at = find(where.projects.All(), func(p *project) bool { return p.Name == name && p.Parent == above })
		if at == nil {
			return nil
		}
	}
	return at
}

// projectLUID returns the LUID of the project that a path at a path of the seed stands for.
func (p *planter) projectLUID(where *site, at, path string) (luid string, err error) {
	if path == "" {
		return where.defaultProject().LUID, nil
	}
	if in := where.projectAt(path); in != nil {
		return in.LUID, nil
	}
	var known []string
	for _, in := range where.projects.All() {
		known = append(known, where.pathOf(in))
	}
	return "", p.missing(at, "project", path, known)
}

// pathOf returns the path of a project.
func (where *site) pathOf(in *project) string {
	if above := where.projects.Get(in.Parent); above != nil {
		return where.pathOf(above) + "/" + in.Name
	}
	return in.Name
}

// give makes a user the owner of what is at a path of the API.
func (p *planter) give(where *site, at, path, element, owner string) error {
	if owner == "" {
		return nil
	}
	at += ".owner"
	luid, err := p.userLUID(where, at, owner)
	if err == nil {
		_, err = p.ask(where, "PUT", path, node(element, node("owner").with("id", luid)))
	}
	return p.tell(at, fmt.Sprintf("owner %q", owner), err)
}

func (p *planter) content(where *site, k *kind, at string, wanted SeedContent) {
	fileType := path.Ext(wanted.File)
	name := cmp.Or(wanted.Name, strings.TrimSuffix(path.Base(wanted.File), fileType))
	in, err := p.projectLUID(where, at+".project", wanted.Project)
	if err != nil || where.named(k, name, in) != nil {
		return
	}
	p.item(at, k.element, name, func() error {
		upload, err := p.upload(where, wanted.File)
		if err != nil {
			return err
		}
		made, err := p.publish(where, k, upload, strings.TrimPrefix(fileType, "."), wanted.payload(k, name, in))
		if err != nil {
			return err
		}
		luid := made.child(k.element).attr("id")
		path := sitePath(where.luid) + k.collection + "/" + luid
		if len(wanted.Tags) > 0 {
			tags := node("tags")
			for _, label := range wanted.Tags {
				tags.add(node("tag").with("label", label))
			}
			if _, err := p.ask(where, "PUT", path+"/tags", tags); err != nil {
				return err
			}
		}
		return errors.Join(
			p.checkHidden(where, k, at, luid, wanted.Hidden),
			p.give(where, at, path, k.element, wanted.Owner),
			p.permit(where, at+".permissions", path+"/permissions", k.element, wanted.Permissions),
		)
	})
}

// payload is what the request to publish says of the content.
func (wanted SeedContent) payload(k *kind, name, project string) *element {
	e := node(k.element).with("name", name).withOptional("description", wanted.Description)
	in := node("project").with("id", project)
	connections := node("connections")
	for _, given := range wanted.Connections {
		connections.add(node("connection", node("connectionCredentials").
			with("name", given.Username).with("password", string(given.Password)).withBool("embed", given.Embed)).
			withOptional("serverAddress", given.Server).withOptional("serverPort", given.Port))
	}
	switch {
	case len(wanted.Connections) == 0:
		e.add(in)
	case k == flows:
		e.add(in, connections)
	default:
		e.add(connections, in)
	}
	if k != workbooks {
		return e
	}
	views := node("views")
	for _, hidden := range wanted.Hidden {
		views.add(node("view").with("name", hidden).with("hidden", "true"))
	}
	e.add(views)
	return e.withBool("showTabs", wanted.ShowTabs)
}

// upload uploads a file in blocks, and returns the upload session.
func (p *planter) upload(where *site, name string) (session string, err error) {
	if name == "" {
		return "", errors.New("it has no file")
	}
	files := p.seed.Files
	if files == nil {
		files = folder(".")
	}
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	path := sitePath(where.luid) + "fileUploads"
	upload, err := p.ask(where, "POST", path, nil)
	if err != nil {
		return "", err
	}
	session = upload.child("fileUpload").attr("uploadSessionId")
	block := &io.LimitedReader{R: f}
	for block.N == 0 { // the last block was a whole one
		block.N = p.server.requestLimit
		if _, err := p.sendForm(where, "PUT", path+"/"+session, nil, block); err != nil {
			return "", err
		}
	}
	return session, nil
}

// publish publishes what was uploaded.
func (p *planter) publish(where *site, k *kind, upload, fileType string, payload *element) (*element, error) {
	query := url.Values{"uploadSessionId": {upload}, k.typeParam: {strings.ToLower(fileType)}}
	return p.sendForm(where, "POST", sitePath(where.luid)+k.collection+"?"+query.Encode(), payload, nil)
}

// sendForm sends a request of two parts: what it says, and a block of a file or nil for none.
func (p *planter) sendForm(where *site, method, path string, payload *element, block io.Reader) (*element, error) {
	var text, form bytes.Buffer
	if payload != nil {
		node("tsRequest", payload).writeTo(&text)
	}
	w := multipart.NewWriter(&form)
	w.WriteField("request_payload", text.String()) // writing to a buffer does not fail
	body := []io.Reader{&form}
	if block != nil {
		w.CreateFormFile("tableau_file", "file")
		head := bytes.Clone(form.Bytes())
		form.Reset()
		body = []io.Reader{bytes.NewReader(head), block, &form}
	}
	w.Close()
	return p.send(where, method, path, "multipart/mixed; boundary="+w.Boundary(), io.MultiReader(body...))
}

// checkHidden tells of views to hide that the workbook does not have.
func (p *planter) checkHidden(where *site, k *kind, at, luid string, hidden []string) error {
	var names []string
	for _, v := range k.of(where).Get(luid).Views {
		names = append(names, where.anyView(v).Name)
	}
	var problems []error
	for i, name := range hidden {
		if !slices.Contains(names, name) {
			problems = append(problems, p.missing(fmt.Sprintf("%s.hidden_views[%d]", at, i), "view", name, names))
		}
	}
	return errors.Join(problems...)
}
