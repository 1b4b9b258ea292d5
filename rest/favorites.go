package rest

// FavoritesService works with the favorites of users.
type FavoritesService struct{ s *Session }
