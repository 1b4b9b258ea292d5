package deploy

import "time"

// Action is what became of a template on a site.
type Action string

// The actions. Created and Overwritten tell what was found before publishing: whether its project had something of the
// name. Skipped is a template that needs another one that failed.
const (
	Created     Action = "created"
	Overwritten Action = "overwritten"
	Failed      Action = "failed"
	Skipped     Action = "skipped"
)

// Report says what happened, site by site, in the order of the sites asked for.
type Report struct {
	Sites []SiteResult `json:"sites"`
}

// Failures counts the sites on which not everything was published.
func (r *Report) Failures() int {
	n := 0
	for _, s := range r.Sites {
		if s.Failed() {
			n++
		}
	}
	return n
}

// SiteResult is what happened on one site.
type SiteResult struct {
	Site           string   `json:"site"` // its key in the manifest
	SiteContentURL string   `json:"content_url"`
	ServerURL      string   `json:"server"`
	Results        []Result `json:"results"`           // one for each template; a single one without a template if signing in failed; none if the run ended before
	Warning        string   `json:"warning,omitempty"` // what went wrong after everything was published
}

// Failed tells whether something was not published here.
func (s SiteResult) Failed() bool {
	for _, r := range s.Results {
		if r.Err != nil {
			return true
		}
	}
	return len(s.Results) == 0
}

// Result is what became of one template on one site.
type Result struct {
	Site       string        `json:"site"`
	Template   string        `json:"template,omitempty"` // empty if the site could not be signed in to
	Action     Action        `json:"action"`
	Name       string        `json:"name,omitempty"` // it was published under
	Project    string        `json:"project,omitempty"`
	LUID       string        `json:"luid,omitempty"`
	ContentURL string        `json:"content_url,omitempty"`
	Views      int           `json:"views"`              // of a workbook, as the server counts them
	Changes    int           `json:"changes"`            // made to the template
	Duration   time.Duration `json:"duration_ns"`        // of rendering and publishing, in nanoseconds
	Warnings   []string      `json:"warnings,omitempty"` // what of the template's data it still holds
	Message    string        `json:"error,omitempty"`    // the text of Err
	Err        error         `json:"-"`                  // why it failed or was skipped; secrets of the manifest are masked
}

// maskedError is an error whose text holds no secret. What it wraps is there for errors.Is and errors.AsType.
type maskedError struct {
	text  string
	cause error
}

func (e *maskedError) Error() string { return e.text }

func (e *maskedError) Unwrap() error { return e.cause }
