// Package rest is a client for Tableau's REST API, of Tableau Server and of Tableau Cloud.
//
// A [Client] belongs to one server, a [Session] to one site of it, and the services of a session do the work:
//
//	c, err := rest.NewClient("https://tableau.example.com")
//	s, err := c.SignIn(ctx, rest.PersonalAccessToken{Name: "ci", Secret: secret}, "finance")
//	defer s.SignOut(ctx)
//
//	p, err := s.Projects.ByPath(ctx, "Dashboards/EMEA")
//	file, err := rest.OpenFile("sales.twbx")
//	w, err := s.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "Sales", ProjectLUID: p.LUID, Source: file, Mode: rest.Overwrite})
//	job, err := s.Workbooks.Refresh(ctx, w.LUID, rest.RefreshOptions{})
//	job, err = s.Jobs.Wait(ctx, job.LUID)
//	err = job.Err() // a job that failed is no error of Wait
//
// # Signing in
//
// Credentials are a [PersonalAccessToken], a [UserPassword], a [ConnectedApp] that makes its JSON Web Tokens here, a [JWT] made
// elsewhere, or an [Impersonation]. The version of the API is settled with the server, or pinned by [WithVersion]; what a server
// is too old for is a [*VersionError], and nothing is sent. A session is for all that work on its site: it is renewed before it
// ends, or when a call notices that it has, once for all of them. [Session.SwitchSite] goes to another site of the server, and
// [EachSite] works on many.
//
// # Objects and lists
//
// Every service has the same words: All lists, ByLUID, ByName (ByPath of projects) and Find read one object of those that have a
// name, Create, Update and Delete change; content is published, and users are added. The calls about an object take its LUID,
// which all objects have. What Update is given as a nil pointer stays as it is; new(false) and new("") are values like others.
// Names that lead to nothing or to several objects are a [*NotFoundError] and an [*AmbiguousError], which say what there is.
//
// Lists are iterators that fetch page by page, as far as the caller goes:
//
//	for w, err := range s.Workbooks.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("projectName", "Sales, EMEA")}}) {
//
// The error comes once and last; [Collect] makes a slice of a list. What the server hands out whole is a slice from the start. A
// [Query] filters, sorts and chooses fields. Its filters are checked before they are sent, and what the server cannot express,
// such as a comma in a value, is finished here.
//
// Times are in UTC, sizes in bytes unless a name says otherwise, and text that the server enumerates is a string with constants:
// servers newer than this package say more than it knows.
//
// # Publishing and downloading
//
// [WorkbooksService.Publish], [DatasourcesService.Publish] and [FlowsService.Publish] stream a file of any size, in one request
// or in blocks, and give what was published, also when a job did it. With [FileContents] they check credentials and sheets
// against the file first. [SaveFile] saves downloads whole or not at all. Memory does not grow with files.
//
// # Permissions
//
// [Permissions] of every kind of content read, set, add, delete and copy rules with the fewest calls, by capability or by role.
//
// # Errors and repeating
//
// A refusal by the server is an [*Error]; errors.Is with [ErrNotFound], [ErrConflict] and the others tells its kind,
// [Error.Outcome] what became of the request, and [Error.Hint] what to do. What is safe to repeat is repeated, up to four times,
// waiting as long as Retry-After says or else for a random time that grows. What is not is never sent again blindly: a publish
// whose answer was lost is looked for on the server, and is an [ErrOutcomeUnknown] only when looking did not tell.
//
// Every call is safe for concurrent use and ends with its context: there is no other time limit. Tokens, secrets and passwords
// are in no error, no log and no printed value.
//
// # From other clients
//
// docs/python.md of this module has the calls of tableauserverclient and tableau_tools, and what they are here. Package
// [github.com/tabtemplate/tabtemplate/rest/emulator] is a server to try all of it on.
//
// # What is not here
//
// [Session.Do] calls any operation that has no method, with everything said of errors and repeating.
//
// Section numbers and names of operations in quotation marks are those of Tableau's REST API reference.
package rest
