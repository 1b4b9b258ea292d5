package emulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// check checks what holds for every answer: its form, and that a refusal has all its parts.
func (a *answer) check() {
	a.t.Helper()
	if a.status == 204 {
		if len(a.raw) > 0 || a.header.Get("Content-Type") != "" {
			a.t.Errorf("204 with body %q and type %q", a.raw, a.header.Get("Content-Type"))
		}
		return
	}
	if a.header.Get("Content-Length") != fmt.Sprint(len(a.raw)) && len(a.raw) > 0 {
		a.t.Errorf("Content-Length %q of %d bytes", a.header.Get("Content-Length"), len(a.raw))
	}
	if a.status >= 400 {
		a.checkRefusal()
	}
	if bytes.HasPrefix(a.raw, []byte(xmlHead)) {
		a.checkSchema()
	}
}

// checkRefusal checks that a refusal has the code of its status, a summary and a detail.
func (a *answer) checkRefusal() {
	a.t.Helper()
	var e struct {
		XMLName xml.Name `xml:"http://tableau.com/api tsResponse" json:"-"`
		Error   struct {
			Code    string `xml:"code,attr"`
			Summary string `xml:"summary"`
			Detail  string `xml:"detail"`
		} `xml:"http://tableau.com/api error"`
	}
	decode := xml.Unmarshal
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		decode = json.Unmarshal
	}
	if err := decode(a.raw, &e); err != nil || e.Error.Summary == "" || e.Error.Detail == "" {
		a.t.Errorf("refusal %q: %v", a.raw, err)
	}
	if code, err := strconv.Atoi(e.Error.Code); err != nil || code < 500000 && !slices.Contains(referenceCodes, code) {
		a.t.Errorf("code %q is none of the reference", e.Error.Code)
	}
	if e.Error.Code == "405000" && a.status == 404 {
		return // adding tags, in strict mode
	}
	if !strings.HasPrefix(e.Error.Code, fmt.Sprint(a.status)) || len(e.Error.Code) != 6 {
		a.t.Errorf("status %d with code %q", a.status, e.Error.Code)
	}
}
