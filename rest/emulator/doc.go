// Package emulator is a Tableau Server to test with: an [http.Handler] that answers the Tableau REST API.
//
// It exists so that a publishing run can be tried, and a client of the API tested, without a server. Sites, users,
// groups, projects, permissions, workbooks, data sources, flows, jobs, schedules and what belongs to them are there, with
// the rules and the errors of a server. It follows the published reference ("Workbooks and Views Methods" and its
// companions), is lenient with what the clients in use really send (see [WithStrict]) and strict in what it answers: schema
// order, one namespace, a code, a summary and a detail in every refusal.
//
// The invariant: what was published is what comes back. A download is the uploaded file, byte for byte, and the views,
// connections and published references the emulator tells of are those of that file, never invented. A publish that
// is refused has changed nothing.
//
// A Server is safe for concurrent use, and two of them share nothing. In a test, no port is needed:
//
//	server, err := emulator.New(emulator.WithUser("ana", "secret", "SiteAdministratorCreator"))
//	if err != nil { … }
//	defer server.Close()
//	client := &http.Client{Transport: server.Transport()} // speaks HTTP to emulator.URL over memory
//
// [WithSeed] says what is there to begin with, [Server.Snapshot] forks a world, [WithState] keeps one in a folder,
// [WithFault] and [WithJobFault] make requests and jobs go wrong, [WithClock] and [WithIDs] make a test exact.
//
// To serve it on a port, hand the Server to [http.Serve]. People then find a page at / that shows what is on the server;
// see [WithHost] and [WithoutPage].
package emulator

// URL is the base URL under which [Server.Transport] reaches the emulator.
const URL = "http://tableau.localhost"
