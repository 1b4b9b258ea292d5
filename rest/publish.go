package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A PublishMode says what becomes of an object of the same name in the project.
type PublishMode int

const (
	// CreateNew refuses to publish over an object of the same name. It is the zero value.
	CreateNew PublishMode = iota
	// Overwrite replaces it: LUID, content URL, permissions and tags stay, embedded credentials do not.
	Overwrite
	// Append adds the rows of an extract to those of a data source with a matching one.
	Append
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
	}
	return fmt.Sprintf("PublishMode(%d)", int(m))
}

// A publication is a publish in the words that workbooks and data sources share.
type publication struct {
	name, projectLUID string
	source            Source
	fileType          string // such as "twbx"
	mode              PublishMode
	xml               []byte
	secrets           []string
	skipCheck, asJob  bool
	tags              []string
	progress          func(Progress)
}

func (p publication) check(s *Session) error {
	errs := []error{s.needs("publishing", sinceFilter)} // what is there has to be looked up
	if p.asJob {
		errs = append(errs, s.needs("publishing as a job", sinceAsJob))
	}
	if p.name == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	if p.projectLUID == "" {
		errs = append(errs, errors.New("ProjectLUID is empty"))
	}
	if p.mode < CreateNew || p.mode > Append {
		errs = append(errs, fmt.Errorf("there is no %s", p.mode))
	}
	return errors.Join(errs...)
}

// publish sends a publication, waits for the job if there is one, and returns what is then on the server.
func (c *content[T]) publish(ctx context.Context, name string, prepare func() (publication, error)) (T, error) {
	p, err := prepare()
	if err == nil {
		err = p.check(c.s)
	}
	var published T
	if err == nil {
		published, err = c.deliver(ctx, p)
	}
	if err != nil {
		return published, fmt.Errorf("publishing %s %q: %w", c.kind, name, err)
	}
	if len(p.tags) == 0 {
		return published, nil
	}
	luid := published.identity().luid
	_, err = c.addTags(ctx, luid, p.tags)
	if err == nil {
		var tagged T
		if tagged, err = c.byLUID(ctx, luid); err == nil {
			return tagged, nil
		}
	}
	return published, fmt.Errorf("%s %q is %w, but: %w", c.kind, name, ErrPublished, err)
}

// deliver publishes. A file whose upload the server has lost is uploaded again.
func (c *content[T]) deliver(ctx context.Context, p publication) (T, error) {
	d := &delivery[T]{content: c, p: p, meter: newMeter(p.source.Size(), p.progress)}
	for try := 1; ; try++ {
		published, err := d.deliver(ctx)
		if try == uploadTries || !lostUpload(err) {
			return published, err
		}
		d.meter.restartAll()
	}
}

func (d *delivery[T]) deliver(ctx context.Context) (T, error) {
	if err := d.survey(ctx); err != nil {
		return d.none, err
	}
	uploaded, err := d.build(ctx)
	if err == nil && uploaded { // that took its time
		err = d.survey(ctx)
	}
	if err != nil {
		return d.none, err
	}
	return d.commit(ctx)
}

// A delivery is one publication on its way.
type delivery[T publishable] struct {
	content *content[T]
	p       publication
	meter   *meter
	request *request
	before  landmark
	none    T
}

// build makes the request that publishes. A large file is uploaded first.
func (d *delivery[T]) build(ctx context.Context) (uploaded bool, err error) {
	s, p, size := d.content.s, d.p, d.p.source.Size()
	inBlocks := size > s.client.limits.single
	d.request = &request{
		op: "Publish " + d.content.title, since: d.content.since, method: http.MethodPost, path: d.content.plural, secrets: p.secrets, once: true,
	}
	var parameters []string
	if inBlocks {
		id, err := s.upload(ctx, p.source, d.meter)
		if err != nil {
			return false, err
		}
		parameters = append(parameters, "uploadSessionId="+escapeQuery(id), d.content.typeOf+"="+p.fileType)
		d.request.body = multipartPayload(p.xml, "", "")
	} else {
		plain := strings.TrimPrefix(d.content.part, "tableau_")
		d.request.body = multipartPayload(p.xml, d.content.part, partFileName(p.name, plain, p.fileType)).
			carry(p.source, 0, size, d.meter, 0)
	}
	for _, parameter := range []struct {
		name string
		set  bool
	}{
		{"overwrite", p.mode == Overwrite},
		{"append", p.mode == Append},
		{"skipConnectionCheck", p.skipCheck},
		{"asJob", p.asJob || inBlocks && !s.version.before(sinceAsJob)},
	} {
		if parameter.set {
			parameters = append(parameters, parameter.name+"=true")
		}
	}
	d.request.query = strings.Join(parameters, "&")
	return inBlocks, nil
}

// A fileType is a kind of file that can be published, and how one begins.
type fileType struct {
	extension string
	begins    func(head []byte) bool
}

// sniff finds the type of a file by its first bytes.
func sniff(src Source, types []fileType) (string, error) {
	if src == nil {
		return "", errors.New("Source is nil")
	}
	if src.Size() <= 0 {
		return "", errors.New("the file is empty")
	}
	head := make([]byte, min(src.Size(), 512))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		return "", sourceError{errors.Join(err, io.ErrUnexpectedEOF)}
	}
	var names []string
	for _, t := range types {
		if t.begins(head) {
			return t.extension, nil
		}
		names = append(names, "."+t.extension)
	}
	return "", fmt.Errorf("the file is none of %s", strings.Join(names, ", "))
}
