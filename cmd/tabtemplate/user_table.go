package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/rest"
)

// A userRow is a user in a table, as tabcmd reads it.
type userRow struct {
	line     int
	name     string
	password string
	fullName string
	email    string
	role     rest.SiteRole // "" where the row says none
}

// tableProblems is all that is wrong with a table, each with its place. It shows no value but names of users, because one may
// be a password in the wrong column.
type tableProblems []string

func (p tableProblems) Error() string { return strings.Join(p, "\n") }

// tableColumns are the columns of a table without a header, in their order, and what a header may call them.
var tableColumns = [][]string{
	{"username", "user name", "user", "name"},
	{"password"},
	{"display name", "full name", "fullname", "displayname"},
	{"license", "licence", "license level", "licence level"},
	{"admin level", "administrator", "admin"},
	{"publishing", "publishing capability", "publisher", "publish"},
	{"email", "e-mail", "email address", "e-mail address"},
	{"site role", "role"}, // which only a header can name
}

// The places of columns in tableColumns.
const (
	nameColumn = iota
	passwordColumn
	fullNameColumn
	licenseColumn
	adminColumn
	publishColumn
	emailColumn
	roleColumn
)

// positional is how many columns a table without a header may have.
const positional = emailColumn + 1

// readUsers reads a table of users; everything that is wrong with it is told at once. With names alone only the names count.
func readUsers(path string, namesAlone bool) ([]userRow, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &userTable{path: path, namesAlone: namesAlone, lines: map[string]int{}}
	if !utf8.Valid(data) {
		return nil, &usageError{tableProblems{path + ": the file is not UTF-8: save it as CSV in UTF-8"}}
	}
	t.read(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(t.rows) == 0 && t.problems == nil {
		t.problems = append(t.problems, path+": there is no user in it")
	}
	if t.problems != nil {
		return nil, &usageError{t.problems}
	}
	return t.rows, nil
}

type userTable struct {
	path       string
	namesAlone bool
	columns    []int          // of tableColumns, for each column of the table
	lines      map[string]int // of the users, by their names in lower case
	rows       []userRow
	problems   tableProblems
}

func (t *userTable) problem(line int, format string, args ...any) {
	t.problems = append(t.problems, fmt.Sprintf("%s:%d: %s", t.path, line, fmt.Sprintf(format, args...)))
}

func (t *userTable) read(data []byte) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = separator(data)
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	for first := true; ; first = false {
		cells, err := r.Read()
		if err == io.EOF {
			return
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			t.problem(wrong.Line, "%v", wrong.Err)
			return
		}
		line, _ := r.FieldPos(0)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if first {
			if t.header(line, cells) {
				continue
			}
			for i := range positional {
				t.columns = append(t.columns, i)
			}
		}
		t.row(line, cells)
	}
}

// separator is what stands between the columns: the semicolon or tab that the first line has, if that has no comma. Spreadsheets
// write semicolons where the comma is that of numbers.
func separator(data []byte) rune {
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if i := bytes.IndexAny(head, ";\t"); i >= 0 && !bytes.ContainsRune(head, ',') {
		return rune(head[i])
	}
	return ','
}

// columnOf is which of tableColumns a cell of a header names, -1 for none.
func columnOf(cell string) int {
	name := strings.ReplaceAll(strings.ToLower(cell), "_", " ")
	return slices.IndexFunc(tableColumns, func(names []string) bool { return slices.Contains(names, name) })
}

// isHeader tells whether a line has the names of columns: it begins with that of the users, has username somewhere, or has
// several and nothing else. The name of another column that comes first may be that of a user, such as admin.
func isHeader(cells []string) bool {
	isUsername := func(cell string) bool { return strings.EqualFold(cell, tableColumns[nameColumn][0]) }
	isOther := func(cell string) bool { return columnOf(cell) < 0 }
	return columnOf(cells[0]) == nameColumn || slices.ContainsFunc(cells, isUsername) || len(cells) > 1 && !slices.ContainsFunc(cells, isOther)
}

// header reads the names of columns, if that is what a line has.
func (t *userTable) header(line int, cells []string) bool {
	if !isHeader(cells) {
		return false
	}
	var known []string
	for _, names := range tableColumns {
		known = append(known, names[0])
	}
	for i, cell := range cells {
		column := columnOf(cell)
		switch {
		case column < 0 && !t.namesAlone:
			t.problem(line, "the name of column %d is not known%s", i+1, cmp.Or(didYouMean(strings.ToLower(cell), known), "; there is "+strings.Join(known, ", ")))
		case column >= 0 && slices.Contains(t.columns, column):
			t.problem(line, "the column %q is there twice", cell)
			column = -1
		}
		t.columns = append(t.columns, column)
	}
	if !slices.Contains(t.columns, nameColumn) {
		t.problem(line, "the column username is missing")
	}
	return true
}

func (t *userTable) row(line int, cells []string) {
	var values [8]string
	for i, cell := range cells {
		switch {
		case i < len(t.columns) && t.columns[i] >= 0:
			values[t.columns[i]] = cell
		case i >= len(t.columns) && cell != "":
			t.problem(line, "there are %d columns, and %d at most are known", len(cells), len(t.columns))
			return
		}
	}
	row := userRow{line: line, name: values[nameColumn], password: values[passwordColumn], fullName: values[fullNameColumn], email: values[emailColumn]}
	if row.name == "" {
		t.problem(line, "the name of the user is missing")
		return
	}
	if before := t.lines[strings.ToLower(row.name)]; before > 0 {
		t.problem(line, "the user %q is in line %d already", row.name, before)
		return
	}
	t.lines[strings.ToLower(row.name)] = line
	if !t.namesAlone {
		role, err := siteRole(values[licenseColumn], values[adminColumn], values[publishColumn], values[roleColumn])
		if err != nil {
			t.problem(line, "user %q: %v", row.name, err)
		}
		row.role = role
	}
	t.rows = append(t.rows, row)
}

// siteRoles are those that users can be given.
var siteRoles = []string{
	string(rest.SiteRoleCreator),
	string(rest.SiteRoleExplorer),
	string(rest.SiteRoleExplorerCanPublish),
	string(rest.SiteRoleViewer),
	string(rest.SiteRoleUnlicensed),
	string(rest.SiteRoleSiteAdministratorCreator),
	string(rest.SiteRoleSiteAdministratorExplorer),
	string(rest.SiteRoleServerAdministrator),
}

// siteRole is what the columns of a row come to, "" where they say nothing.
func siteRole(license, admin, publish, role string) (rest.SiteRole, error) {
	if role != "" {
		if license+admin+publish != "" {
			return "", errors.New("a site role says all that license, admin level and publishing say: leave one of them empty")
		}
		at := slices.IndexFunc(siteRoles, func(known string) bool { return strings.EqualFold(known, role) })
		if at < 0 {
			return "", fmt.Errorf("the site role is none of %s", strings.Join(siteRoles, ", "))
		}
		return rest.SiteRole(siteRoles[at]), nil
	}
	publishes, err := publishing(publish)
	if err != nil {
		return "", err
	}
	switch admin = strings.ToLower(admin); admin {
	case "system":
		return rest.SiteRoleServerAdministrator, nil
	case "", "none", "site":
	default:
		return "", errors.New("the admin level is none of System, Site, None")
	}
	return ofLicense(strings.ToLower(license), admin == "site", publishes)
}

// ofLicense is the site role of who is no administrator of the server.
func ofLicense(license string, site, publishes bool) (rest.SiteRole, error) {
	switch license {
	case "creator":
		if site {
			return rest.SiteRoleSiteAdministratorCreator, nil
		}
		return rest.SiteRoleCreator, nil
	case "explorer", "interactor":
		switch {
		case site:
			return rest.SiteRoleSiteAdministratorExplorer, nil
		case publishes:
			return rest.SiteRoleExplorerCanPublish, nil
		}
		return rest.SiteRoleExplorer, nil
	case "viewer", "unlicensed", "":
		switch {
		case site:
			return "", errors.New("an administrator of the site needs the license Creator or Explorer")
		case publishes:
			return "", errors.New("who publishes needs the license Creator or Explorer")
		case license == "viewer":
			return rest.SiteRoleViewer, nil
		case license == "unlicensed":
			return rest.SiteRoleUnlicensed, nil
		}
		return "", nil
	}
	return "", errors.New("the license is none of Creator, Explorer, Viewer, Unlicensed")
}

func publishing(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "yes", "true", "1":
		return true, nil
	case "", "no", "false", "0":
		return false, nil
	}
	return false, errors.New("publishing is none of yes, no, true, false, 1, 0")
}
