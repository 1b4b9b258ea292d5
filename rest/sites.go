package rest

// SitesService works with the sites of a server.
type SitesService struct{ s *Session }
