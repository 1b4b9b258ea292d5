package rest

// FlowsService works with Tableau Prep flows (API 3.3).
type FlowsService struct{ s *Session }
