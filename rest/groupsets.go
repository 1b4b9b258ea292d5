package rest

// GroupSetsService works with sets of groups (API 3.22).
type GroupSetsService struct{ s *Session }
