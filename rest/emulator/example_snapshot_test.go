package emulator_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// world is the seed of a server, with a workbook in a project.
var world = emulator.Seed{
	Files: fstest.MapFS{"sales.twb": {Data: []byte(`<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1'>
  <worksheets><worksheet name='Map'><table /></worksheet></worksheets>
  <windows><window class='worksheet' name='Map' /></windows>
</workbook>
`)}},
	Sites: []emulator.SeedSite{{
		Users:     []emulator.SeedUser{{Name: "ana", Role: "SiteAdministratorCreator", Password: "secret"}},
		Projects:  []emulator.SeedProject{{Path: "Finance", Owner: "ana"}},
		Workbooks: []emulator.SeedContent{{File: "sales.twb", Project: "Finance", Tags: []string{"weekly"}}},
	}},
}

// ask sends a request to a server and returns the answer as text.
func ask(server *emulator.Server, token, method, path, body string) string {
	r, err := http.NewRequest(method, emulator.URL+"/api/3.29"+path, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("X-Tableau-Auth", token)
	resp, err := server.Transport().RoundTrip(r)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

// attribute returns the first value of an attribute after a text.
func attribute(text, after, name string) string {
	match := regexp.MustCompile(`(?s)` + after + `.*?\s` + name + `="([^"]*)"`).FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	return match[1]
}

// A world is made once, by a seed, and each case of a test begins with it: what one does the others do not see. Who is
// signed in stays so.
func Example_snapshot() {
	server, err := emulator.New(emulator.WithSeed(world))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	in := ask(server, "", "POST", "/auth/signin",
		`<tsRequest><credentials name="ana" password="secret"><site contentUrl=""/></credentials></tsRequest>`)
	token, workbooks := attribute(in, "<credentials", "token"), "/sites/"+attribute(in, "<site", "id")+"/workbooks"
	luid := attribute(ask(server, token, "GET", workbooks, ""), "<workbook", "id")

	snapshot, err := server.Snapshot()
	if err != nil {
		log.Fatal(err)
	}
	for _, method := range []string{"DELETE", "GET"} {
		fork, err := emulator.New(emulator.WithSnapshot(snapshot))
		if err != nil {
			log.Fatal(err)
		}
		ask(fork, token, method, workbooks+"/"+luid, "")
		left := attribute(ask(fork, token, "GET", workbooks, ""), "<pagination", "totalAvailable")
		fmt.Println("after", method, "there are", left)
		fork.Close()
	}
	// Output:
	// after DELETE there are 0
	// after GET there are 1
}
