package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A PublishMode says what becomes of an object of the same name in the project.
type PublishMode int

const (
	// CreateNew refuses to publish over an object of the same name. It is the zero value.
	CreateNew PublishMode = iota
	// Overwrite replaces it, or makes a new one. LUID, content URL, permissions and tags stay; the publisher becomes the owner, and
	// embedded credentials are lost. See [Keep].
	Overwrite
	// Append adds the rows of an extract to those of a data source with a matching one, which must be there.
	Append
	// Replace puts the file in the place of a data source, which must be there.
	Replace
)

// String is the mode in words.
func (m PublishMode) String() string {
	switch m {
	case CreateNew:
		return "create new"
	case Overwrite:
		return "overwrite"
	case Append:
		return "append"
	case Replace:
		return "replace"
	}
	return fmt.Sprintf("PublishMode(%d)", int(m))
}

// Keep says what of the object that a publish overwrites is to stay as it was. Nothing of it counts for a new object.
type Keep uint

const (
	// KeepOwner gives the object back to its owner, which takes an administrator: the publisher becomes the owner.
	KeepOwner Keep = 1 << iota
	// KeepSettings keeps what the publish itself does not set: the description, tabs, encryption of extracts; of a data source
	// also certification and the use of Tableau Bridge.
	KeepSettings
	// KeepTags gives back tags that are lost. Servers keep them by themselves.
	KeepTags
	// KeepAcceleration accelerates the views of a workbook again that were accelerated (API 3.22).
	KeepAcceleration

	// KeepAll keeps all of it.
	KeepAll = KeepOwner | KeepSettings | KeepTags | KeepAcceleration
)

// A publication is a publish in the words that workbooks, data sources and flows share.
type publication[T publishable] struct {
	name, projectLUID string
	source            Source
	fileType          string // such as "twbx"
	wrong             error  // what the rules for this kind of object find
	mode              PublishMode
	payload           func(existing *T) ([]byte, error) // writes the request; existing is what it overwrites, nil for nothing
	credentials       fileCredentials
	contents          *FileContents // nil for unknown
	keep              Keep
	tags              []string
	skipCheck, asJob  bool
	consent           func(existing *T) error                                 // asked before anything is sent; nil for nobody
	commit            func(Checkpoint) error                                  // told before each sending of the request; nil for nobody
	settle            func(ctx context.Context, existing, published *T) error // sets what publishing could not; nil for nothing
	warn              func(string)                                            // nil for nobody
	progress          func(Progress)                                          // nil for nobody
}

// check finds what is wrong before anything is sent.
func (p publication[T]) check(s *Session) error {
	errs := []error{p.wrong, s.needs("publishing", sinceFilter)} // what is there has to be looked up
	if p.asJob {
		errs = append(errs, s.needs("publishing as a job", sinceAsJob))
	}
	if p.name == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	if p.projectLUID == "" {
		errs = append(errs, errors.New("ProjectLUID is empty"))
	}
	if p.mode < CreateNew || p.mode > Replace {
		errs = append(errs, fmt.Errorf("there is no %s", p.mode))
	}
	errs = append(errs, p.credentials.check(), p.contents.checkType(p.fileType), p.contents.checkCredentials(p.credentials))
	_, err := p.payload(nil)
	return errors.Join(append(errs, err)...)
}

// publish sends a publication, waits for the job if there is one, and returns what is then on the server.
func (c *content[T]) publish(ctx context.Context, name string, prepare func() (publication[T], error)) (T, error) {
	var published T
	p, err := prepare()
	if err == nil {
		err = p.check(c.s)
	}
	d := &delivery[T]{arrival: arrival[T]{content: c, name: p.name, projectLUID: p.projectLUID}, p: p}
	if err == nil {
		published, err = d.deliver(ctx)
	}
	if err != nil {
		return published, fmt.Errorf("publishing %s %q: %w", c.kind, name, err)
	}
	if published, err = d.settle(ctx, published); err != nil {
		return published, fmt.Errorf("%s %q is %w, but: %w", c.kind, name, ErrPublished, err)
	}
	return published, nil
}

// A delivery is one publication on its way.
type delivery[T publishable] struct {
	arrival[T]
	p        publication[T]
	meter    *meter
	upload   string // id of the upload session, "" when the request holds the file
	request  *request
	existing *T // what is there to overwrite or to append to, nil without one
	none     T
}

// deliver publishes. A file whose upload the server has lost is uploaded again.
func (d *delivery[T]) deliver(ctx context.Context) (T, error) {
	if d.p.warn != nil {
		for _, warning := range d.p.contents.warnings(d.p.credentials) {
			d.p.warn(warning)
		}
	}
	err := d.survey(ctx)
	if err == nil && d.p.consent != nil {
		err = d.p.consent(d.existing)
	}
	if err != nil {
		return d.none, err
	}
	d.meter = newMeter(d.p.source.Size(), d.p.progress)
	for try := 1; ; try++ {
		published, err := d.send(ctx)
		if try == uploadTries || !lostUpload(err) {
			return published, err
		}
		d.meter.restartAll()
	}
}

// send publishes in one request, or uploads the file in blocks before.
func (d *delivery[T]) send(ctx context.Context) (T, error) {
	size := d.p.source.Size()
	if size > d.content.s.client.limits.single {
		var err error
		d.upload, err = d.content.s.upload(ctx, d.p.source, d.meter)
		if now := d.p.source.Size(); err == nil && now != size {
			err = fmt.Errorf("the file has changed while it was sent, from %d bytes to %d", size, now)
		}
		if err == nil {
			err = d.survey(ctx) // that took its time
		}
		if err != nil {
			return d.none, err
		}
	}
	if err := d.build(); err != nil {
		return d.none, err
	}
	return d.commit(ctx)
}

// build makes the request that publishes, of the file or of the upload session it was sent in.
func (d *delivery[T]) build() error {
	c, p := d.content, d.p
	xml, err := p.payload(d.existing)
	if err != nil {
		return err
	}
	var parameters []string
	var body *payload
	if d.upload != "" {
		parameters = append(parameters, "uploadSessionId="+escapeQuery(d.upload), c.typeOf+"="+p.fileType)
		body = multipartPayload(xml, "", "")
	} else {
		plain := strings.TrimPrefix(c.part, "tableau_")
		body = multipartPayload(xml, c.part, partFileName(p.name, plain, p.fileType)).carry(p.source, 0, p.source.Size(), d.meter, 0)
	}
	for _, parameter := range []struct {
		name string
		set  bool
	}{
		{"overwrite", p.mode == Overwrite},
		{"append", p.mode == Append},
		{"replace", p.mode == Replace},
		{"skipConnectionCheck", p.skipCheck},
		{"asJob", p.asJob || d.upload != "" && c.jobs && !c.s.version.before(sinceAsJob)},
	} {
		if parameter.set {
			parameters = append(parameters, parameter.name+"=true")
		}
	}
	d.request = &request{
		op: "Publish " + c.title, since: c.since, method: http.MethodPost, path: c.plural, query: strings.Join(parameters, "&"),
		body: body, secrets: p.credentials.secrets(), once: true,
	}
	return nil
}
