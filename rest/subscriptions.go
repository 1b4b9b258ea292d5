package rest

// SubscriptionsService works with views and workbooks sent by mail (API 2.3).
type SubscriptionsService struct{ s *Session }
