package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Download writes the definition of a custom view to w, as JSON: what [CustomViewsService.Publish] takes ("Download Custom
// View", API 3.21). Tableau calls the operation experimental.
func (cs *CustomViewsService) Download(ctx context.Context, luid string, w io.Writer) (DownloadInfo, error) {
	q, err := cs.request(http.MethodGet, "Download Custom View", luid, "/content")
	var info DownloadInfo
	if err == nil {
		cs.experimental(q)
		info, err = cs.s.fetch(ctx, q, w, DownloadOptions{})
	}
	if err != nil {
		return info, fmt.Errorf("downloading custom view %q: %w", luid, err)
	}
	return info, nil
}

// experimental makes a call one of those that have no version.
func (cs *CustomViewsService) experimental(q *request) {
	q.since, q.scope = sinceDefaultViews, apiScope
	q.path = "exp/sites/" + segments(cs.s.site.siteLUID) + "/" + q.path
}

// CustomViewPublish describes a custom view to publish. All of it but Shared and OwnerLUID is required.
type CustomViewPublish struct {
	Name         string `api:"@name"`
	Shared       bool   `api:"@shared!"` // let others find it
	WorkbookLUID string `api:"workbook/@id"`
	OwnerLUID    string `api:"owner/@id"` // "" for the user who signed in; another one is for administrators
	Source       Source // what Download has written, of a workbook with views of the same names
}

// maxDefinition is how large the definition of a custom view may be: it holds settings, no data.
const maxDefinition = 16 << 20

// Publish publishes a custom view that was downloaded, such as to another site ("Publish Custom View", API 3.21). Tableau calls
// the operation experimental. A name that the owner has given to another custom view of the view is an [ErrConflict].
func (cs *CustomViewsService) Publish(ctx context.Context, p CustomViewPublish) (CustomView, error) {
	q, err := p.request(cs)
	var made CustomView
	if err == nil {
		made, _, err = create(ctx, cs.s, q, "customView", func() (CustomView, error) { return cs.published(ctx, p) })
	}
	if err != nil {
		return CustomView{}, fmt.Errorf("publishing custom view %q: %w", p.Name, err)
	}
	return made, nil
}

func (p CustomViewPublish) request(cs *CustomViewsService) (*request, error) {
	var errs []error
	if strings.TrimSpace(p.Name) == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	errs = append(errs, checkLUID("workbook", p.WorkbookLUID))
	_, err := sniff(p.Source, definitionTypes)
	errs = append(errs, err)
	if err == nil && p.Source.Size() > maxDefinition {
		errs = append(errs, fmt.Errorf("the definition has %d bytes, more than %d", p.Source.Size(), maxDefinition))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	body, err := encodeRequest(encodeElement("customView", p))
	if err != nil {
		return nil, err
	}
	q := &request{op: "Publish Custom View", method: http.MethodPost, path: "customviews"}
	cs.experimental(q)
	q.body = multipartPayload(body, "tableau_customview", partFileName(p.Name, "customview", "json")).carry(p.Source, 0, p.Source.Size(), nil, 0)
	return q, nil
}

// published finds the custom view that the first attempt has made.
func (cs *CustomViewsService) published(ctx context.Context, p CustomViewPublish) (CustomView, error) {
	owner := cmp.Or(p.OwnerLUID, cs.s.UserLUID())
	for v, err := range cs.All(ctx, Query{Filters: []Filter{Eq("workbookId", p.WorkbookLUID)}}) {
		if err != nil {
			return CustomView{}, err
		}
		if v.Name == p.Name && v.OwnerLUID == owner {
			return v, nil
		}
	}
	return CustomView{}, &NotFoundError{Kind: "custom view", Name: p.Name}
}

// definitionTypes tells the files that can be the definition of a custom view by how they begin.
var definitionTypes = []fileType{
	{"json", func(head []byte) bool { return strings.HasPrefix(strings.TrimLeft(string(head), " \t\r\n"), "[") }},
}
