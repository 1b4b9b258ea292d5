package rest

import (
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Whatever a server answers, reading it does not panic, the pages come to an end, an error is one tidy line without the
// secret, and a file name is a name and no path.
func FuzzAnswer(f *testing.F) {
	const secret = "hunter2"
	bodies := []string{
		ok(noWorkbooks).body,
		workbookList(1, 2, 9_000_000_000_000_000_000, "a").body,
		listed(published("w1", 1)).body,
		ok(jobQueued).body, ok(jobDone).body,
		ok(`<connections><connection id="c1" type="postgres" serverPort="5432" embedPassword="TRUE"><datasource id="d9"/></connection></connections>`).body,
		(&fakeServer{}).reply(seenRequest{Path: "/auth/signin"}).body,
		refusal("404006", "Resource Not Found", "Workbook &apos;7c2f&apos; could not be found.").body,
		`{"error":{"code":"409006","summary":"Resource Conflict","detail":"hunter2"}}`,
		"\xEF\xBB\xBF<html><body>WAF says no to hunter2</body></html>",
		"",
	}
	for header := range dispositions {
		for _, body := range bodies {
			f.Add([]byte(body), header)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		if answer, err := decode(body); err == nil {
			p := decodeElement[wirePagination](answer.descend([]string{"pagination"}))
			if !p.last(math.MaxInt, 100) {
				t.Errorf("no page is the last of %+v", p)
			}
			decodeAll[Workbook](answer.below([]string{"workbooks", "workbook"}))
			decodeAll[Job](answer.below([]string{"job"}))
		}
		e := &Error{Status: 404}
		e.readError(body, []string{secret})
		for _, text := range []string{e.Code, e.Summary, e.Detail} {
			if strings.Contains(text, secret) || strings.ContainsAny(text, "\r\n\t\x00") || len(text) > 2048 || !utf8.ValidString(text) {
				t.Errorf("the error of %q says %q", body, text)
			}
		}
		name := fileNameOf(header)
		if strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name) || name == "." || name == ".." {
			t.Errorf("the file name of %q is %q", header, name)
		}
	})
}
