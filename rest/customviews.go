package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A CustomView is what a user has saved of a view, with filters and selections of their own ("Get Custom View").
type CustomView struct {
	LUID           string    `api:"@id"`
	Name           string    `api:"@name"`
	Shared         bool      `api:"@shared"` // others find it
	ViewLUID       string    `api:"view/@id"`
	ViewName       string    `api:"view/@name"`
	WorkbookLUID   string    `api:"workbook/@id"`
	WorkbookName   string    `api:"workbook/@name"`
	OwnerLUID      string    `api:"owner/@id"`
	OwnerName      string    `api:"owner/@name"`
	CreatedAt      time.Time `api:"@createdAt"`
	UpdatedAt      time.Time `api:"@updatedAt"`
	LastAccessedAt time.Time `api:"@lastAccessedAt"`
}

// CustomViewsService works with custom views: what users have saved of a view with their own filters (API 3.18). Download and
// Publish take one to another site, SetDefaultFor makes one what users see first.
type CustomViewsService struct{ s *Session }

// request is a call about one custom view; rest is what follows its LUID in the path.
func (cs *CustomViewsService) request(method, op, luid, rest string) (*request, error) {
	if err := checkLUID("custom view", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: sinceCustomViews, method: method, path: "customviews/" + segments(luid) + rest}, nil
}

// All lists custom views ("List Custom Views"). Administrators see all of them. Others see their own; filtered by viewId or
// workbookId, also those that are shared or that they may edit.
func (cs *CustomViewsService) All(ctx context.Context, q Query) iter.Seq2[CustomView, error] {
	return listing[CustomView]{
		op: "List Custom Views", since: sinceCustomViews, path: "customviews", query: q, items: []string{"customViews", "customView"},
		kinds: customViewFilters,
	}.all(ctx, cs.s)
}

// ByLUID reads a custom view ("Get Custom View").
func (cs *CustomViewsService) ByLUID(ctx context.Context, luid string) (CustomView, error) {
	q, err := cs.request(http.MethodGet, "Get Custom View", luid, "")
	var v CustomView
	if err == nil {
		v, err = read[CustomView](ctx, cs.s, q, "customView")
	}
	if err != nil {
		return CustomView{}, fmt.Errorf("reading custom view %q: %w", luid, err)
	}
	return v, nil
}

// ByName finds a custom view by its exact name among those of a view, or among all that the user sees with "". The errors are a
// [*NotFoundError] and an [*AmbiguousError]: several users may give their views the same name.
func (cs *CustomViewsService) ByName(ctx context.Context, name, viewLUID string) (CustomView, error) {
	var q Query
	in, err := "", error(nil)
	if viewLUID != "" {
		q.Filters, in = []Filter{Eq("viewId", viewLUID)}, "view "+viewLUID
	}
	if name == "" {
		err = errors.New("the name is empty")
	}
	var found CustomView
	if err == nil {
		found, err = only("custom view", name, in, cs.All(ctx, q), func(v CustomView) bool { return v.Name == name }, func(v CustomView) string {
			return fmt.Sprintf("%s of %q, by %q", v.LUID, v.ViewName, v.OwnerName)
		}, nil)
	}
	if err != nil {
		return CustomView{}, fmt.Errorf("finding custom view %q: %w", name, err)
	}
	return found, nil
}

// Find is ByLUID for what looks like a LUID, and else ByName among all custom views.
func (cs *CustomViewsService) Find(ctx context.Context, nameOrLUID string) (CustomView, error) {
	if luidForm.MatchString(nameOrLUID) {
		return cs.ByLUID(ctx, nameOrLUID)
	}
	return cs.ByName(ctx, nameOrLUID, "")
}

// A CustomViewUpdate is a change of a custom view: the fields that are not nil.
type CustomViewUpdate struct {
	Name      *string `api:"@name"`
	OwnerLUID *string `api:"owner/@id"`
}

// Update gives a custom view another name or another owner, and returns it as it is then ("Update Custom View").
func (cs *CustomViewsService) Update(ctx context.Context, luid string, u CustomViewUpdate) (CustomView, error) {
	q, err := cs.request(http.MethodPut, "Update Custom View", luid, "")
	err = errors.Join(err, notEmpty("name", u.Name), notEmpty("LUID of the owner", u.OwnerLUID))
	if err == nil {
		err = q.carry(encodeElement("customView", u))
	}
	var v CustomView
	if err == nil {
		v, err = read[CustomView](ctx, cs.s, q, "customView")
	}
	if err != nil {
		return CustomView{}, fmt.Errorf("updating custom view %q: %w", luid, err)
	}
	return v, nil
}

// notEmpty refuses a new value that is given and empty.
func notEmpty(what string, value *string) error {
	if value != nil && strings.TrimSpace(*value) == "" {
		return errors.New("the new " + what + " is empty")
	}
	return nil
}

// Delete deletes a custom view ("Delete Custom View").
func (cs *CustomViewsService) Delete(ctx context.Context, luid string) error {
	q, err := cs.request(http.MethodDelete, "Delete Custom View", luid, "")
	if err == nil {
		err = cs.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting custom view %q: %w", luid, err)
	}
	return nil
}

// Image writes a custom view to w as a PNG picture ("Get Custom View Image").
func (cs *CustomViewsService) Image(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return cs.s.render(ctx, customViewImage, luid, w, o)
}

// PDF writes a custom view to w as a PDF file ("Get Custom View PDF", API 3.23).
func (cs *CustomViewsService) PDF(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return cs.s.render(ctx, customViewPDF, luid, w, o)
}

// Data writes the summary data of a custom view to w as CSV ("Get Custom View Data", API 3.23).
func (cs *CustomViewsService) Data(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return cs.s.render(ctx, customViewData, luid, w, o)
}

// DefaultUsers lists the LUIDs of the users who begin with a custom view when they open its workbook ("List Users with Custom
// View as Default", API 3.21). It is for administrators.
func (cs *CustomViewsService) DefaultUsers(ctx context.Context, luid string) iter.Seq2[string, error] {
	if err := checkLUID("custom view", luid); err != nil {
		return failing[string](fmt.Errorf("listing the default users of custom view %q: %w", luid, err))
	}
	users := listing[userRef]{
		op: "List Users with Custom View as Default", since: sinceDefaultViews, path: "customviews/" + segments(luid) + "/default/users",
		items: []string{"users", "user"},
	}.all(ctx, cs.s)
	return func(yield func(string, error) bool) {
		for user, err := range users {
			if !yield(user.LUID, err) {
				return
			}
		}
	}
}

type userRef struct {
	LUID string `api:"@id"`
}

type userRefs struct {
	Users []userRef `api:"user"`
}

// A DefaultViewResult is what became of one user in [CustomViewsService.SetDefaultFor].
type DefaultViewResult struct {
	UserLUID string `api:"user/@id"`
	Success  bool   `api:"@success"`
	Code     string `api:"error/@code"` // Tableau's code of why not, such as 404002
	Summary  string `api:"error/summary/text()"`
	Detail   string `api:"error/detail/text()"`
}

// Err is an [*Error] when the server did not do it for this user, and nil when it did.
func (r DefaultViewResult) Err() error {
	if r.Success {
		return nil
	}
	e := &Error{Operation: setDefaultView, Method: http.MethodPost, Path: "user " + r.UserLUID, Code: r.Code, Summary: r.Summary, Detail: r.Detail}
	if len(r.Code) == 6 {
		e.Status, _ = strconv.Atoi(r.Code[:3])
	}
	return e
}

const (
	setDefaultView  = "Set Custom View as Default for Users"
	maxDefaultUsers = 100 // in one call
)

// SetDefaultFor makes a custom view the one that users see first when they open its workbook ("Set Custom View as Default for
// Users", API 3.21). It is for administrators. The server tells of each user whether it worked: look at the results, too. More
// than 100 users are sent in several calls; when one of these fails, the results are those of the calls before it.
func (cs *CustomViewsService) SetDefaultFor(ctx context.Context, luid string, userLUIDs ...string) ([]DefaultViewResult, error) {
	results, err := cs.setDefaultFor(ctx, luid, userLUIDs)
	if err != nil {
		return results, fmt.Errorf("making custom view %q the default of %d users: %w", luid, len(userLUIDs), err)
	}
	return results, nil
}

func (cs *CustomViewsService) setDefaultFor(ctx context.Context, luid string, userLUIDs []string) ([]DefaultViewResult, error) {
	var errs []error
	if len(userLUIDs) == 0 {
		errs = append(errs, errors.New("there are no users"))
	}
	for _, user := range userLUIDs {
		errs = append(errs, checkLUID("user", user))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var results []DefaultViewResult
	for some := range slices.Chunk(userLUIDs, maxDefaultUsers) {
		q, err := cs.request(http.MethodPost, setDefaultView, luid, "/default/users")
		if err != nil {
			return nil, err
		}
		q.since = sinceDefaultViews
		users := userRefs{convert(some, func(user string) userRef { return userRef{user} })}
		answer, err := cs.s.send(ctx, q, encodeElement("users", users))
		if err != nil {
			return results, err
		}
		results = append(results, decodeAll[DefaultViewResult](answer.below([]string{"customViewAsUserDefaultResults", "customViewAsUserDefaultViewResult"}))...)
	}
	return results, nil
}
