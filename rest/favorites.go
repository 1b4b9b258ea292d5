package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A Favorite is content that a user has put among the favorites, under a label of their own ("Get Favorites for User", API 2.5).
// One of the pointers is not nil.
type Favorite struct {
	Label       string      `api:"@label"`
	Position    int         `api:"@position"` // in the user's order
	AddedAt     time.Time   `api:"@addedAt"`
	ProjectName string      `api:"@parentProjectName"` // that the content lies in; when the server tells, like the next
	OwnerName   string      `api:"@targetOwnerName"`   // of the content
	Workbook    *Workbook   `api:"workbook"`
	View        *View       `api:"view"`
	Datasource  *Datasource `api:"datasource"`
	Project     *Project    `api:"project"`
	Flow        *Flow       `api:"flow"`
	Collection  *Collection `api:"collection"`
}

// A Collection is a list of content that somebody has put together.
type Collection struct {
	LUID           string    `api:"@id"`
	Name           string    `api:"@name"`
	Description    string    `api:"@description"`
	Visibility     string    `api:"@visibility"`
	OwnerLUID      string    `api:"owner/@id"`
	TotalItemCount int       `api:"@totalItemCount"`
	SeenItemCount  int       `api:"@permissionedItemCount"` // of those that the user may see
	CreatedAt      time.Time `api:"@createdAt"`
	UpdatedAt      time.Time `api:"@updatedAt"`
}

// Content names what the favorite is; it is zero for a kind of content that is not known here.
func (f Favorite) Content() FavoriteContent {
	switch {
	case f.Workbook != nil:
		return FavoriteContent{FavoriteWorkbook, f.Workbook.LUID}
	case f.View != nil:
		return FavoriteContent{FavoriteView, f.View.LUID}
	case f.Datasource != nil:
		return FavoriteContent{FavoriteDatasource, f.Datasource.LUID}
	case f.Project != nil:
		return FavoriteContent{FavoriteProject, f.Project.LUID}
	case f.Flow != nil:
		return FavoriteContent{FavoriteFlow, f.Flow.LUID}
	case f.Collection != nil:
		return FavoriteContent{FavoriteCollection, f.Collection.LUID}
	}
	return FavoriteContent{}
}

// FavoriteContent names content that is a favorite, or shall be one.
type FavoriteContent struct {
	Kind FavoriteKind
	LUID string
}

// A FavoriteKind is what can be a favorite.
type FavoriteKind string

// The kinds of favorites.
const (
	FavoriteWorkbook   FavoriteKind = "workbook"
	FavoriteView       FavoriteKind = "view"
	FavoriteDatasource FavoriteKind = "datasource" // API 2.3
	FavoriteProject    FavoriteKind = "project"    // API 3.1
	FavoriteFlow       FavoriteKind = "flow"       // API 3.3
	FavoriteCollection FavoriteKind = "collection" // API 3.15
)

// favoriteKinds are how operations name the kinds, and the versions that brought them.
var favoriteKinds = map[FavoriteKind]struct {
	title string
	since Version
}{
	FavoriteWorkbook:   {"Workbook", Version{2, 0}},
	FavoriteView:       {"View", Version{2, 0}},
	FavoriteDatasource: {"Data Source", Version{2, 3}},
	FavoriteProject:    {"Project", Version{3, 1}},
	FavoriteFlow:       {"Flow", Version{3, 3}},
	FavoriteCollection: {"Collection", Version{3, 15}},
}

func (c FavoriteContent) check() error {
	if _, ok := favoriteKinds[c.Kind]; !ok {
		return fmt.Errorf("%q is not a kind of content that can be a favorite", c.Kind)
	}
	return checkLUID(string(c.Kind), c.LUID)
}

// FavoritesService works with the favorites of users: [Session.UserLUID] is the user who signed in, and those of others are
// for administrators. Content is named by its kind and LUID, see [FavoriteContent].
type FavoritesService struct{ s *Session }

// All lists the favorites of a user, in the user's order ("Get Favorites for User", API 2.5). The list has no filters.
func (fs *FavoritesService) All(ctx context.Context, userLUID string, q Query) iter.Seq2[Favorite, error] {
	if err := checkLUID("user", userLUID); err != nil {
		return failing[Favorite](fmt.Errorf("listing the favorites of user %q: %w", userLUID, err))
	}
	return listing[Favorite]{
		op: "Get Favorites for User", since: Version{2, 5}, path: "favorites/" + segments(userLUID), query: q,
		items: []string{"favorites", "favorite"},
		key:   "workbook/@id|view/@id|datasource/@id|flow/@id|project/@id|collection/@id|metric/@id",
	}.all(ctx, fs.s)
}

// Add puts content among the favorites of a user, under a label ("Add Workbook to Favorites" and the like). What is among them
// already gets the new label.
func (fs *FavoritesService) Add(ctx context.Context, userLUID string, c FavoriteContent, label string) error {
	q, err := fs.request(http.MethodPut, "Add %s to Favorites", userLUID, c)
	if err == nil && label == "" {
		err = errors.New("the label is empty")
	}
	if err == nil {
		favorite := newElement("favorite", newElement(string(c.Kind)).set("id", c.LUID)).set("label", label)
		_, err = fs.s.send(ctx, q, favorite)
	}
	if err != nil {
		return fmt.Errorf("adding %s %q to the favorites of user %q: %w", c.Kind, c.LUID, userLUID, err)
	}
	return nil
}

// Delete takes content out of the favorites of a user; the content stays ("Delete Workbook from Favorites" and the like).
func (fs *FavoritesService) Delete(ctx context.Context, userLUID string, c FavoriteContent) error {
	q, err := fs.request(http.MethodDelete, "Delete %s from Favorites", userLUID, c)
	if err == nil {
		q.path += "/" + segments(string(c.Kind)+"s", c.LUID)
		err = fs.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting %s %q from the favorites of user %q: %w", c.Kind, c.LUID, userLUID, err)
	}
	return nil
}

// Order puts these favorites of a user first, in this order; the others follow as they were ("Organize Favorites", API 3.8).
func (fs *FavoritesService) Order(ctx context.Context, userLUID string, first ...FavoriteContent) error {
	if err := fs.order(ctx, userLUID, first); err != nil {
		return fmt.Errorf("ordering the favorites of user %q: %w", userLUID, err)
	}
	return nil
}

func (fs *FavoritesService) order(ctx context.Context, userLUID string, first []FavoriteContent) error {
	errs := []error{checkLUID("user", userLUID)}
	var orderings favoriteOrderings
	var after FavoriteContent
	for _, c := range first {
		errs = append(errs, c.check())
		orderings.Moves = append(orderings.Moves, favoriteMove{c.LUID, c.Kind, after.LUID, after.Kind})
		after = c
	}
	if err := errors.Join(errs...); err != nil || len(first) == 0 {
		return err
	}
	q := &request{op: "Organize Favorites", since: Version{3, 8}, method: http.MethodPut, path: "orderFavorites/" + segments(userLUID)}
	_, err := fs.s.send(ctx, q, encodeElement("favoriteOrderings", orderings))
	return err
}

type favoriteOrderings struct {
	Moves []favoriteMove `api:"favoriteOrdering"`
}

// A favoriteMove puts a favorite behind another, or at the beginning.
type favoriteMove struct {
	LUID      string       `api:"@favoriteId"`
	Kind      FavoriteKind `api:"@favoriteType"`
	AfterLUID string       `api:"@favoriteIdMoveAfter"`
	AfterKind FavoriteKind `api:"@favoriteTypeMoveAfter"`
}

// request is a call about one favorite of a user. The name of the operation has the kind to be filled in.
func (fs *FavoritesService) request(method, op, userLUID string, c FavoriteContent) (*request, error) {
	if err := errors.Join(checkLUID("user", userLUID), c.check()); err != nil {
		return nil, err
	}
	kind := favoriteKinds[c.Kind]
	return &request{op: fmt.Sprintf(op, kind.title), since: kind.since, method: method, path: "favorites/" + segments(userLUID)}, nil
}
