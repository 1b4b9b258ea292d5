package rest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FileContents is what a file to publish holds, as far as publishing goes by it. This package does not open files: deploy.Contents,
// in package templates/deploy, makes it of a document, and so can anybody who knows the file. With it, a publish that would not do
// what it says is refused before anything is sent.
type FileContents struct {
	Type        string           // "twb", "twbx", "tds" or "tdsx"
	Connections []FileConnection // also those to published data sources
	Sheets      []FileSheet      // of a workbook: worksheets, dashboards and stories
	HasExtract  bool
}

// A FileConnection is a connection as a file has it.
type FileConnection struct {
	Datasource string // what people call the data source it belongs to
	Class      string // such as postgres, or PublishedClass
	Server     string // empty for files
	Port       string
}

// String is the connection in words: `postgres db.example.com:5432 ("Orders")`.
func (c FileConnection) String() string {
	text := c.Class
	if c.Server != "" {
		text += " " + c.Server
	}
	if c.Port != "" {
		text += ":" + c.Port
	}
	return fmt.Sprintf("%s (%q)", text, c.Datasource)
}

// PublishedClass is the class of a connection to a published data source, which needs no credentials of a database.
const PublishedClass = "sqlproxy"

// asksForCredentials says that viewers are asked for credentials if none are embedded.
func (c FileConnection) asksForCredentials() bool { return c.Server != "" && c.Class != PublishedClass }

// A FileSheet is a worksheet, dashboard or story of a workbook file.
type FileSheet struct {
	Name   string
	Hidden bool // in the file, which publishing cannot change
}

// A PublishConnection gives credentials to those connections of a file that lead to a server. The server drops silently what
// matches none of them; with [FileContents] that is an error.
type PublishConnection struct {
	Server      string                `api:"@serverAddress"` // as it stands in the file; may be empty with OAuth
	Port        string                `api:"@serverPort"`    // as it stands in the file, or empty for any
	Credentials ConnectionCredentials `api:"connectionCredentials"`
}

// place names where the credentials are for.
func (c PublishConnection) place() string {
	switch {
	case c.Server == "":
		return "any server"
	case c.Port == "":
		return c.Server
	}
	return c.Server + ":" + c.Port
}

// leadsTo says whether the credentials are for a connection. Those for any server are not for published data sources.
func (c PublishConnection) leadsTo(class, server, port string) bool {
	if c.Server == "" {
		return class != PublishedClass
	}
	return strings.EqualFold(c.Server, server) && (c.Port == "" || c.Port == port)
}

func (c PublishConnection) leadsToFile(f FileConnection) bool {
	return c.leadsTo(f.Class, f.Server, f.Port)
}

// fileCredentials are what a publish gives to the connections of a file: to all of them the same, or to each its own.
type fileCredentials struct {
	all  *ConnectionCredentials // nil for none
	each []PublishConnection
}

// list is both in one form.
func (f fileCredentials) list() []PublishConnection {
	if f.all == nil {
		return f.each
	}
	return append(slices.Clone(f.each), PublishConnection{Credentials: *f.all})
}

func (f fileCredentials) secrets() []string {
	return convert(f.list(), func(c PublishConnection) string { return c.Credentials.Password })
}

// check finds what is wrong whatever the file holds.
func (f fileCredentials) check() error {
	var errs []error
	if f.all != nil && len(f.each) > 0 {
		errs = append(errs, errors.New("Credentials are for all connections, Connections for each: give one of them"))
	}
	for _, c := range f.list() {
		errs = append(errs, c.Credentials.check())
	}
	for i, c := range f.each {
		same := func(other PublishConnection) bool {
			return strings.EqualFold(other.Server, c.Server) && other.Port == c.Port
		}
		switch {
		case c.Server == "" && !c.Credentials.OAuth:
			errs = append(errs, fmt.Errorf("the connection credentials of %q name no server: those for all connections are Credentials", c.Credentials.Username))
		case c.Server != "" && slices.ContainsFunc(f.each[:i], same):
			errs = append(errs, fmt.Errorf("there are two connection credentials for %s", c.place()))
		}
	}
	return errors.Join(errs...)
}

// checkType compares the type of the file with what it should be.
func (f *FileContents) checkType(fileType string) error {
	if f == nil || f.Type == "" || f.Type == fileType {
		return nil
	}
	return fmt.Errorf("the file is a .%s, and Contents are those of a .%s", fileType, f.Type)
}

// checkCredentials finds credentials that lead nowhere.
func (f *FileContents) checkCredentials(given fileCredentials) error {
	if f == nil {
		return nil
	}
	var errs []error
	for _, c := range given.list() {
		if slices.ContainsFunc(f.Connections, c.leadsToFile) {
			continue
		}
		there := "the file has no connections"
		if len(f.Connections) > 0 {
			there = "there is " + shorten(convert(f.Connections, FileConnection.String))
		}
		errs = append(errs, fmt.Errorf("the credentials of %q are for %s, where no connection leads; %s", c.Credentials.Username, c.place(), there))
	}
	return errors.Join(errs...)
}

// warnings tells of connections that viewers will be asked for credentials of.
func (f *FileContents) warnings(given fileCredentials) []string {
	if f == nil {
		return nil
	}
	var texts []string
	for _, c := range f.Connections {
		given := slices.ContainsFunc(given.list(), func(g PublishConnection) bool { return g.leadsToFile(c) })
		if text := "no credentials for connection " + c.String(); c.asksForCredentials() && !given && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// hide finds the sheets to hide: those named, or all but those to show.
func (f *FileContents) hide(hidden, shown []string) ([]string, error) {
	switch {
	case len(hidden) > 0 && len(shown) > 0:
		return nil, errors.New("HiddenViews and ShowViews exclude each other")
	case f == nil && len(shown) > 0:
		return nil, errors.New("ShowViews needs Contents, which tells of the other sheets")
	case f == nil || len(hidden) == 0 && len(shown) == 0:
		return hidden, nil
	}
	if err := f.checkSheets(hidden, shown); err != nil {
		return nil, err
	}
	visible := 0
	for _, sheet := range f.Sheets {
		switch {
		case sheet.Hidden:
		case len(shown) > 0 && !slices.Contains(shown, sheet.Name):
			hidden = append(slices.Clip(hidden), sheet.Name)
		case !slices.Contains(hidden, sheet.Name):
			visible++
		}
	}
	if visible == 0 {
		return nil, errors.New("all sheets are hidden, and the server publishes no such workbook")
	}
	return hidden, nil
}

// checkSheets finds names that are of no sheet, or of one that cannot be shown.
func (f *FileContents) checkSheets(hidden, shown []string) error {
	var errs []error
	for _, name := range slices.Concat(hidden, shown) {
		at := slices.IndexFunc(f.Sheets, func(s FileSheet) bool { return s.Name == name })
		if at < 0 {
			names := convert(f.Sheets, func(s FileSheet) string { return strconv.Quote(s.Name) })
			errs = append(errs, &NotFoundError{Kind: "sheet", Name: name, In: "the file", Available: names})
		} else if f.Sheets[at].Hidden && slices.Contains(shown, name) {
			errs = append(errs, fmt.Errorf("sheet %q is hidden in the file, which publishing cannot change", name))
		}
	}
	return errors.Join(errs...)
}
