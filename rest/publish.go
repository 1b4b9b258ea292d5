package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
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
	return published, fmt.Errorf("%s %q is published: %w", c.kind, name, err)
}

func (c *content[T]) deliver(ctx context.Context, p publication) (T, error) {
	d := &delivery[T]{content: c, p: p, meter: newMeter(p.source.Size(), p.progress)}
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

// survey notes what is there before the publish. By that, and by the server's own clock, it is told later whether the publish
// has arrived; a name that is taken is refused before anything is sent.
func (d *delivery[T]) survey(ctx context.Context) error {
	c := d.content
	d.before = identity{}
	here, _, err := c.named(ctx, d.p.name, d.p.projectLUID)
	if err != nil || len(here) == 0 {
		return err
	}
	// By LUID, as lists lag behind: they may hold what has just been deleted, and times that are out of date.
	now, err := c.read(ctx, here[0].identity().luid)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case d.p.mode == CreateNew:
		return fmt.Errorf("%w: %s", ErrConflict, placeOf(now))
	}
	d.before = now.identity()
	return nil
}

// A delivery is one publication on its way.
type delivery[T publishable] struct {
	content *content[T]
	p       publication
	meter   *meter
	request *request
	before  identity // of the object to overwrite or to append to, zero without one
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

const (
	commitTries = 3 // how often a publish is sent
	busyLooks   = 8 // how often is looked while the server is publishing the object
)

// commit sends the publish. Once its outcome is unclear it looks whether it has arrived, and sends again only what has not.
func (d *delivery[T]) commit(ctx context.Context) (T, error) {
	unclear := false
	for try := 1; ; try++ {
		answer, err := d.content.s.call(ctx, d.request)
		if err == nil {
			return d.finish(ctx, answer)
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.ambiguous && !unclear && e.kind() != ErrBusy {
			return d.none, err
		}
		unclear = unclear || e.ambiguous
		if ctx.Err() != nil {
			return d.none, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
		switch {
		case unclear:
			if published, arrived := d.look(ctx, e); arrived {
				return published, nil
			}
			if try == commitTries || !d.mayRepeat(e) {
				return d.none, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
			}
		case try == commitTries:
			return d.none, err
		default: // somebody else is publishing the object
			if waitErr := pause(ctx, firstWait<<(2*try)); waitErr != nil {
				return d.none, fmt.Errorf("%w: %w", waitErr, err)
			}
		}
	}
}

// mayRepeat says whether a publish that has not arrived is sent again, going by its last answer.
func (d *delivery[T]) mayRepeat(e *Error) bool {
	used := e.Code == "404015" // the upload session is used up: something has arrived
	failed := e.Status == http.StatusInternalServerError
	known := e.Status >= 300 && e.Status < 500 && !e.ambiguous && e.kind() != ErrBusy
	return d.p.mode != Append && !used && !failed && !known
}

// look finds out whether the publish has arrived. It takes its time: the server may still be at it, and its lists lag behind.
func (d *delivery[T]) look(ctx context.Context, e *Error) (T, bool) {
	looks := len(lagWaits)
	if e.kind() == ErrBusy {
		looks = busyLooks
	}
	for i := range looks {
		if pause(ctx, min(time.Second<<i, longestWait)) != nil {
			return d.none, false
		}
		// A look that fails tells nothing; the next one may.
		if published, arrived, err := d.arrived(ctx); err == nil && arrived {
			return published, true
		}
	}
	return d.none, false
}

// arrived compares what is on the server with what was there before: another LUID, or a later update of the same.
func (d *delivery[T]) arrived(ctx context.Context) (T, bool, error) {
	c := d.content
	luid := d.before.luid
	if luid == "" {
		here, _, err := c.named(ctx, d.p.name, d.p.projectLUID)
		if err != nil || len(here) == 0 {
			return d.none, false, err
		}
		luid = here[0].identity().luid
	}
	// By LUID, as that reading does not lag behind and has the views.
	now, err := c.read(ctx, luid)
	if err != nil {
		return d.none, false, err
	}
	return now, d.before.luid == "" || now.identity().updatedAt.After(d.before.updatedAt), nil
}

// finish reads the answer to a publish: the object, or the job that makes it.
func (d *delivery[T]) finish(ctx context.Context, answer *element) (T, error) {
	if published := answer.child(d.content.item); published != nil {
		return decodeElement[T](published), nil
	}
	luid := ""
	if job := answer.child("job"); job != nil {
		luid, _ = job.attr("id")
	}
	if luid == "" {
		return d.none, missing(d.content.kind + " and no job")
	}
	job, err := d.content.s.Jobs.wait(ctx, luid, d.meter.job)
	if err != nil {
		// A record of a job that is gone says nothing about the object.
		if e, ok := errors.AsType[*Error](err); ok && (e.kind() == ErrNotFound || e.Code == "400031") {
			if published, arrived := d.look(ctx, e); arrived {
				return published, nil
			}
		}
		return d.none, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	if err := job.scrubbed(d.p.secrets).Err(); err != nil {
		return d.none, err
	}
	return d.made(ctx, luid)
}

// made finds what a job has made; the job does not name it.
func (d *delivery[T]) made(ctx context.Context, job string) (T, error) {
	c := d.content
	if d.before.luid != "" { // the LUID stays
		return c.read(ctx, d.before.luid)
	}
	var published T
	there, err := patiently(ctx, func() (there bool, err error) {
		published, there, err = d.arrived(ctx)
		return there, err
	})
	if err == nil && !there {
		err = fmt.Errorf("job %s has succeeded, but the %s is not listed: %w", job, c.kind, ErrNotFound)
	}
	return published, err
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
