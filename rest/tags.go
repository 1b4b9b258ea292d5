package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A tagged is a kind of object that has tags.
type tagged struct {
	s      *Session
	kind   string // "workbook", as messages say it
	title  string // "Workbook", as the names of operations say it
	plural string // "workbooks", as paths say it
	since  Version
}

func (c *content[T]) tagged() tagged {
	return tagged{c.s, c.kind, c.title, c.plural, later(c.since, c.tagsSince)}
}

func (c *content[T]) addTags(ctx context.Context, luid string, labels []string) ([]string, error) {
	return c.tagged().add(ctx, luid, labels)
}

func (c *content[T]) deleteTag(ctx context.Context, luid, label string) error {
	return c.tagged().delete(ctx, luid, label)
}

func (c *content[T]) setTags(ctx context.Context, luid string, labels []string) ([]string, error) {
	return c.tagged().set(ctx, luid, labels)
}

// set adds what is missing before it takes off the rest. Where the server takes a tag for one that is there in other letters,
// upper or lower case, that one stays.
func (t tagged) set(ctx context.Context, luid string, labels []string) ([]string, error) {
	has, err := t.add(ctx, luid, labels)
	if err != nil {
		return nil, err
	}
	var stay []string
	var errs []error
	for _, label := range has {
		stands := func(wanted string) bool {
			return wanted == label || strings.EqualFold(wanted, label) && !slices.Contains(has, wanted)
		}
		if !slices.ContainsFunc(labels, stands) {
			err := t.delete(ctx, luid, label)
			if err == nil || errors.Is(err, ErrNotFound) { // somebody else has taken it off
				continue
			}
			errs = append(errs, err)
		}
		stay = append(stay, label)
	}
	return stay, errors.Join(errs...)
}

// add adds tags to those of an object, and returns all it has then.
func (t tagged) add(ctx context.Context, luid string, labels []string) ([]string, error) {
	err := errors.Join(checkLUID(t.kind, luid), checkLabels(labels))
	var answer *element
	if err == nil {
		q := &request{op: "Add Tags to " + t.title, since: t.since, method: http.MethodPut, path: t.plural + "/" + segments(luid) + "/tags"}
		answer, err = t.s.send(ctx, q, encodeElement("tags", tagList{labels}))
	}
	if err != nil {
		return nil, fmt.Errorf("tagging %s %q: %w", t.kind, luid, err)
	}
	return decodeElement[tagList](answer.descend([]string{"tags"})).Labels, nil
}

// delete takes a tag off an object. Everything after tags/ is the tag: slashes stay as they are, because many servers refuse
// escaped ones.
func (t tagged) delete(ctx context.Context, luid, label string) error {
	err := checkLUID(t.kind, luid)
	parts := strings.Split(label, "/")
	if slices.ContainsFunc(parts, func(part string) bool { return part == "" || part == "." || part == ".." }) {
		err = errors.Join(err, errors.New("the tag cannot stand in a URL: take it off with Tags.BatchDelete"))
	}
	if err == nil {
		path := t.plural + "/" + segments(luid, "tags") + "/" + segments(parts...)
		err = t.s.remove(ctx, &request{op: "Delete Tag from " + t.title, since: t.since, method: http.MethodDelete, path: path})
	}
	if err != nil {
		return fmt.Errorf("taking the tag %q off %s %q: %w", label, t.kind, luid, err)
	}
	return nil
}

// A tagList is the tags of an object, in its requests and answers about tags.
type tagList struct {
	Labels []string `api:"tag/@label"`
}

func checkLabels(labels []string) error {
	if slices.ContainsFunc(labels, func(label string) bool { return strings.TrimSpace(label) == "" }) {
		return errors.New("a tag is empty")
	}
	return nil
}

// AddTags adds tags to those a workbook has, and returns all of them; without any it returns those there are ("Add Tags to
// Workbook").
func (ws *WorkbooksService) AddTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return ws.content.addTags(ctx, luid, labels)
}

// SetTags makes these the tags of a workbook, and no others: it adds those that are missing and takes off the rest one by one. It
// returns the tags there are then ("Add Tags to Workbook", "Delete Tag from Workbook").
func (ws *WorkbooksService) SetTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return ws.content.setTags(ctx, luid, labels)
}

// DeleteTag takes a tag off a workbook ("Delete Tag from Workbook"). A tag that is not there is an [ErrNotFound].
func (ws *WorkbooksService) DeleteTag(ctx context.Context, luid, label string) error {
	return ws.content.deleteTag(ctx, luid, label)
}

// AddTags adds tags to those a data source has, and returns all of them; without any it returns those there are ("Add Tags to
// Data Source", API 2.6).
func (ds *DatasourcesService) AddTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return ds.content.addTags(ctx, luid, labels)
}

// SetTags makes these the tags of a data source, and no others: it adds those that are missing and takes off the rest one by one. It
// returns the tags there are then ("Add Tags to Data Source", "Delete Tag from Data Source", API 2.6).
func (ds *DatasourcesService) SetTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return ds.content.setTags(ctx, luid, labels)
}

// DeleteTag takes a tag off a data source ("Delete Tag from Data Source", API 2.6). A tag that is not there is an
// [ErrNotFound].
func (ds *DatasourcesService) DeleteTag(ctx context.Context, luid, label string) error {
	return ds.content.deleteTag(ctx, luid, label)
}

// AddTags adds tags to those a view has, and returns all of them; without any it returns those there are ("Add Tags to View").
func (vs *ViewsService) AddTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return vs.tagged().add(ctx, luid, labels)
}

// SetTags makes these the tags of a view, and no others: it adds those that are missing and takes off the rest one by one. It
// returns the tags there are then ("Add Tags to View", "Delete Tag from View").
func (vs *ViewsService) SetTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return vs.tagged().set(ctx, luid, labels)
}

// DeleteTag takes a tag off a view ("Delete Tag from View"). A tag that is not there is an [ErrNotFound].
func (vs *ViewsService) DeleteTag(ctx context.Context, luid, label string) error {
	return vs.tagged().delete(ctx, luid, label)
}

func (vs *ViewsService) tagged() tagged {
	return tagged{s: vs.s, kind: "view", title: "View", plural: "views"}
}

// TagsService changes the tags of many objects at a time (API 3.9). Those of one are changed where it is: see
// [WorkbooksService.AddTags].
type TagsService struct{ s *Session }

// A TagTarget is an object whose tags are to be changed.
type TagTarget struct {
	LUID string `api:"@id"`
	Type string `api:"@contentType"` // Workbook, View, Datasource, Flow and others
}

type tagBatch struct {
	Labels  []string    `api:"tags/tag/@label"`
	Targets []TagTarget `api:"contents/content"`
}

// BatchAdd adds tags to all of the objects ("Batch Create Tags").
func (ts *TagsService) BatchAdd(ctx context.Context, labels []string, targets ...TagTarget) error {
	if err := ts.batch(ctx, "Batch Create Tags", "tags:batchCreate", tagBatch{labels, targets}); err != nil {
		return fmt.Errorf("tagging %d objects: %w", len(targets), err)
	}
	return nil
}

// BatchDelete takes tags off all of the objects ("Batch Delete Tags"). A tag that one of them does not have is no error.
func (ts *TagsService) BatchDelete(ctx context.Context, labels []string, targets ...TagTarget) error {
	if err := ts.batch(ctx, "Batch Delete Tags", "tags:batchDelete", tagBatch{labels, targets}); err != nil {
		return fmt.Errorf("taking tags off %d objects: %w", len(targets), err)
	}
	return nil
}

func (ts *TagsService) batch(ctx context.Context, op, path string, b tagBatch) error {
	errs := []error{checkLabels(b.Labels)}
	if len(b.Labels) == 0 || len(b.Targets) == 0 {
		errs = append(errs, errors.New("there are no tags, or nothing to tag"))
	}
	for _, target := range b.Targets {
		errs = append(errs, checkLUID(target.Type, target.LUID))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	q := &request{op: op, since: Version{3, 9}, method: http.MethodPut, path: path}
	_, err := ts.s.send(ctx, q, encodeElement("tagBatch", b))
	return err
}
