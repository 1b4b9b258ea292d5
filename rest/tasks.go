package rest

// TasksService works with what schedules run: extract refreshes and flows (API 2.6).
type TasksService struct{ s *Session }
