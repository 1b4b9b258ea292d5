package rest

// CustomViewsService works with custom views: what users have saved of a view with their own filters (API 3.18).
type CustomViewsService struct{ s *Session }
