// Package rest is a client for Tableau's REST API: it signs in to a site, finds projects, lists, publishes, downloads and
// deletes workbooks and data sources, and waits for jobs.
//
// A [Client] belongs to one server, a [Session] to one site of it; the services of a session do the work:
//
//	c, err := rest.NewClient("https://tableau.example.com")
//	s, err := c.SignIn(ctx, rest.PersonalAccessToken{Name: "ci", Secret: secret}, "finance")
//	defer s.SignOut(ctx)
//	p, err := s.Projects.ByPath(ctx, "Dashboards/EMEA")
//	w, err := s.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "Sales", ProjectLUID: p.LUID, Source: src, Mode: rest.Overwrite})
//
// What holds for every call:
//
//   - It is safe for concurrent use, and ends with its context: there is no other time limit.
//   - What is safe to repeat is repeated, up to four times, waiting as long as Retry-After says or else for a random time
//     that grows. A publish is never sent blindly again: when its outcome is unclear the client looks on the server first.
//   - A session that the server has ended is renewed once, whatever the number of calls that notice it at the same time.
//   - Files are streamed from an [io.ReaderAt] and to an [io.Writer]; memory does not grow with them.
//   - A refusal by the server is an [*Error]; errors.Is with [ErrNotFound], [ErrConflict] and the others tells its kind.
//   - Tokens, secrets and passwords appear in no error and in no printed value.
//
// Section numbers and quotations in the comments are those of Tableau's REST API reference.
package rest
