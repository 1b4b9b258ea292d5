package rest

// SchedulesService works with the schedules of a server.
type SchedulesService struct{ s *Session }
