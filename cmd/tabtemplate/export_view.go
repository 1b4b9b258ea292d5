package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
)

// find finds what is to be exported: a workbook where the format is one of workbooks alone, else a view, or the workbook of the
// name if there is no view.
func (f *exportFlags) find(ctx context.Context, s *rest.Session, name string) (content, error) {
	find, err := newFinder(ctx, s, aWorkbook)
	if err != nil {
		return content{}, err
	}
	if !f.fullPDF && f.format != "pptx" {
		view, err := find.view(ctx, name)
		if err == nil || !errors.Is(err, rest.ErrNotFound) {
			return view, err
		}
	}
	workbook, err := find.find(ctx, name)
	missing, ok := errors.AsType[*unknownError](err)
	if !ok {
		return workbook, err
	}
	if view, err := find.view(ctx, name); err == nil { // the format is what is wrong
		return view, nil
	}
	missing.kinds = []contentKind{aView, aWorkbook}
	if len(missing.there) > 0 || luidForm.MatchString(name) {
		return workbook, missing
	}
	find.kinds = missing.kinds
	return workbook, find.unknown(ctx, missing)
}

// viewFields are what is asked of views.
var viewFields = []string{"_default_", "workbook.name"}

// view finds a view. The error is an ErrNotFound if there is none.
func (f *finder) view(ctx context.Context, name string) (content, error) {
	if luidForm.MatchString(name) {
		v, err := f.s.Views.ByLUID(ctx, name)
		if err != nil {
			return content{}, err
		}
		w, err := f.s.Workbooks.ByLUID(ctx, v.WorkbookLUID)
		return f.inWorkbook(v, w.Name), err
	}
	name = fromBrowser(name)
	matches := func(v rest.View) bool {
		workbook, of := strings.CutSuffix(name, "/"+v.Name)
		return v.Name == name || of && (workbook == v.WorkbookName || workbook == f.inProject(v.ProjectLUID, v.WorkbookName))
	}
	found, err := f.views(ctx, "name", lastNames(name), matches)
	if err != nil {
		return content{}, err
	}
	if parts := strings.Split(name, "/"); len(found) == 0 && len(parts) > 1 {
		contentURL := parts[0] + "/sheets/" + parts[len(parts)-1]
		if found, err = f.views(ctx, "contentUrl", []string{contentURL}, func(v rest.View) bool {
			return v.ContentURL == contentURL && (name == contentURL || len(parts) == 2)
		}); err != nil {
			return content{}, err
		}
	}
	switch len(found) {
	case 0:
		return content{}, &rest.NotFoundError{Kind: "view", Name: name}
	case 1:
		return found[0], nil
	}
	var places []string
	for _, v := range found {
		places = append(places, fmt.Sprintf("%q (%s)", v.path, v.luid))
	}
	return content{}, withAdvice(&rest.AmbiguousError{Kind: "view", Name: name, Matches: places}, "name it with its workbook and project, or by its LUID")
}

// views are those that match, of those that have one of some values in a field.
func (f *finder) views(ctx context.Context, field string, values []string, match func(rest.View) bool) ([]content, error) {
	var found []content
	for _, value := range values {
		query := rest.Query{Filters: []rest.Filter{rest.Eq(field, value)}, Fields: viewFields}
		for v, err := range f.s.Views.All(ctx, query) {
			if err != nil {
				return nil, err
			}
			if match(v) {
				found = append(found, f.inWorkbook(v, v.WorkbookName))
			}
		}
	}
	return found, nil
}

func (f *finder) inWorkbook(v rest.View, workbook string) content {
	return content{
		kind: aView, luid: v.LUID, name: v.Name, contentURL: v.ContentURL,
		path: f.inProject(v.ProjectLUID, workbook) + "/" + v.Name,
	}
}

// lastNames are the names that the last part of a path may be: names may hold slashes themselves.
func lastNames(name string) []string {
	names := []string{name}
	for i, r := range name {
		if r == '/' && i+1 < len(name) {
			names = append(names, name[i+1:])
		}
	}
	return names
}

// fromBrowser is the part of a view's URL that says which view it is: Sales/Overview in
// https://tableau.example.com/#/site/acme/views/Sales/Overview?:iid=1. What is no URL stays as it is.
func fromBrowser(name string) string {
	u, err := url.Parse(name)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return name
	}
	_, view, ok := strings.Cut(path.Join(u.Path, u.Fragment), "views/")
	if !ok {
		return name
	}
	view, _, _ = strings.Cut(view, "?")
	parts := strings.Split(view, "/")
	return strings.Join(parts[:min(2, len(parts))], "/") // what follows is a custom view
}
