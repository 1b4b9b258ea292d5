package emulator_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A script that publishes is tested against the emulator: it signs in, publishes a workbook and finds it in the list. Any
// client will do; this one is the standard library's, over memory. For a client that wants a URL and a port hand the server
// to httptest.NewServer.
func Example() {
	server, err := emulator.New(emulator.WithUser("ana", "secret", "SiteAdministratorCreator"))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}
	token := ""
	call := func(method, path, contentType, body string) string {
		r, err := http.NewRequest(method, emulator.URL+"/api/3.29/"+path, strings.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("X-Tableau-Auth", token)
		resp, err := client.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			log.Fatal(err)
		}
		return string(answer)
	}

	var signedIn struct {
		Credentials struct {
			Token string `xml:"token,attr"`
			Site  struct {
				ID string `xml:"id,attr"`
			} `xml:"site"`
		} `xml:"credentials"`
	}
	answer := call("POST", "auth/signin", "application/xml",
		`<tsRequest><credentials name="ana" password="secret"><site contentUrl=""/></credentials></tsRequest>`)
	if err := xml.Unmarshal([]byte(answer), &signedIn); err != nil {
		log.Fatal(err)
	}
	token = signedIn.Credentials.Token
	site := "sites/" + signedIn.Credentials.Site.ID

	call("POST", site+"/workbooks?overwrite=true", "multipart/mixed; boundary=b", strings.ReplaceAll(`--b
Content-Disposition: name="request_payload"

<tsRequest><workbook name="Sales"/></tsRequest>
--b
Content-Disposition: name="tableau_workbook"; filename="sales.twb"

<workbook version='18.1'><worksheets><worksheet name='Map'><table/></worksheet></worksheets></workbook>
--b--
`, "\n", "\r\n"))

	var list struct {
		Views []struct {
			ContentURL string `xml:"contentUrl,attr"`
		} `xml:"views>view"`
	}
	if err := xml.Unmarshal([]byte(call("GET", site+"/views", "", "")), &list); err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.Views)
	// Output: [{Sales/sheets/Map}]
}

// A seed is a world to begin with; a snapshot of it is one for each test.
func ExampleWithSnapshot() {
	first, err := emulator.New(emulator.WithSeed(emulator.Seed{Sites: []emulator.SeedSite{{
		ContentURL: "acme",
		Users:      []emulator.SeedUser{{Name: "ana", Role: "SiteAdministratorCreator", Password: "secret"}},
		Projects:   []emulator.SeedProject{{Path: "Finance"}, {Path: "Finance/North"}},
	}}}))
	if err != nil {
		log.Fatal(err)
	}
	defer first.Close()
	world, err := first.Snapshot()
	if err != nil {
		log.Fatal(err)
	}
	for range 2 { // two tests, neither of which sees what the other does
		server, err := emulator.New(emulator.WithSnapshot(world))
		if err != nil {
			log.Fatal(err)
		}
		client := &http.Client{Transport: server.Transport()}
		resp, err := client.Post(emulator.URL+"/api/3.29/auth/signin", "application/json",
			strings.NewReader(`{"credentials":{"name":"ana","password":"secret","site":{"contentUrl":"acme"}}}`))
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.StatusCode)
		server.Close()
	}
	// Output:
	// 200
	// 200
}

// The first call is answered as a busy server does; the client has to wait, and to call again.
func ExampleWithFault() {
	busy := emulator.Refusal(503000, "The server is busy.")
	busy.Header = map[string]string{"Retry-After": "1"}
	server, err := emulator.New(emulator.WithOpen(), emulator.WithFault(emulator.Fault{
		Method: "GET", Path: "/serverinfo", Call: 1, Stage: emulator.BeforeHandler, Answer: busy,
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	client := &http.Client{Transport: server.Transport()}
	for range 2 {
		resp, err := client.Get(emulator.URL + "/api/2.4/serverinfo")
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	// Output:
	// 503 1
	// 200
}
