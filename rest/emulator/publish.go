package emulator

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// publication is a publish request, read and checked as far as that can be done without looking at the site.
type publication struct {
	kind        *kind
	request     *element // the workbook or datasource of the request
	name        string
	overwrite   bool
	mustExist   bool // append and replace change the data of one that is there
	asJob       bool
	sessionID   string // of the upload session it commits, "" for a file in the body
	fileType    string
	data        blocks
	content     content
	problem     error // why the file cannot be published; a job fails with it later
	hidden      map[string]bool
	showTabs    bool
	encrypt     bool
	remoteQuery bool
	credentials []credentials
}

// credentials are the username for the connections of the file to a server, or for all of them.
type credentials struct {
	server, port, username string
	embed                  bool
}

// readPublish reads the body of a publish and opens the file in it, or the file uploaded before.
func (k *kind) readPublish(c *call) error {
	f, err := readForm(c.request, k.part, c.server.requestLimit)
	if err != nil {
		return err
	}
	p := &publication{kind: k, request: f.payload.child(k.element), sessionID: c.query["uploadSessionId"]}
	if p.name = p.request.attr("name"); p.name == "" {
		return refuse(codeMalformed, "The part request_payload has no %s with a name.", k.element)
	}
	if err := p.readFlags(c); err != nil {
		return err
	}
	if err := p.readRequest(); err != nil {
		return err
	}
	if err := p.readFile(c, f.file); err != nil {
		return err
	}
	p.content, p.problem = p.inspect()
	c.publication = p
	return nil
}

// readFlags reads the query: TSC and tabcmd send createnew and replace besides the documented overwrite and append.
func (p *publication) readFlags(c *call) error {
	var doAppend, replace, createNew bool
	for _, f := range []struct {
		name string
		to   *bool
	}{
		{"overwrite", &p.overwrite},
		{"append", &doAppend},
		{"replace", &replace},
		{"createnew", &createNew},
		{"asJob", &p.asJob},
	} {
		var err error
		if *f.to, err = c.flag(f.name); err != nil {
			return err
		}
	}
	if p.overwrite && doAppend {
		return refuse(codeMalformed, "The parameters overwrite and append exclude each other.")
	}
	p.mustExist = doAppend || replace
	p.overwrite = !createNew && (p.overwrite || p.mustExist)
	return nil
}

func (p *publication) readRequest() error {
	for _, f := range []struct {
		name string
		to   *bool
	}{
		{"showTabs", &p.showTabs}, {"encryptExtracts", &p.encrypt}, {"useRemoteQueryAgent", &p.remoteQuery},
	} {
		var err error
		if *f.to, err = p.request.flag(f.name); err != nil {
			return err
		}
	}
	p.hidden = make(map[string]bool)
	for v := range p.request.child("views").each("view") {
		hidden, err := v.flag("hidden")
		if err != nil {
			return err
		}
		p.hidden[v.attr("name")] = hidden
	}
	if err := p.readCredentials(p.request.child("connectionCredentials"), "", ""); err != nil {
		return err
	}
	for conn := range p.request.child("connections").each("connection") {
		server, port := conn.attr("serverAddress"), conn.attr("serverPort")
		if err := p.readCredentials(conn.child("connectionCredentials"), server, port); err != nil {
			return err
		}
	}
	return nil
}

func (p *publication) readCredentials(e *element, server, port string) error {
	if e == nil {
		return nil
	}
	embed, err := e.flag("embed")
	p.credentials = append(p.credentials, credentials{server, port, e.attr("name"), embed})
	return err
}

// readFile takes the file from the body or from the upload session: there must be one, and only one.
func (p *publication) readFile(c *call, attached *filePart) error {
	var err error
	switch {
	case p.sessionID != "" && attached != nil:
		return refuse(codeMalformed, "There are both a part %s and the parameter uploadSessionId.", p.kind.part)
	case p.sessionID != "":
		if p.fileType = c.query[p.kind.typeParam]; !slices.Contains(p.kind.types, p.fileType) {
			return refuse(codeFileType, "The parameter %s must be one of %s, not '%s'.", p.kind.typeParam,
				strings.Join(p.kind.types, ", "), p.fileType)
		}
		return c.server.locked(c, func(c *call) error {
			u, err := c.upload(p.sessionID)
			if err != nil {
				return err
			}
			p.data, err = u.file()
			return err
		})
	case attached == nil:
		return refuse(codeMalformed, "There are neither a part %s nor the parameter uploadSessionId.", p.kind.part)
	}
	p.data = blocks{attached.data}
	p.fileType, err = p.kind.typeOf(c.query[p.kind.typeParam], attached)
	return err
}

// typeOf tells the type of an attached file: from the parameter, else from its name, else from its first bytes.
func (k *kind) typeOf(parameter string, f *filePart) (string, error) {
	if slices.Contains(k.types, parameter) {
		return parameter, nil
	}
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(f.fileName), "."))
	switch {
	case slices.Contains(k.types, extension):
		return extension, nil
	case extension != "":
		return "", refuse(codeFileName, "The file name '%s' does not end in .%s.", f.fileName, strings.Join(k.types, " or ."))
	case bytes.HasPrefix(f.data, []byte("PK")):
		return k.types[1], nil
	case bytes.HasPrefix(f.data, []byte("Hyper")) && k == datasources:
		return "hyper", nil
	}
	return k.types[0], nil
}
