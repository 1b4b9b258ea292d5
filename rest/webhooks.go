package rest

// WebhooksService works with webhooks: messages of a site to a URL (API 3.6).
type WebhooksService struct{ s *Session }
