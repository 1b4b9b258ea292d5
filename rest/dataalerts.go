package rest

// DataAlertsService works with data-driven alerts (API 3.2).
type DataAlertsService struct{ s *Session }
