package rest

// ViewsService finds, tags and renders views, and reads their data.
type ViewsService struct{ s *Session }
