package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// What a user does wrong is one clear error before anything is sent.
func TestContentIsCheckedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("["), maxDefinition+1)
	for _, test := range []struct {
		call func(context.Context, *Session) error
		opts []Option
		want string
	}{
		{call: image(RenderOptions{MaxAge: 90 * time.Second}), want: "1m30s is not in whole minutes"},
		{call: image(RenderOptions{MaxAge: -time.Minute}), want: "-1m0s is not in whole minutes"},
		{call: image(RenderOptions{Width: 800}), want: "800 x 0 pixels: width and height go together"},
		{call: image(RenderOptions{Width: -1, Height: -1}), want: "-1 x -1 pixels"},
		{call: image(RenderOptions{PageType: PageA4}), want: `"Query View Image" does not know a type or an orientation of pages`},
		{call: image(RenderOptions{Filters: map[string][]string{"": {"x"}}}), want: "a filter has no field"},
		{call: image(RenderOptions{Filters: map[string][]string{"year": nil}}), want: `filter on "year" has no values`},
		{call: image(RenderOptions{Filters: map[string][]string{"path": {`C:\`, "D"}}}), want: `"path": a value that ends in a backslash has to be the last`},
		{call: image(RenderOptions{Parameters: map[string]string{"": "x"}}), want: "a parameter has no name"},
		{call: image(RenderOptions{Width: 8, Height: 6}), opts: []Option{WithVersion("3.22")}, want: "Query View Image with a width and a height: needs API 3.23, server speaks 3.22"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.CustomViews.Data(ctx, "c1", io.Discard, RenderOptions{})
			return err
		}, opts: []Option{WithVersion("3.22")}, want: "Get Custom View Data: needs API 3.23, server speaks 3.22"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.Views.PDF(ctx, "v1", io.Discard, RenderOptions{PageType: "A0", Orientation: "Up"})
			return err
		}, want: "there is no page type \"A0\"; there is [A3 A4 A5 B4 B5 Executive Folio Ledger Legal Letter Note Quarto Tabloid Unspecified]\nthere is no orientation \"Up\"; there is Portrait and Landscape"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.PDF(ctx, "w1", io.Discard, RenderOptions{Filters: map[string][]string{"year": {"2017"}}})
			return err
		}, opts: []Option{WithVersion("3.22")}, want: "needs API 3.23"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.PowerPoint(ctx, "w1", io.Discard, RenderOptions{Language: "de", HighResolution: true})
			return err
		}, want: "does not know filters, parameters or a language\n\"Download Workbook PowerPoint\" does not know a high resolution"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.Views.PreviewImage(ctx, "", "..", io.Discard)
			return err
		}, want: "\"\" is not the LUID of a workbook\n\"..\" is not the LUID of a view"},
		{call: update(WorkbookUpdate{Name: new(" "), ProjectLUID: new(""), OwnerLUID: new("")}), want: "the new name is empty\nthe new LUID of the project is empty\nthe new LUID of the owner is empty"},
		{call: update(WorkbookUpdate{Description: new("x"), Freshness: &DataFreshness{Option: FreshnessAlwaysLive}}), opts: []Option{WithVersion("3.20")}, want: "the description of a workbook: needs API 3.21, server speaks 3.20\na data freshness policy: needs API 3.22"},
		{call: update(WorkbookUpdate{AcceleratedViews: []string{"v1"}}), want: "there are AcceleratedViews without an Acceleration"},
		{call: update(WorkbookUpdate{Acceleration: &DataAcceleration{}, AcceleratedViews: []string{""}}), want: `"" is not the LUID of a view`},
		{call: update(WorkbookUpdate{EncryptExtracts: new(true)}), opts: []Option{WithVersion("3.4")}, want: "the encryption of extracts: needs API 3.5"},
		{call: fresh(DataFreshness{Option: "Never"}), want: `there is no data freshness option "Never"; there is [SiteDefault AlwaysLive FreshAt FreshEvery]`},
		{call: fresh(DataFreshness{Option: FreshnessAt}), want: "the data freshness option FreshAt and the field At go together"},
		{call: fresh(DataFreshness{Option: FreshnessAt, Every: &FreshEvery{}}), want: "the data freshness option FreshEvery and the field Every go together"},
		{call: freshAt(FreshAt{Frequency: FreshnessHours, Time: "08:15:00"}), want: `there is no frequency "Hours"; there is [Day Week Month]`},
		{call: freshAt(FreshAt{Frequency: FreshnessDay, Time: "08:20:00"}), want: `the time "08:20:00" is not on a quarter of an hour`},
		{call: freshAt(FreshAt{Frequency: FreshnessDay, Time: "8:15"}), want: `the time "8:15" is not on a quarter of an hour`},
		{call: freshAt(FreshAt{Frequency: FreshnessWeek, Time: "08:15:00"}), want: "the days of the week go with the frequency Week"},
		{call: freshAt(FreshAt{Frequency: FreshnessDay, Time: "08:15:00", MonthDays: []CalendarDay{"1"}}), want: "those of the month with Month, and none with Day"},
		{call: freshAt(FreshAt{Frequency: FreshnessWeek, Time: "08:15:00", WeekDays: []CalendarDay{"LastDay"}}), want: `"LastDay" is no day of the week`},
		{call: freshAt(FreshAt{Frequency: FreshnessMonth, Time: "08:15:00", MonthDays: []CalendarDay{"32"}}), want: `"32" is no day of the month`},
		{call: fresh(DataFreshness{Option: FreshnessEvery, Every: &FreshEvery{Frequency: FreshnessDay, Value: 1}}), want: `there is no frequency "Day"; there is [Minutes Hours Days Weeks]`},
		{call: fresh(DataFreshness{Option: FreshnessEvery, Every: &FreshEvery{Frequency: FreshnessDays}}), want: "every 0 Days is not at least every 1"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.DowngradeInfo(ctx, "w1", "v10")
			return err
		}, want: `"v10" is no release of Tableau such as 2019.3`},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.AddTags(ctx, "", "x", " ")
			return err
		}, want: "\"\" is not the LUID of a workbook\na tag is empty"},
		{call: func(ctx context.Context, s *Session) error { return s.Views.DeleteTag(ctx, "v1", "a/../b") }, want: "the tag cannot stand in a URL: take it off with Tags.BatchDelete"},
		{call: func(ctx context.Context, s *Session) error { return s.Workbooks.DeleteTag(ctx, "w1", "") }, want: "the tag cannot stand in a URL"},
		{call: func(ctx context.Context, s *Session) error {
			return s.Tags.BatchAdd(ctx, nil, TagTarget{Type: "View"})
		}, want: "there are no tags, or nothing to tag\n\"\" is not the LUID of a View"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := Collect(s.Workbooks.Revisions(ctx, ""))
			return err
		}, want: `listing the revisions of workbook "": "" is not the LUID of a workbook`},
		{call: func(ctx context.Context, s *Session) error { return s.Workbooks.DeleteRevision(ctx, "w1", 0) }, want: "0 is no number of a revision"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := Collect(s.Workbooks.OwnedBy(ctx, ""))
			return err
		}, want: `"" is not the LUID of a user`},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.CustomViews.SetDefaultFor(ctx, "c1")
			return err
		}, want: `making custom view "c1" the default of 0 users: there are no users`},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.CustomViews.Update(ctx, "c1", CustomViewUpdate{Name: new("")})
			return err
		}, want: "the new name is empty"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.CustomViews.Publish(ctx, CustomViewPublish{Source: bytesSource("PK")})
			return err
		}, want: "the name is empty\n\"\" is not the LUID of a workbook\nthe file is none of .json"},
		{call: func(ctx context.Context, s *Session) error {
			_, err := s.CustomViews.Publish(ctx, CustomViewPublish{Name: "x", WorkbookLUID: "w1", Source: bytes.NewReader(long)})
			return err
		}, want: "the definition has 16777217 bytes, more than 16777216"},
		{call: func(ctx context.Context, s *Session) error { return s.Recommendations.Hide(ctx, "") }, want: `"" is not the LUID of a view`},
	} {
		s, f := signedIn(t, inOrder(t), test.opts...)
		errorHas(t, test.call(t.Context(), s), test.want)
		equal(t, "requests", f.lines(), nil)
	}
}

func image(o RenderOptions) func(context.Context, *Session) error {
	return func(ctx context.Context, s *Session) error {
		_, err := s.Views.Image(ctx, "v1", io.Discard, o)
		return err
	}
}

func update(u WorkbookUpdate) func(context.Context, *Session) error {
	return func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.Update(ctx, "w1", u)
		return err
	}
}

func fresh(f DataFreshness) func(context.Context, *Session) error {
	return update(WorkbookUpdate{Freshness: &f})
}

func freshAt(f FreshAt) func(context.Context, *Session) error {
	return fresh(DataFreshness{Option: FreshnessAt, At: &f})
}

// Rendering that fails for no known reason is tried once more, and only once.
func TestRenderingOnceMore(t *testing.T) {
	t.Parallel()
	failed := refusal("400101", "Bad Request", "There was a problem querying the view.")
	s, f := signedIn(t, inOrder(t, failed, file("image/png", "PNG"), failed, failed))
	var picture bytes.Buffer
	if _, err := s.Views.Image(t.Context(), "v1", &picture, RenderOptions{}); err != nil || picture.String() != "PNG" {
		t.Errorf("%q, %v", picture.String(), err)
	}
	_, err := s.Views.Image(t.Context(), "v1", &picture, RenderOptions{})
	errorHas(t, err, `rendering view "v1" (image): GET /api/3.29/sites/`+testSite+`/views/v1/image: bad request: There was a problem`)
	equal(t, "requests", f.lines(), []string{"GET views/v1/image", "GET views/v1/image", "GET views/v1/image", "GET views/v1/image"})
}

func TestEmptyAndOtherPictures(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, inOrder(t, file("image/png", ""), file("text/csv", ""), file("text/html;charset=utf-8", "<html>"), file("image/png", "PNG")))
	_, err := s.Views.Image(t.Context(), "v1", io.Discard, RenderOptions{})
	errorHas(t, err, "the server sent an empty file")
	if _, err := s.Views.Data(t.Context(), "v1", io.Discard, RenderOptions{}); err != nil {
		t.Errorf("data of a view that shows nothing: %v", err)
	}
	_, err = s.Workbooks.PreviewImage(t.Context(), "w1", io.Discard)
	errorIs(t, err, ErrNotTableauServer)
	_, err = s.Views.Image(t.Context(), "v1", io.Discard, RenderOptions{MaxBytes: 2})
	errorHas(t, err, "more than 2")
}

// A custom view that arrived although its answer did not is found, and not published twice.
func TestPublishedCustomViewIsFound(t *testing.T) {
	t.Parallel()
	lost := reply{err: io.ErrUnexpectedEOF}
	exists := refusal("403166", "Forbidden", "A custom view with this name exists already.")
	listed := ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><customViews>` +
		`<customView id="c1" name="Mine"><owner id="u2"/></customView>` +
		`<customView id="c2" name="Mine"><owner id="9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90"/></customView></customViews>`)
	none := ok(`<customViews/>`)
	for _, test := range []struct {
		replies []reply
		luid    string
		want    error
	}{
		{[]reply{lost, exists, listed}, "c2", nil},
		{[]reply{lost, exists, none, listed}, "c2", nil}, // lists lag behind
		{[]reply{lost, exists, none, none, none, none, none}, "", ErrConflict},
		{[]reply{exists}, "", ErrConflict},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := signedIn(t, inOrder(t, test.replies...))
			v, err := s.CustomViews.Publish(t.Context(), CustomViewPublish{Name: "Mine", WorkbookLUID: "w1", Source: bytesSource("[]")})
			errorIs(t, err, test.want)
			if v.LUID != test.luid {
				t.Errorf("%+v", v)
			}
		})
	}
}

// When a later call fails, what became of the users of the earlier ones is not lost.
func TestSetDefaultForInParts(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, inOrder(t,
		ok(`<customViewAsUserDefaultResults><customViewAsUserDefaultViewResult success="true"><user id="u1"/></customViewAsUserDefaultViewResult></customViewAsUserDefaultResults>`),
		refusal("403162", "Forbidden", "No.")))
	results, err := s.CustomViews.SetDefaultFor(t.Context(), "c1", manyUsers...)
	errorIs(t, err, ErrForbidden)
	if len(results) != 1 || !results[0].Success {
		t.Errorf("%+v", results)
	}
	if refused, is := errors.AsType[*Error](DefaultViewResult{Code: "404002"}.Err()); !is || refused.Status != 404 {
		t.Errorf("%+v", refused)
	}
}
