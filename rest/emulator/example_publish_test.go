package emulator_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// answer is what is read of the answers here.
type answer struct {
	Error struct {
		Code   string `xml:"code,attr"`
		Detail string `xml:"detail"`
	} `xml:"error"`
	Credentials struct {
		Token string `xml:"token,attr"`
		Site  struct {
			ID string `xml:"id,attr"`
		} `xml:"site"`
	} `xml:"credentials"`
	Workbooks []struct {
		Name       string `xml:"name,attr"`
		ContentURL string `xml:"contentUrl,attr"`
		Project    struct {
			Name string `xml:"name,attr"`
		} `xml:"project"`
	} `xml:"workbooks>workbook"`
}

// call sends a request with a token, and reads the answer.
func call(client *http.Client, token, method, path, contentType string, body io.Reader) (answer, error) {
	var a answer
	r, err := http.NewRequest(method, emulator.URL+"/api/3.29"+path, body)
	if err != nil {
		return a, err
	}
	r.Header.Set("X-Tableau-Auth", token)
	r.Header.Set("Content-Type", contentType)
	resp, err := client.Do(r)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	if err := xml.NewDecoder(resp.Body).Decode(&a); err != nil {
		return a, err
	}
	if a.Error.Code != "" {
		return a, fmt.Errorf("%s: %s", a.Error.Code, a.Error.Detail)
	}
	return a, nil
}

// publication is the body of a request that publishes a workbook.
func publication(name, fileName, file string) (contentType string, body io.Reader) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, part := range []struct{ disposition, text string }{
		{`name="request_payload"`, `<tsRequest><workbook name="` + name + `"/></tsRequest>`},
		{`name="tableau_workbook"; filename="` + fileName + `"`, file},
	} {
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {part.disposition}})
		if err != nil {
			log.Fatal(err)
		}
		io.WriteString(p, part.text)
	}
	w.Close()
	return "multipart/mixed; boundary=" + w.Boundary(), &b
}

const salesWorkbook = `<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1'>
  <worksheets><worksheet name='Map'><table /></worksheet></worksheets>
  <windows><window class='worksheet' name='Map' /></windows>
</workbook>
`

// A client that is no more than net/http signs in, publishes a workbook, and lists what is on the site. It is refused when
// it publishes the same again without saying that it overwrites.
func Example() {
	server, err := emulator.New(emulator.WithUser("ana", "secret", "SiteAdministratorCreator"))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	in, err := call(client, "", "POST", "/auth/signin", "text/xml", strings.NewReader(
		`<tsRequest><credentials name="ana" password="secret"><site contentUrl=""/></credentials></tsRequest>`))
	if err != nil {
		log.Fatal(err)
	}
	token, workbooks := in.Credentials.Token, "/sites/"+in.Credentials.Site.ID+"/workbooks"

	for range 2 {
		contentType, body := publication("Sales by region", "sales.twb", salesWorkbook)
		_, err := call(client, token, "POST", workbooks, contentType, body)
		fmt.Println("published:", err == nil)
		if err != nil {
			code, _, _ := strings.Cut(err.Error(), ":")
			fmt.Println("refused:", code)
		}
	}

	list, err := call(client, token, "GET", workbooks+"?filter=name:eq:Sales+by+region", "", nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range list.Workbooks {
		fmt.Printf("%s is %s, in %s\n", w.Name, w.ContentURL, w.Project.Name)
	}
	// Output:
	// published: true
	// published: false
	// refused: 403130
	// Sales by region is Salesbyregion, in Default
}
