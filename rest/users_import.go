package rest

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
)

// A UserImport is a user among many to be put on a site.
type UserImport struct {
	Name                 string // required; with the domain before it, as in example.com\ana, if need be
	Password             string // where the server keeps the passwords, and nowhere else
	FullName             string
	Email                string
	SiteRole             SiteRole    // "" for Unlicensed
	AuthSetting          AuthSetting // "" for ServerDefault
	IDPConfigurationLUID string      // instead of AuthSetting, with several ways to sign in
	redacted
}

// ImportCSV puts many users on the site in the background, and changes those who are on it already ("Import Users to Site from
// CSV", API 3.15); the file is written here. Wait with [JobsService.Wait]. A user who is refused does not keep the others out:
// the job ends well, and its notes may tell.
func (us *UsersService) ImportCSV(ctx context.Context, users []UserImport) (Job, error) {
	job, err := us.importCSV(ctx, users)
	if err != nil {
		return Job{}, fmt.Errorf("importing %d users: %w", len(users), err)
	}
	return job, nil
}

func (us *UsersService) importCSV(ctx context.Context, users []UserImport) (Job, error) {
	var (
		errs    []error
		lines   [][]string
		list    []*element
		secrets []string
	)
	for i, u := range users {
		if err := u.check(us.s.version); err != nil {
			errs = append(errs, fmt.Errorf("user %d, %q: %w", i+1, u.Name, err))
		}
		lines, list, secrets = append(lines, u.line()), append(list, u.element()), append(secrets, u.Password)
	}
	if len(users) == 0 {
		errs = append(errs, errors.New("there are none"))
	}
	if err := errors.Join(errs...); err != nil {
		return Job{}, err
	}
	xml, err := encodeRequest(list...)
	if err != nil {
		return Job{}, err
	}
	return us.sendCSV(ctx, "Import Users to Site from CSV", "import", lines, xml, secrets)
}

func (u UserImport) check(v Version) error {
	errs := []error{u.SiteRole.check(v), checkAuthentication(u.AuthSetting, u.IDPConfigurationLUID)}
	if _, plain := splitDomain(u.Name); plain == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	if _, ok := csvRoles[u.SiteRole]; !ok {
		errs = append(errs, fmt.Errorf("a CSV file cannot say the site role %q", u.SiteRole))
	}
	return errors.Join(errs...)
}

// csvRoles are the columns for licence level, administrator and publisher of each site role ("CSV Import File Guidelines").
var csvRoles = map[SiteRole][3]string{
	"":                                {"Unlicensed", "None", "0"},
	SiteRoleUnlicensed:                {"Unlicensed", "None", "0"},
	SiteRoleViewer:                    {"Viewer", "None", "0"},
	SiteRoleExplorer:                  {"Explorer", "None", "0"},
	SiteRoleExplorerCanPublish:        {"Explorer", "None", "1"},
	SiteRoleCreator:                   {"Creator", "None", "1"},
	SiteRoleSiteAdministratorExplorer: {"Explorer", "Site", "1"},
	SiteRoleSiteAdministratorCreator:  {"Creator", "Site", "1"},
	SiteRoleServerAdministrator:       {"Creator", "System", "1"},
}

// line is the user in the columns of the file: name, password, full name, licence, administrator, publisher, e-mail address.
func (u UserImport) line() []string {
	role := csvRoles[u.SiteRole]
	return []string{u.Name, u.Password, u.FullName, role[0], role[1], role[2], u.Email}
}

// element says how the user signs in; the file has no column for it.
func (u UserImport) element() *element {
	_, plain := splitDomain(u.Name)
	e := newElement("user").set("name", plain)
	switch {
	case u.IDPConfigurationLUID != "":
		return e.set("idpConfigurationId", u.IDPConfigurationLUID)
	case u.AuthSetting != "":
		return e.set("authSetting", string(u.AuthSetting))
	}
	return e.set("authSetting", string(AuthServerDefault))
}

// DeleteCSV takes many users off the site in the background, by name ("Delete Users from Site with CSV", API 3.15). Who owns
// content stays, without a licence. A server may answer without a job: what comes back then is zero.
func (us *UsersService) DeleteCSV(ctx context.Context, names ...string) (Job, error) {
	job, err := us.deleteCSV(ctx, names)
	if err != nil {
		return Job{}, fmt.Errorf("removing %d users: %w", len(names), err)
	}
	return job, nil
}

func (us *UsersService) deleteCSV(ctx context.Context, names []string) (Job, error) {
	var lines [][]string
	for _, name := range names {
		if _, plain := splitDomain(name); plain == "" {
			return Job{}, errors.New("a name is empty")
		}
		lines = append(lines, []string{name, "", "", "", "", "", ""})
	}
	if len(lines) == 0 {
		return Job{}, errors.New("there are none")
	}
	return us.sendCSV(ctx, "Delete Users from Site with CSV", "delete", lines, nil, nil)
}

// sendCSV sends users as a file, and the XML that goes with it, if any. It is not repeated: the server works on it for a while
// after the request.
func (us *UsersService) sendCSV(ctx context.Context, op, word string, lines [][]string, xml []byte, secrets []string) (Job, error) {
	body, err := csvPayload("tableau_user_"+word, lines, xml)
	if err != nil {
		return Job{}, err
	}
	return startWork(ctx, us.s, &request{
		op: op, since: sinceUserImport, method: http.MethodPost, path: "users/" + word, body: body, secrets: secrets,
	})
}

// csvPayload is a file of lines as servers take it: before the XML, other than in publishing.
func csvPayload(part string, lines [][]string, xml []byte) (*payload, error) {
	boundary := newBoundary()
	var body bytes.Buffer
	body.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part + "\"; filename=\"users.csv\"\r\n" +
		"Content-Type: text/csv\r\n\r\n")
	if err := csv.NewWriter(&body).WriteAll(lines); err != nil {
		return nil, err
	}
	if xml != nil {
		body.WriteString("\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\r\n" +
			"Content-Type: text/xml\r\n\r\n")
		body.Write(xml)
	}
	body.WriteString("\r\n--" + boundary + "--\r\n")
	return &payload{contentType: "multipart/mixed; boundary=" + boundary, head: body.Bytes()}, nil
}
