package rest

import "time"

// A Checkpoint is what was there before a publish: what it takes to find out later, in another process too, whether the publish
// has arrived.
type Checkpoint struct {
	LUID      string    `json:"luid,omitempty"`      // of what is to be overwritten, "" for nothing
	UpdatedAt time.Time `json:"updated_at,omitzero"` // when that was last changed
	Revision  int       `json:"revision,omitempty"`  // its newest, 0 for unknown
	Seen      time.Time `json:"seen,omitzero"`       // by the server's clock, zero for unknown
}
