package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// call is one request on its way through an operation.
type call struct {
	server  *Server
	request *http.Request
	version string // as written in the path; answers repeat it
	vars    map[string]string
	query   map[string]string
	fault   *Fault // that the request meets, nil for none

	now     time.Time
	session *session // nil where no token is needed
	site    *site    // the site in the path
	user    *user    // who calls, on that site
	rights  *rights  // of the user, once somebody asked for them

	tree   *element // the tsRequest of the request, nil when there was none that could be read
	status int      // of the answer; 0 before there is one
	code   int      // of a refusal

	body        *element       // of readXML; nil when the body was empty
	block       *filePart      // of readBlock
	publication *publication   // of readPublish
	metadata    *metadataQuery // of readMetadataQuery
	lines       []userLine     // of readCSV
	received    state.Blob     // every file of the request; what no operation kept is forgotten with the call
}

// parseQuery reads a query as clients write it: net/url would drop pairs that hold a semicolon. Of a repeated
// parameter the first counts.
func parseQuery(raw string) map[string]string {
	query := make(map[string]string)
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = unescapeQuery(name)
		if _, seen := query[name]; !seen {
			query[name] = unescapeQuery(value)
		}
	}
	return query
}

func unescapeQuery(s string) string {
	if unescaped, err := url.QueryUnescape(s); err == nil {
		return unescaped
	}
	return s
}

// flag reads a boolean parameter, false when it is absent.
func (c *call) flag(name string) (bool, error) {
	value, known := parseBool(c.query[name])
	if !known {
		return false, refuse(codeBoolean, "The parameter %s must be true or false, not '%s'.", name, c.query[name])
	}
	return value, nil
}

// readXML reads the body as a tsRequest, whatever its Content-Type: curl calls it a form, others nothing at all.
func readXML(c *call) error {
	data, err := io.ReadAll(http.MaxBytesReader(nil, c.request.Body, maxPayload))
	if err != nil {
		return unreadable(err)
	}
	c.body, err = c.parse(data)
	return err
}

// parse reads a tsRequest.
func (c *call) parse(data []byte) (*element, error) {
	root, err := parseRequest(data)
	if err != nil || root == nil {
		return nil, err
	}
	c.tree = root
	if c.server.strict {
		err = root.checkOrder()
	}
	return root, err
}

// unreadable turns an error of reading a body into a refusal.
func unreadable(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(codeTooLarge, "The request body is larger than %d bytes.", tooLarge.Limit)
	}
	return refuse(codeMalformed, "The request body cannot be read: %v.", err)
}

// path returns the path of something on the site of the call, for Location.
func (c *call) path(collection, id string) string {
	return "/api/" + c.version + "/sites/" + c.site.luid + "/" + collection + "/" + id
}

// webPage returns the URL of a page people see.
func (c *call) webPage(collection string, number int) string {
	scheme := "http://"
	if c.request.TLS != nil {
		scheme = "https://"
	}
	page := scheme + c.request.Host + "/#/"
	if c.site.contentURL() != "" {
		page += "site/" + c.site.contentURL() + "/"
	}
	return page + collection + "/" + strconv.Itoa(number)
}

// reply is an answer: a file, or a tsResponse, or a status alone.
type reply struct {
	status   int
	code     int // of a refusal
	location string
	allow    string
	wait     int // seconds, for Retry-After; 0 for none
	body     []*element
	file     *file
	complete func(context.Context) // finishes the answer without the lock, for what takes its time; nil for nothing
}

// file is an answer that is no tsResponse: published content, a picture, JSON of a service of its own.
type file struct {
	data        fileData
	contentType string
	disposition string // "" for none
}

// fileData is what a file holds. One that is an [io.Closer] is closed when it has been sent.
type fileData interface {
	io.ReaderAt
	Size() int64
}

func ok(body ...*element) *reply { return &reply{status: http.StatusOK, body: body} }

func noContent() *reply { return &reply{status: http.StatusNoContent} }

func created(location string, body *element) *reply {
	return &reply{status: http.StatusCreated, location: location, body: []*element{body}}
}

// write sends the answer to a request, in the representation that it asks for. A client that is gone is no error of the
// server.
func (a *reply) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.allow != "" {
		h.Set("Allow", a.allow)
	}
	if a.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(a.wait))
	}
	for _, e := range a.body {
		e.dropExtras()
	}
	if v, known := versionOf(r); known {
		v.shape(a.body)
	}
	switch {
	case a.file != nil:
		h.Set("Content-Type", a.file.contentType)
		if a.file.disposition != "" {
			h.Set("Content-Disposition", a.file.disposition)
		}
		send(w, a.status, io.NewSectionReader(a.file.data, 0, a.file.data.Size()))
	case a.body != nil && prefersJSON(strings.Join(r.Header.Values("Accept"), ",")):
		h.Set("Content-Type", "application/json;charset=UTF-8")
		send(w, a.status, bytes.NewReader(jsonDocument(a.body)))
	case a.body != nil:
		h.Set("Content-Type", xmlContentType)
		send(w, a.status, bytes.NewReader(document(a.body)))
	default:
		if a.status != http.StatusNoContent { // else the client waits for a body until the webhooks are sent
			h.Set("Content-Length", "0")
		}
		w.WriteHeader(a.status)
	}
}

// close lets go of the file of the answer.
func (a *reply) close() {
	if a.file == nil {
		return
	}
	if data, ok := a.file.data.(io.Closer); ok {
		data.Close()
	}
}

func send(w http.ResponseWriter, status int, body interface {
	io.Reader
	Size() int64
},
) {
	w.Header().Set("Content-Length", strconv.FormatInt(body.Size(), 10))
	w.WriteHeader(status)
	io.Copy(w, body) // an error is the client's, who is gone
}

const (
	xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>`
	xmlContentType = "application/xml;charset=UTF-8"
	namespace      = "http://tableau.com/api"
)

// document writes a tsResponse. It begins with <?xml, without which a client in use does not see the namespace.
func document(children []*element) []byte {
	var b bytes.Buffer
	b.WriteString(xmlDeclaration)
	node("tsResponse", children...).with("xmlns", namespace).writeTo(&b)
	return b.Bytes()
}
