package rest

// RecommendationsService works with the views a server recommends to a user (API 3.7).
type RecommendationsService struct{ s *Session }
