package rest

// UsersService works with the users of a site.
type UsersService struct{ s *Session }
