package emulator

import (
	"bytes"
	"cmp"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// publication is a publish request, read and checked as far as that can be done without looking at the site. It is kept
// with the job that is to publish it.
type publication struct {
	Kind              string // the element of the kind
	Name              string
	Project           string // LUID; "" for the default project
	Overwrite         bool
	MustExist         bool // append and replace change the data of one that is there
	Append            bool // only an extract can be appended to
	SkipCheck         bool // of whether servers can be reached
	FileType          string
	Data              state.Blob
	Content           content
	Problem           *failure // why the file cannot be published; a job fails with it later
	Hidden            map[string]bool
	ShowTabs, Encrypt bool
	RemoteQuery       bool
	Credentials       []credentials
	Description       *string // nil for what the request does not mention
	Certified         *bool
	CertificationNote *string
	Thumbnails        thumbnails

	AsJob     bool
	SessionID string // of the upload session it commits, "" for a file in the body
}

func (p *publication) kind() *kind { return kindOf(p.Kind) }

// credentials are the username for the connections of the file to a server, or for all of them.
type credentials struct {
	Server, Port, Username string
	Embed                  bool
}

// readPublish reads the body of a publish and opens the file in it, or the file uploaded before.
func (k *kind) readPublish(c *call) error {
	f, err := readForm(c, k.part, c.server.requestLimit)
	if err != nil {
		return err
	}
	p := &publication{Kind: k.element, SessionID: c.query["uploadSessionId"]}
	request := f.payload.child(k.element)
	if p.Name = request.attr("name"); p.Name == "" {
		return refuse(codeMalformed, "The part request_payload has no %s with a name.", k.element)
	}
	if err := p.readFlags(c); err != nil {
		return err
	}
	if err := p.readRequest(c, request); err != nil {
		return err
	}
	var data *state.Reader
	err = c.server.locked(c, func(c *call) error {
		if err := p.readFile(c, f.file); err != nil {
			return err
		}
		data, err = c.server.store.OpenBlob(p.Data)
		return err
	})
	if err != nil {
		return err
	}
	defer data.Close()
	if err := p.readType(c, f.file, data); err != nil {
		return err
	}
	if p.Content, err = p.inspect(data); err != nil {
		p.Problem = failureOf(err)
	}
	c.publication = p
	return nil
}

// readFlags reads the query: TSC and tabcmd send createnew and replace besides the documented overwrite and append.
func (p *publication) readFlags(c *call) error {
	var replace, createNew bool
	for _, f := range []struct {
		name string
		to   *bool
	}{
		{"overwrite", &p.Overwrite},
		{"append", &p.Append},
		{"replace", &replace},
		{"createnew", &createNew},
		{"asJob", &p.AsJob},
		{"skipConnectionCheck", &p.SkipCheck},
	} {
		var err error
		if *f.to, err = c.flag(f.name); err != nil {
			return err
		}
	}
	if p.Overwrite && p.Append {
		return refuse(codeMalformed, "The parameters overwrite and append exclude each other.")
	}
	p.MustExist = p.Append || replace
	p.Overwrite = !createNew && (p.Overwrite || p.MustExist)
	return nil
}

// readRequest reads what the request says of the content.
func (p *publication) readRequest(c *call, request *element) error {
	p.Project = request.child("project").attr("id")
	for _, f := range []struct {
		name string
		to   *bool
	}{
		{"showTabs", &p.ShowTabs}, {"encryptExtracts", &p.Encrypt}, {"useRemoteQueryAgent", &p.RemoteQuery},
	} {
		var err error
		if *f.to, err = request.flag(f.name); err != nil {
			return err
		}
	}
	p.Hidden = make(map[string]bool)
	for v := range request.child("views").each("view") {
		hidden, err := v.flag("hidden")
		if err != nil {
			return err
		}
		p.Hidden[v.attr("name")] = hidden
	}
	if description, given := request.lookup("description"); given && c.knowsDescription(p.kind()) {
		p.Description = &description
	}
	p.Thumbnails = thumbnails{
		User:  cmp.Or(request.attr("thumbnailsUserId"), request.attr("generateThumbnailsAsUser")),
		Group: request.attr("thumbnailsGroupId"),
	}
	if p.Thumbnails.User != "" && p.Thumbnails.Group != "" {
		return refuse(codeMalformed, "The attributes thumbnailsUserId and thumbnailsGroupId exclude each other.")
	}
	certified := request.attr("isCertified")
	if value, known := parseBool(certified); known && certified != "" { // TSC writes "none" for a flag never set
		p.Certified = &value
	}
	if note, given := request.lookup("certificationNote"); given {
		p.CertificationNote = &note
	}
	if err := p.readCredentials(request.child("connectionCredentials"), "", ""); err != nil {
		return err
	}
	for conn := range request.child("connections").each("connection") {
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
	p.Credentials = append(p.Credentials, credentials{server, port, e.attr("name"), embed})
	return err
}

// readFile takes the file from the body or from the upload session: there must be one, and only one.
func (p *publication) readFile(c *call, attached *filePart) error {
	switch {
	case p.SessionID != "" && attached != nil:
		return refuse(codeMalformed, "There are both a part %s and the parameter uploadSessionId.", p.kind().part)
	case p.SessionID == "" && attached == nil:
		return refuse(codeMalformed, "There are neither a part %s nor the parameter uploadSessionId.", p.kind().part)
	case attached != nil:
		p.Data = state.Blob{attached.data}
		return nil
	}
	u, err := c.upload(p.SessionID)
	if err != nil {
		return err
	}
	p.Data, err = u.file()
	return err
}

// readType tells the type of the file: of one uploaded before by the parameter, which must be there.
func (p *publication) readType(c *call, attached *filePart, data io.ReaderAt) (err error) {
	k := p.kind()
	parameter := c.query[k.typeParam]
	if attached == nil && !slices.Contains(k.types, parameter) {
		return refuse(codeFileType, "The parameter %s must be one of %s, not '%s'.", k.typeParam, strings.Join(k.types, ", "), parameter)
	}
	if attached == nil {
		p.FileType = parameter
		return nil
	}
	p.FileType, err = k.typeOf(parameter, attached.fileName, data)
	return err
}

// typeOf tells the type of an attached file: from the parameter, else from its name, else from its first bytes.
func (k *kind) typeOf(parameter, fileName string, data io.ReaderAt) (string, error) {
	if slices.Contains(k.types, parameter) {
		return parameter, nil
	}
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(fileName), "."))
	start := make([]byte, len("Hyper"))
	n, _ := data.ReadAt(start, 0) // a shorter file is none of those told by their start
	start = start[:n]
	switch {
	case slices.Contains(k.types, extension):
		return extension, nil
	case extension != "":
		return "", refuse(codeFileName, "The file name '%s' does not end in .%s.", fileName, strings.Join(k.types, " or ."))
	case bytes.HasPrefix(start, []byte("PK")):
		return k.types[1], nil
	case bytes.HasPrefix(start, []byte("Hyper")) && k == datasources:
		return "hyper", nil
	}
	return k.types[0], nil
}
