package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// contentKind is what kind of thing a name stands for, as messages say it.
type contentKind string

const (
	aWorkbook   contentKind = "workbook"
	aDatasource contentKind = "data source"
	aProject    contentKind = "project"
	aView       contentKind = "view"
)

// A content is something of a site that somebody has named.
type content struct {
	kind       contentKind
	luid, name string
	path       string // of its project, and its name; of a view that of its workbook, and its name
	contentURL string
}

func (c content) String() string { return fmt.Sprintf("%s %q", c.kind, c.path) }

// service is what workbooks and data sources have in common.
func (c content) service(s *rest.Session) contentService {
	if c.kind == aDatasource {
		return s.Datasources
	}
	return s.Workbooks
}

// kindFlags say of which kind the names of a command are: of any that the command takes where none is given.
type kindFlags struct{ workbook, datasource, project bool }

func (f *kindFlags) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.workbook, "workbook", false, "each NAME is that of a workbook")
	cmd.Flags().BoolVar(&f.datasource, "datasource", false, "each NAME is that of a data source")
}

// kinds are those that names may be of.
func (f *kindFlags) kinds() ([]contentKind, error) {
	var kinds []contentKind
	for kind, said := range map[contentKind]bool{aWorkbook: f.workbook, aDatasource: f.datasource, aProject: f.project} {
		if said {
			kinds = append(kinds, kind)
		}
	}
	switch len(kinds) {
	case 0:
		return []contentKind{aWorkbook, aDatasource}, nil
	case 1:
		return kinds, nil
	}
	return nil, usagef("--workbook, --datasource and --project exclude each other: of which kind are the names?")
}

// A finder finds what people name on a site: by a LUID, by a name if there is one such thing, by the path of its project and
// its name, or by the content URL of a workbook or data source.
type finder struct {
	s      *rest.Session
	kinds  []contentKind
	tree   *rest.ProjectTree
	byLUID bool // that is how to say which kind is meant, since there are no kindFlags
}

// newFinder reads the projects of the site, whose paths are part of names.
func newFinder(ctx context.Context, s *rest.Session, kinds ...contentKind) (*finder, error) {
	tree, err := s.Projects.Tree(ctx)
	return &finder{s: s, kinds: kinds, tree: tree}, err
}

// all finds all of some names, each thing once. The error has all that is wrong.
func (f *finder) all(ctx context.Context, names []string) ([]content, error) {
	var found []content
	var errs []error
	for _, name := range names {
		c, err := f.find(ctx, name)
		if ctx.Err() != nil {
			return nil, err
		}
		if err == nil && !slices.Contains(found, c) {
			found = append(found, c)
		}
		errs = append(errs, err)
	}
	return found, errors.Join(errs...)
}

// find finds the one thing that has a name.
func (f *finder) find(ctx context.Context, name string) (content, error) {
	if name == "" {
		return content{}, usagef("a name is empty")
	}
	var found []content
	missing := &unknownError{kinds: f.kinds, name: name}
	for _, kind := range f.kinds {
		c, err := f.ofKind(ctx, kind, name)
		if told, ok := errors.AsType[*rest.NotFoundError](err); ok {
			missing.there = append(missing.there, told.Available...)
		}
		switch {
		case err == nil:
			found = append(found, c)
		case ambiguous(err):
			return content{}, withAdvice(err, "name it with its project, as in Finance/Sales, or by its LUID")
		case !errors.Is(err, rest.ErrNotFound):
			return content{}, err
		}
	}
	switch len(found) {
	case 0:
		return content{}, f.unknown(ctx, missing)
	case 1:
		return found[0], nil
	}
	return content{}, f.ambiguousKinds(name, found)
}

// ambiguousKinds is the error of a name that things of several kinds have.
func (f *finder) ambiguousKinds(name string, found []content) error {
	flags := map[contentKind]string{aWorkbook: "--workbook", aDatasource: "--datasource", aProject: "--project"}
	var things, ways []string
	for _, c := range found {
		way := flags[c.kind]
		if f.byLUID {
			way = c.luid
		}
		things, ways = append(things, c.String()), append(ways, way)
	}
	advice := "say which with "
	if f.byLUID {
		advice = "name the one that is meant by its LUID, "
	}
	return withAdvice(fmt.Errorf("%q is ambiguous: it is %s", name, strings.Join(things, " and ")), advice+strings.Join(ways, " or "))
}

func ambiguous(err error) bool {
	_, ok := errors.AsType[*rest.AmbiguousError](err)
	return ok
}

// ofKind finds what has a name among the things of a kind.
func (f *finder) ofKind(ctx context.Context, kind contentKind, name string) (content, error) {
	switch kind {
	case aProject:
		p, err := f.tree.Find(name)
		return content{kind: aProject, luid: p.LUID, name: p.Name, path: f.tree.Path(p.LUID)}, err
	case aView:
		return f.view(ctx, name)
	case aDatasource:
		return byNameOrURL(ctx, name, f.s.Datasources.Find, f.s.Datasources.All, f.datasource)
	}
	return byNameOrURL(ctx, name, f.s.Workbooks.Find, f.s.Workbooks.All, f.workbook)
}

// byNameOrURL finds something by its LUID, name or path, and if there is none by its content URL.
func byNameOrURL[T any](ctx context.Context, name string, find func(context.Context, string) (T, error),
	all func(context.Context, rest.Query) iter.Seq2[T, error], as func(T) content,
) (content, error) {
	item, err := find(ctx, name)
	if err == nil {
		return as(item), nil
	}
	if !errors.Is(err, rest.ErrNotFound) || luidForm.MatchString(name) || strings.Contains(name, "/") {
		return content{}, err
	}
	for item, listing := range all(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("contentUrl", name)}}) {
		if listing != nil {
			return content{}, listing
		}
		if c := as(item); c.contentURL == name { // the server takes a * in the name for any text
			return c, nil
		}
	}
	return content{}, err
}

// luidForm is what LUIDs look like.
var luidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func (f *finder) workbook(w rest.Workbook) content {
	return content{kind: aWorkbook, luid: w.LUID, name: w.Name, path: f.inProject(w.ProjectLUID, w.Name), contentURL: w.ContentURL}
}

func (f *finder) datasource(d rest.Datasource) content {
	return content{kind: aDatasource, luid: d.LUID, name: d.Name, path: f.inProject(d.ProjectLUID, d.Name), contentURL: d.ContentURL}
}

// inProject is a name with the path of its project; what is in a personal space has none.
func (f *finder) inProject(projectLUID, name string) string {
	return strings.TrimPrefix(f.tree.Path(projectLUID)+"/"+name, "/")
}

// unknown completes the error of a name that leads to nothing with the names that may have been meant.
func (f *finder) unknown(ctx context.Context, e *unknownError) error {
	if luidForm.MatchString(e.name) || len(e.there) > 0 {
		return e
	}
	names := map[string]bool{}
	query := rest.Query{PageSize: 1000}
	for _, kind := range f.kinds {
		var err error
		switch kind {
		case aWorkbook:
			err = gatherNames(names, f.s.Workbooks.All(ctx, query), func(w rest.Workbook) string { return w.Name })
		case aDatasource:
			err = gatherNames(names, f.s.Datasources.All(ctx, query), func(d rest.Datasource) string { return d.Name })
		case aView:
			err = gatherNames(names, f.s.Views.All(ctx, query), func(v rest.View) string { return v.Name })
		}
		if err != nil {
			return err
		}
	}
	const most = 5
	e.near = nearTo(path.Base(e.name), slices.Sorted(maps.Keys(names)))
	e.near = e.near[:min(len(e.near), most)]
	return e
}

func gatherNames[T any](names map[string]bool, list iter.Seq2[T, error], name func(T) string) error {
	for item, err := range list {
		if err != nil {
			return err
		}
		names[name(item)] = true
	}
	return nil
}

// An unknownError is a name that leads to nothing.
type unknownError struct {
	kinds []contentKind
	name  string
	there []string // what has the name elsewhere, or is in the place that the name begins with
	near  []string // names that may have been meant
}

func (e *unknownError) Error() string {
	var kinds []string
	for _, kind := range e.kinds {
		kinds = append(kinds, string(kind))
	}
	text := fmt.Sprintf("there is no %s %q", strings.Join(kinds, " or "), e.name)
	switch {
	case len(e.there) > 0:
		text += "; there is " + strings.Join(e.there, ", ")
	case len(e.near) > 0:
		text += "; did you mean " + strings.Join(e.near, " or ") + "?"
	}
	return text
}

// Hint says what lists the names.
func (e *unknownError) Hint() string {
	lists := map[contentKind]string{aWorkbook: "workbooks", aDatasource: "datasources", aProject: "projects"}
	var verbs []string
	for _, kind := range e.kinds {
		if verb := lists[kind]; verb != "" {
			verbs = append(verbs, "`tabtemplate "+verb+"`")
		}
	}
	if len(verbs) == 1 {
		return verbs[0] + " lists what there is"
	}
	return strings.Join(verbs, " and ") + " list what there is"
}

// An advisedError is an error with what to do about it.
type advisedError struct {
	error
	advice string
}

func withAdvice(err error, advice string) error { return &advisedError{err, advice} }

func (e *advisedError) Unwrap() error { return e.error }

// Hint is the advice.
func (e *advisedError) Hint() string { return e.advice }
