package rest

// MetricsService works with metrics, which Tableau retired in 2024 (API 3.9).
type MetricsService struct{ s *Session }
