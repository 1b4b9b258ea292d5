package emulator_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

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
