package emulator

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// download answers GET content: the file as it was published, byte for byte, or with includeExtract=false without its
// extracts.
func (k *kind) download(c *call) (*reply, error) {
	a, err := k.findFor(c, codeDownloadForbidden, "ExportXml")
	if err != nil {
		return nil, err
	}
	return c.send(a, a.current())
}

// send answers with the file of a revision, named after the asset.
func (c *call) send(a *asset, r *revision) (*reply, error) {
	include, known := parseBool(c.query["includeExtract"])
	if !known {
		return nil, refuse(codeBoolean, "The parameter includeExtract must be true or false, not '%s'.", c.query["includeExtract"])
	}
	data, err := c.server.store.OpenBlob(r.Data)
	if err != nil {
		return nil, err
	}
	answer := ok()
	answer.file = &file{data, contentTypeOf(r.FileType), disposition(a.kind().part, a.Name+"."+r.FileType)}
	if leaveOut := c.query["includeExtract"] != "" && !include || r.Extractless; leaveOut && slices.Contains(withExtracts, r.FileType) {
		answer.completeWith(func() error { return answer.file.withoutExtracts(a, data) })
	}
	return answer, nil
}

// withExtracts are the types of file that can hold extracts besides other things.
var withExtracts = []string{"twb", "twbx", "tds", "tdsx"}

func contentTypeOf(fileType string) string {
	if fileType == "twb" || fileType == "tds" {
		return "application/xml"
	}
	return "application/octet-stream"
}

// completeWith has the answer completed without the lock. An error becomes the answer.
func (a *reply) completeWith(step func() error) {
	a.complete = func(context.Context) {
		if err := step(); err != nil {
			a.close()
			*a = *refusalOf(err).reply()
		}
	}
}

// withoutExtracts makes the file one without its extracts, whatever else is in it. A package that held nothing else
// becomes the bare document. Where there are none the bytes stay.
func (f *file) withoutExtracts(a *asset, data *state.Reader) error {
	document, err := documents.OpenReader(data, data.Size())
	if err != nil {
		return refuse(codeExport, "The file of %s '%s' cannot be read: %v.", a.Kind, a.LUID, err)
	}
	found := false
	for ds := range document.Datasources() {
		if _, has := document.ExtractFile(ds); !has {
			continue
		}
		found = true
		if err := document.RemoveExtract(ds); err != nil {
			document.Close()
			return refuse(codeExport, "The extract of %s '%s' cannot be left out: %v.", a.Kind, a.LUID, err)
		}
	}
	if !found {
		return document.Close()
	}
	document.Unwrap() // an error says that the package holds something else, and stays one
	content, err := document.Content()
	if err != nil {
		document.Close()
		return refuse(codeExport, "The file of %s '%s' cannot be written: %v.", a.Kind, a.LUID, err)
	}
	fileType := document.Kind().String()
	f.data = &derived{content, []io.Closer{content, document, data}}
	f.contentType = contentTypeOf(fileType)
	f.disposition = disposition(a.kind().part, a.Name+"."+fileType)
	return nil
}

// derived is a file made of another one, which stays open as long.
type derived struct {
	fileData
	open []io.Closer
}

// Close implements [io.Closer].
func (d *derived) Close() error {
	var problems []error
	for _, c := range d.open {
		problems = append(problems, c.Close())
	}
	return errors.Join(problems...)
}

// disposition writes the Content-Disposition of a download: no type, the name, the file name in quotes, and last, only
// for a name that cannot stand in quotes, the encoded one. Clients in use depend on all of it.
func disposition(part, fileName string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/`, r) {
			return '_'
		}
		return r
	}, fileName)
	header := `name="` + part + `"; filename="` + plain + `"`
	if plain != fileName {
		header += "; filename*=UTF-8''" + url.PathEscape(fileName)
	}
	return header
}
