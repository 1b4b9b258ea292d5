package rest

// GroupsService works with the groups of a site.
type GroupsService struct{ s *Session }
