package rest

import (
	"context"
	"fmt"
	"net/http"
)

// A Recommendation is a view that the server thinks the user might like to see.
type Recommendation struct {
	ViewLUID string  `api:"view/@id|@recommendedId"`
	Score    float64 `api:"@score"` // the more, the better; at most 100

	// SimilarUserLUIDs are users with the same tastes who look at the view; none when it is recommended for being popular.
	SimilarUserLUIDs []string `api:"similarUsersExplanation/users/user/@id|explanation/users/user/@id"`
}

// RecommendationsService lists the views that are recommended to the user, and hides some of them (API 3.7).
type RecommendationsService struct{ s *Session }

// Views lists the views that are recommended to the user who signed in, the best first ("Get Recommendations for Views").
func (rs *RecommendationsService) Views(ctx context.Context) ([]Recommendation, error) {
	q := &request{
		op: "Get Recommendations for Views", since: sinceRecommendations, method: http.MethodGet, path: "recommendations/", query: "type=view",
	}
	found, err := readAll[Recommendation](ctx, rs.s, q, "recommendations", "recommendation")
	if err != nil {
		return nil, fmt.Errorf("listing the recommendations: %w", err)
	}
	return found, nil
}

type recommendationDismissal struct {
	ViewLUID string `api:"view/@id"`
}

// Hide keeps a view out of the recommendations of the user, who has to be an administrator ("Hide a Recommendation for a View").
func (rs *RecommendationsService) Hide(ctx context.Context, viewLUID string) error {
	err := checkLUID("view", viewLUID)
	if err == nil {
		q := &request{
			op: "Hide a Recommendation for a View", since: sinceRecommendations, method: http.MethodPut, path: "recommendations/dismissals",
		}
		_, err = rs.s.send(ctx, q, encodeElement("recommendationDismissal", recommendationDismissal{viewLUID}))
	}
	if err != nil {
		return fmt.Errorf("hiding view %q from the recommendations: %w", viewLUID, err)
	}
	return nil
}

// Unhide lets a view into the recommendations again ("Unhide a Recommendation for a View"). One that is not hidden is an
// [ErrNotFound].
func (rs *RecommendationsService) Unhide(ctx context.Context, viewLUID string) error {
	err := checkLUID("view", viewLUID)
	if err == nil {
		err = rs.s.remove(ctx, &request{
			op: "Unhide a Recommendation for a View", since: sinceRecommendations, method: http.MethodDelete,
			path: "recommendations/dismissals/", query: "type=view&id=" + escapeQuery(viewLUID),
		})
	}
	if err != nil {
		return fmt.Errorf("letting view %q into the recommendations again: %w", viewLUID, err)
	}
	return nil
}
