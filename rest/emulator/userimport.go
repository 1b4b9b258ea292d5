package emulator

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var userImportOperations = []operation{
	op("POST", "sites/{site}/users/import", onSite, readCSV("tableau_user_import"), importUsers).since(3, 15),
	op("POST", "sites/{site}/users/delete", onSite, readCSV("tableau_user_delete"), deleteUsers).since(3, 15),
}

// userImport is users to be added to a site, or changed there, from a CSV file. It is work that a job can do.
type userImport struct{ Lines []userLine }

// userDelete is users to be taken off a site. It is work that a job can do.
type userDelete struct{ Names []string }

// userLine is a user of a CSV file.
type userLine struct {
	Name, FullName, Email string
	Password              sealed
	Role                  string
	AuthSetting, IDP      string
}

// The columns of a CSV file of users, after "CSV Import File Guidelines". All but the first may be empty or missing, and
// there is no header.
const (
	csvName = iota
	csvPassword
	csvFullName
	csvLicense
	csvAdministrator
	csvPublisher
	csvEmail
	csvAuthSetting
	csvColumns
)

// maxLines is how many users a CSV file may have.
const maxLines = 10_000

// readCSV returns how to read a body with a CSV file in the part. The payload, which may be missing, says how users sign
// in. Passwords are sealed only for those who may manage users: it takes a while.
func readCSV(part string) func(*call) error {
	return func(c *call) error {
		f, err := readForm(c, part, maxPayload)
		if err != nil {
			return err
		}
		if f.file == nil {
			return refuse(codeMalformed, "The request body has no part %s.", part)
		}
		if err := c.server.locked(c, (*call).manageUsers); err != nil {
			return err
		}
		data, err := c.server.store.OpenBlob(state.Blob{f.file.data})
		if err != nil {
			return err
		}
		defer data.Close()
		c.lines, err = parseLines(io.NewSectionReader(data, 0, data.Size()))
		if err != nil {
			return refuse(codeMalformed, "The part %s is not CSV of users: %v.", part, err)
		}
		given := make(map[string]*element) // by name
		for e := range f.payload.each("user") {
			given[strings.ToLower(e.attr("name"))] = e
		}
		for i := range c.lines {
			_, plain := splitName(c.lines[i].Name)
			if e := given[strings.ToLower(plain)]; e != nil {
				c.lines[i].AuthSetting, c.lines[i].IDP = e.attr("authSetting"), e.attr("idpConfigurationId")
			}
		}
		return nil
	}
}

func parseLines(r io.Reader) ([]userLine, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	var records [][]string
	for {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(records) == maxLines {
			return nil, fmt.Errorf("it has more than %d lines", maxLines)
		}
		records = append(records, record)
	}
	var lines []userLine
	for _, record := range records {
		if len(record) > csvColumns {
			return nil, fmt.Errorf("a line has %d columns, more than %d", len(record), csvColumns)
		}
		record = append(record, make([]string, csvColumns-len(record))...)
		name := strings.TrimSpace(strings.TrimPrefix(record[csvName], "\ufeff"))
		if name == "" {
			return nil, errors.New("a line has no name")
		}
		line := userLine{
			Name: name, FullName: record[csvFullName], Email: record[csvEmail], AuthSetting: record[csvAuthSetting],
			Role: csvRole(record[csvLicense], record[csvAdministrator], record[csvPublisher]),
		}
		if password := record[csvPassword]; password != "" {
			line.Password = seal(password) // so that it is in no job that waits
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// csvRole returns the site role of three columns, in any case. A license may be a whole site role, as TSC writes it.
func csvRole(license, administrator, publisher string) string {
	publishes := slices.Contains([]string{"1", "true", "yes"}, strings.ToLower(publisher))
	isCreator := strings.EqualFold(license, creatorLicense)
	switch {
	case strings.EqualFold(administrator, "system"):
		return serverAdministrator
	case strings.EqualFold(administrator, "site") && isCreator:
		return "SiteAdministratorCreator"
	case strings.EqualFold(administrator, "site"):
		return "SiteAdministratorExplorer"
	case isCreator && publishes:
		return "Creator"
	case strings.EqualFold(license, explorerLicense) && publishes:
		return "ExplorerCanPublish"
	case isCreator:
		return "Explorer"
	}
	i := slices.IndexFunc(siteRoles, func(role string) bool { return strings.EqualFold(role, license) })
	if i < 0 {
		return unlicensed
	}
	return siteRoles[i]
}

// importUsers answers POST users/import.
func importUsers(c *call) (*reply, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	return c.startJob(job{Kind: "import_users", Work: work{UserImport: &userImport{c.lines}}}), nil
}

// deleteUsers answers POST users/delete.
func deleteUsers(c *call) (*reply, error) {
	if err := c.manageUsers(); err != nil {
		return nil, err
	}
	w := &userDelete{}
	for _, line := range c.lines {
		w.Names = append(w.Names, line.Name)
	}
	return c.startJob(job{Kind: "delete_users", Work: work{UserDelete: w}}), nil
}

// callOf returns a call of the user that a job runs for, to do what a request would.
func (s *Server) callOf(where *site, j *job) (*call, error) {
	by := where.users.Get(j.User)
	if by == nil {
		return nil, refuse(codeNoUser, "User '%s' could not be found.", j.User)
	}
	return &call{server: s, site: where, user: by, now: j.EndedAt}, nil
}

// do adds the users. Lines that are refused are left out, and the notes tell of them.
func (w *userImport) do(s *Server, where *site, j *job) (string, error) {
	c, err := s.callOf(where, j)
	if err != nil {
		return "", err
	}
	return tally(s, w.Lines, "users were imported", c.importLine), nil
}

// tally does something for each of the items, and tells for how many it was done and why it was not done for others.
func tally[T any](s *Server, items []T, what string, do func(T) error) string {
	done := 0
	var problems []string
	for _, item := range items {
		if err := s.store.Do(func() error { return do(item) }); err != nil {
			problems = append(problems, refusalOf(err).detail)
			continue
		}
		done++
	}
	return strings.Join(append([]string{fmt.Sprintf("%d of %d %s.", done, len(items), what)}, problems...), " ")
}

// importLine adds one user, or changes the one who is there.
func (c *call) importLine(line userLine) error {
	body := node("user").
		withOptional("siteRole", line.Role).
		withOptional("fullName", line.FullName).
		withOptional("email", line.Email).
		withOptional("authSetting", line.AuthSetting).
		withOptional("idpConfigurationId", line.IDP)
	s := c.server
	var u *user
	if a := s.findAccount(line.Name); a != nil {
		u = c.site.userOf(a)
	}
	if u == nil {
		made, err := c.newUser(line.Name, body)
		if err != nil {
			return err
		}
		u = made
	} else {
		changed := *u
		if err := c.changeUser(&changed, body); err != nil {
			return err
		}
		c.site.users.Put(&changed)
	}
	a := *s.accounts.Get(u.Account)
	if len(line.Password.Sum) > 0 {
		a.Password = line.Password
	}
	return c.changeAccount(u, &a)
}

// do takes the users off the site. One who owns content stays, without a license.
func (w *userDelete) do(s *Server, where *site, j *job) (string, error) {
	c, err := s.callOf(where, j)
	if err != nil {
		return "", err
	}
	return tally(s, w.Names, "users were removed, or have no license any more", c.deleteLine), nil
}

func (c *call) deleteLine(name string) error {
	var u *user
	if a := c.server.findAccount(name); a != nil {
		u = c.site.userOf(a)
	}
	if u == nil {
		return refuse(codeNoUser, "User '%s' could not be found.", name)
	}
	if c.site.ownedBy(u.LUID) == "" {
		return c.removeUser(u)
	}
	changed := *u
	if err := c.changeRole(&changed, unlicensed); err != nil {
		return err
	}
	c.site.users.Put(&changed)
	return nil
}

// Nothing is kept for these.
func (w *userImport) drop(*Server, *site, *job) {}
func (w *userDelete) drop(*Server, *site, *job) {}
