package emulator

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// form is a multipart body: what is asked for, and the file if there is one.
type form struct {
	payload *element // nil when the part was empty, as with blocks of an upload
	file    *filePart
}

type filePart struct {
	fileName string // without directories
	data     state.Piece
}

// readForm reads a multipart body in every form that clients send. The file is the part with the given name; limit is
// how many bytes it may have.
func readForm(c *call, filePartName string, limit int64) (*form, error) {
	contentType := c.request.Header.Get("Content-Type")
	if c.server.strict {
		if err := checkMultipart(contentType); err != nil {
			return nil, err
		}
	}
	body := bufio.NewReader(http.MaxBytesReader(nil, c.request.Body, limit+maxPayload))
	boundary := findBoundary(contentType, body)
	if boundary == "" {
		return nil, refuse(codeMalformed, "The request body is not multipart/mixed with a boundary.")
	}
	parts := multipart.NewReader(body, boundary)
	f := &form{}
	for count := 0; ; count++ {
		part, err := parts.NextRawPart()
		if err == io.EOF && count > 0 {
			return f, nil
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if err := f.readPart(c, part, filePartName, limit); err != nil {
			return nil, err
		}
	}
}

func (f *form) readPart(c *call, part *multipart.Part, filePartName string, limit int64) error {
	name, fileName := parseDisposition(part.Header.Get("Content-Disposition"))
	switch {
	case name == "request_payload":
		data, err := io.ReadAll(http.MaxBytesReader(nil, part, maxPayload))
		if err != nil {
			return unreadable(err)
		}
		f.payload, err = c.parse(data)
		return err
	case name != filePartName:
		return refuse(codeMalformed, "The part '%s' is neither request_payload nor %s.", name, filePartName)
	case f.file != nil:
		return refuse(codeMalformed, "There is more than one part %s.", filePartName)
	}
	data, err := c.receive(part, limit)
	f.file = &filePart{fileName, data}
	return err
}

// findBoundary returns the boundary that the Content-Type names, or else the one the body begins with. The standard
// library's parser fails on what some clients write, such as "multipart/mixed;; boundary=x".
func findBoundary(contentType string, body *bufio.Reader) string {
	if i := strings.Index(strings.ToLower(contentType), "boundary="); i >= 0 {
		boundary := contentType[i+len("boundary="):]
		if quoted, ok := strings.CutPrefix(boundary, `"`); ok {
			boundary, _, _ = strings.Cut(quoted, `"`)
			return boundary
		}
		if end := strings.IndexAny(boundary, "; \t"); end >= 0 {
			boundary = boundary[:end]
		}
		return boundary
	}
	start, err := body.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	for line := range bytes.Lines(start) {
		if boundary, ok := strings.CutPrefix(strings.TrimRight(string(line), "\r\n"), "--"); ok {
			return boundary
		}
	}
	return ""
}

// parseDisposition reads the name and the file name of a Content-Disposition: with or without a type before them, in
// any order, quoted or not. Directories are cut off the file name, as some clients send the whole path. The client in
// package rest reads the header with code of its own, on purpose: sharing it, both would make the same mistake unseen.
func parseDisposition(header string) (name, fileName string) {
	extended := ""
	for _, parameter := range splitOutsideQuotes(header) {
		key, value, ok := strings.Cut(parameter, "=")
		if !ok {
			continue // the type: form-data, attachment
		}
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "name":
			name = unquote(value)
		case "filename":
			fileName = unquote(value)
		case "filename*":
			extended = unquote(value)
		}
	}
	if _, encoded, ok := strings.Cut(extended, "''"); ok {
		if decoded, err := url.PathUnescape(encoded); err == nil {
			fileName = decoded
		}
	}
	return name, fileName[strings.LastIndexAny(fileName, `/\`)+1:]
}

// splitOutsideQuotes splits at the semicolons that are not in quotes.
func splitOutsideQuotes(s string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && escapesQuote(s, i):
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// escapesQuote tells whether the byte is a backslash that escapes the quote after it. In a Windows path it is just a
// backslash, even before the quote that ends the value: it escapes only when another quote is still to come.
func escapesQuote(s string, i int) bool {
	return s[i] == '\\' && i+1 < len(s) && s[i+1] == '"' && endsLater(s[i+2:])
}

// endsLater tells whether a quoted value goes on: a quote comes before the next semicolon.
func endsLater(rest string) bool {
	value, _, _ := strings.Cut(rest, ";")
	return strings.Contains(value, `"`)
}

func unquote(value string) string {
	value = strings.TrimSpace(value)
	inner, ok := strings.CutPrefix(value, `"`)
	if !ok {
		return value
	}
	inner = strings.TrimSuffix(inner, `"`)
	return strings.NewReplacer(`\"`, `"`, "%22", `"`).Replace(inner)
}
