package emulator

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
)

// Seed is a world to begin with: sites with who and what is on them. What it says is made as the operations of the API
// make it, by the same rules and with the same refusals. The keys of a seed file are in the tags; see [LoadSeed].
//
// What is there already under its name stays as it is, with all that a seed says of it left aside, so that a server with
// a kept state ([WithState]) can be started with the same seed again. Only users get the password, the site role and the
// tokens of the seed each time.
type Seed struct {
	// Schedules are those of the server, besides the ones it begins with.
	Schedules []SeedSchedule `yaml:"schedules"`
	Sites     []SeedSite     `yaml:"sites"`
	// Files is where the files to publish are; the default is the file system, from the folder of the process.
	Files fs.FS

	source *seedSource // nil for a seed that was not read from a file
}

// SeedSchedule is a schedule, in the words of "Create Server Schedule".
type SeedSchedule struct {
	Name string `yaml:"name"`
	// Type is what it runs, such as Extract or Subscription.
	Type string `yaml:"type"`
	// Frequency is Hourly, Daily, Weekly or Monthly.
	Frequency string `yaml:"frequency"`
	// Start and End are times of the day, hours:minutes:seconds.
	Start string `yaml:"start"`
	End   string `yaml:"end"`
	// Intervals are each one attribute with its value, such as weekDay: Monday.
	Intervals []map[string]string `yaml:"intervals"`
	// Priority is from 1 to 100; "" stands for 50.
	Priority string `yaml:"priority"`
	// ExecutionOrder is Parallel, the default, or Serial.
	ExecutionOrder string `yaml:"execution_order"`
}

// SeedSite is a site. The Default site, whose content URL is "", is always there.
type SeedSite struct {
	ContentURL string `yaml:"content_url"`
	// Name is what people see; "" stands for the content URL.
	Name        string        `yaml:"name"`
	Users       []SeedUser    `yaml:"users"`
	Groups      []SeedGroup   `yaml:"groups"`
	Projects    []SeedProject `yaml:"projects"` // one before those within it
	Datasources []SeedContent `yaml:"datasources"`
	Workbooks   []SeedContent `yaml:"workbooks"`
	Flows       []SeedContent `yaml:"flows"`
	Webhooks    []SeedWebhook `yaml:"webhooks"`
}

// SeedUser is a user of a site. Users of one name on several sites are one person: full name, e-mail address, password
// and tokens are the same on all, and need be given on one only.
type SeedUser struct {
	Name string `yaml:"name"`
	// Role is the site role.
	Role     string      `yaml:"role"`
	Password Secret      `yaml:"password"` // "" for none: the user cannot sign in with one
	FullName string      `yaml:"full_name"`
	Email    string      `yaml:"email"`
	Tokens   []SeedToken `yaml:"tokens"`
}

// SeedToken is a personal access token.
type SeedToken struct {
	Name   string `yaml:"name"`
	Secret Secret `yaml:"secret"`
}

// SeedGroup is a local group, with the names of its users.
type SeedGroup struct {
	Name  string   `yaml:"name"`
	Users []string `yaml:"users"`
}

// SeedProject is a project.
type SeedProject struct {
	// Path is its name after those of the projects it is in, with slashes. The project Default is there.
	Path        string `yaml:"path"`
	Description string `yaml:"description"`
	// Owner is the name of a user; "" stands for the one who owns the project Default.
	Owner string `yaml:"owner"`
	// ContentPermissions is ManagedByOwner, the default, LockedToProject or LockedToProjectWithoutNested.
	ContentPermissions string           `yaml:"content_permissions"`
	Permissions        []SeedPermission `yaml:"permissions"`
	// DefaultPermissions are those that content gets which is made in the project, by the word of the API for it, such as
	// workbooks or datasources.
	DefaultPermissions map[string][]SeedPermission `yaml:"default_permissions"`
}

// SeedPermission is what a user or a group may do: everything that Role and Allow say but what Deny says.
type SeedPermission struct {
	// User and Group are names, of which one is given.
	User  string `yaml:"user"`
	Group string `yaml:"group"`
	// Role is a set of capabilities as the dialog of permissions offers it: View, Explore, Publish or Administer; on
	// projects View, Publish or Lead.
	Role  string   `yaml:"role"`
	Allow []string `yaml:"allow"` // names of capabilities, such as Read
	Deny  []string `yaml:"deny"`
}

// SeedContent is a workbook, a data source or a flow to publish.
type SeedContent struct {
	// File is the path of it, in Files of the seed.
	File string `yaml:"file"`
	// Name is what it is called on the site; "" stands for the name of the file.
	Name string `yaml:"name"`
	// Project is the path of its project; "" stands for Default.
	Project     string `yaml:"project"`
	Description string `yaml:"description"`
	// Owner is the name of a user; "" stands for the one who owns the project Default.
	Owner string   `yaml:"owner"`
	Tags  []string `yaml:"tags"`
	// ShowTabs is for workbooks, and so is Hidden: the names of views that people do not see.
	ShowTabs    bool             `yaml:"show_tabs"`
	Hidden      []string         `yaml:"hidden_views"`
	Connections []SeedConnection `yaml:"connections"`
	Permissions []SeedPermission `yaml:"permissions"`
}

// SeedConnection is the credentials for connections of the file: those to a server, on a port where one is given.
type SeedConnection struct {
	Server   string `yaml:"server"`
	Port     string `yaml:"port"`
	Username string `yaml:"username"`
	Password Secret `yaml:"password"`
	// Embed says that the credentials stay with the content.
	Embed bool `yaml:"embed"`
}

// SeedWebhook is a webhook of a site.
type SeedWebhook struct {
	Name  string `yaml:"name"`
	Event string `yaml:"event"` // such as WorkbookCreated
	URL   string `yaml:"url"`   // of https
}

// WithSeed adds what a seed says. All that is wrong with it is told at once, as [SeedProblems], and then nothing of it is
// made.
func WithSeed(seed Seed) Option {
	return func(o *options) error {
		o.seeds = append(o.seeds, &seed)
		return nil
	}
}

// SeedProblem is one thing that is wrong with a seed.
type SeedProblem struct {
	// File is the seed file as it was given to [LoadSeed]; "" for a seed of Go.
	File string
	// Line and Col begin with 1. Both are 0 where there is no file, and for the file as a whole.
	Line, Col int
	// Path is what it is about, such as sites[0].users[1].role; "" for the whole.
	Path string
	// Message says what is wrong, and Hint what to do about it; that may be empty.
	Message, Hint string
}

// Error returns "file:line:col: message", or "path: message" for a seed of Go.
func (p *SeedProblem) Error() string {
	switch {
	case p.Line > 0:
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
	case p.File != "":
		return p.File + ": " + p.Message
	case p.Path != "":
		return "seed " + p.Path + ": " + p.Message
	}
	return "seed: " + p.Message
}

// SeedProblems is everything that is wrong with a seed.
type SeedProblems []*SeedProblem

// Error returns the problems, one a line.
func (ps SeedProblems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems one by one.
func (ps SeedProblems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// errTold is the error of what has told its problems already.
var errTold = errors.New("the problems of the seed are told")

// Secret is text that is never shown: however it is printed, logged or encoded, it says redacted. Convert it to a string
// to use it.
type Secret string

// String returns redacted.
func (Secret) String() string { return redacted }

// GoString returns redacted.
func (Secret) GoString() string { return redacted }

// Format writes redacted for every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns redacted.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns redacted, for JSON and all else that encodes text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
