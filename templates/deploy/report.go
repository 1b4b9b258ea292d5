package deploy

import "time"

// Action is what became of a template on a site, or what is to become of it.
type Action string

// The actions.
const (
	Created     Action = "created"     // there was nothing of its name in its project
	Overwritten Action = "overwritten" // what was there
	Updated     Action = "updated"     // its settings alone
	Unchanged   Action = "unchanged"   // it is there as it is to be
	LeftOut     Action = "left out"    // the `when` of the template is not for the site
	Failed      Action = "failed"
	Skipped     Action = "skipped" // it needs another template that failed
)

// The actions of [Plan]: what is to become of a template.
const (
	Create    Action = "create"
	Overwrite Action = "overwrite"
	Update    Action = "update"
)

// The actions of [Verify]: how what is published compares with what would be.
const (
	Same      Action = "same"
	Different Action = "different"
	Missing   Action = "missing" // there is nothing of its name in its project
)

// planned is the action before it is done.
func (a Action) planned() Action {
	switch a {
	case Created:
		return Create
	case Overwritten:
		return Overwrite
	case Updated:
		return Update
	}
	return a
}

// Report says what happened, site by site, in the order of the sites asked for.
type Report struct {
	// Resumed says that the run went on with one that was cut short; what that had done is in it.
	Resumed bool         `json:"resumed,omitempty"`
	Shard   string       `json:"shard,omitempty"`
	Sites   []SiteResult `json:"sites"`
}

// Failures counts the sites on which not everything was done.
func (r *Report) Failures() int {
	n := 0
	for _, s := range r.Sites {
		if s.Failed() {
			n++
		}
	}
	return n
}

// Left counts the sites that were not reached.
func (r *Report) Left() int {
	n := 0
	for _, s := range r.Sites {
		if len(s.Results) == 0 {
			n++
		}
	}
	return n
}

// Count counts the results with an action.
func (r *Report) Count(a Action) int {
	n := 0
	for _, s := range r.Sites {
		for _, result := range s.Results {
			if result.Action == a {
				n++
			}
		}
	}
	return n
}

// SiteResult is what happened on one site.
type SiteResult struct {
	Site           string   `json:"site"` // its key in the manifest
	SiteContentURL string   `json:"content_url"`
	ServerURL      string   `json:"server"`
	Results        []Result `json:"results"` // one for each template; one without a template if signing in failed; none if the run ended before
}

// Failed tells whether something was not done here.
func (s SiteResult) Failed() bool {
	for _, r := range s.Results {
		if !r.succeeded() {
			return true
		}
	}
	return len(s.Results) == 0
}

// Result is what became of one template on one site.
type Result struct {
	Site        string        `json:"site"`
	Template    string        `json:"template,omitempty"` // empty if the site could not be signed in to
	Action      Action        `json:"action"`
	Name        string        `json:"name,omitempty"` // it was published under
	Project     string        `json:"project,omitempty"`
	LUID        string        `json:"luid,omitempty"`
	ProjectLUID string        `json:"project_luid,omitempty"`
	ContentURL  string        `json:"content_url,omitempty"`
	Views       int           `json:"views,omitempty"`     // of a workbook, as the server counts them
	Changes     int           `json:"changes"`             // made to the template
	Drift       string        `json:"drift,omitempty"`     // how what was there differed from what was last published
	Settings    []string      `json:"settings,omitempty"`  // what was set besides the file
	Recovered   bool          `json:"recovered,omitempty"` // a run that was cut short had published it
	Sent        int64         `json:"sent_bytes,omitempty"`
	Duration    time.Duration `json:"duration_ns"`        // in nanoseconds
	Warnings    []string      `json:"warnings,omitempty"` // what of the template's data it still holds
	Message     string        `json:"error,omitempty"`    // the text of Err
	Hint        string        `json:"hint,omitempty"`     // what to do about it
	Err         error         `json:"-"`                  // why it failed or was skipped; secrets of the manifest are masked
}

// succeeded says that the template is on the site as it is to be.
func (r Result) succeeded() bool { return r.Action != Failed && r.Action != Skipped }

// A maskedError is an error whose text holds no secret. What it wraps is there for errors.Is and errors.AsType.
type maskedError struct {
	text  string
	cause error
}

func (e *maskedError) Error() string { return e.text }

func (e *maskedError) Unwrap() error { return e.cause }
