package deploy

// A Fingerprint tells what is published from what was published before, without holding any of it: keyed hashes in hexadecimal
// digits.
type Fingerprint struct {
	// Content is that of the file, and of what can only be set by publishing it: its name and project, tabs, hidden views and
	// credentials.
	Content string `json:"content,omitempty"`
	// Settings is that of what is set afterwards: tags, owner, description, permissions and schedules.
	Settings string `json:"settings,omitempty"`
}
