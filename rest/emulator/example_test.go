package emulator_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// A client reaches the emulator over memory, as it would reach a server over the network.
func Example() {
	server, err := emulator.New(emulator.WithUser("ana", "secret", "SiteAdministratorCreator"), emulator.WithVersion("3.28"))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	client := &http.Client{Transport: server.Transport()}
	resp, err := client.Get(emulator.URL + "/api/2.4/serverinfo")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(answer))
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?><tsResponse xmlns="http://tableau.com/api"><serverInfo><productVersion build="20261.26.0601.1200">2026.1.0</productVersion><restApiVersion>3.28</restApiVersion></serverInfo></tsResponse>
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
