package rest

// MetadataService asks the Metadata API, which speaks GraphQL (API 3.5).
type MetadataService struct{ s *Session }
