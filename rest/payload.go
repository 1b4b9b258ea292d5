package rest

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
)

// A Source is a file to publish; that of a file on disk comes from [OpenFile]. It is read in parts, in no order, perhaps at
// several places at once and perhaps more than once; all of it has to stay the same until the call that was given it returns.
// Nothing reads it after that.
type Source interface {
	io.ReaderAt
	// Size is the length in bytes.
	Size() int64
}

// A payload is a request body that can be sent any number of times: some bytes, a range of a file, some bytes.
type payload struct {
	contentType string
	head, tail  []byte
	file        io.ReaderAt // nil for none
	offset      int64       // of the range
	length      int64       // of the range
	meter       *meter      // counts what is sent of the range, nil for nobody
	block       int         // the meter's name for the range
}

func xmlPayload(body []byte) *payload {
	return &payload{contentType: "application/xml", head: body}
}

// multipartPayload is the one form of multipart that all servers take: an unquoted boundary of 32 hexadecimal digits, CRLF
// everywhere, the XML first. Without a part name there is no file ("Publishing a file in the request body").
func multipartPayload(xml []byte, part, fileName string) *payload {
	boundary := newBoundary()
	var head bytes.Buffer
	head.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\r\n" +
		"Content-Type: text/xml\r\n\r\n")
	head.Write(xml)
	if part != "" {
		head.WriteString("\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part + "\"; filename=\"" + fileName +
			"\"\r\nContent-Type: application/octet-stream\r\n\r\n")
	}
	return &payload{
		contentType: "multipart/mixed; boundary=" + boundary,
		head:        head.Bytes(),
		tail:        []byte("\r\n--" + boundary + "--\r\n"),
	}
}

// newBoundary is what separates the parts of a body.
func newBoundary() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	return hex.EncodeToString(random[:])
}

// carry sets the range of a file between head and tail.
func (p *payload) carry(file io.ReaderAt, offset, length int64, m *meter, block int) *payload {
	p.file, p.offset, p.length, p.meter, p.block = file, offset, length, m, block
	return p
}

func (p *payload) size() int64 { return int64(len(p.head)) + p.length + int64(len(p.tail)) }

// partFileName is the file name of a part: the name where all servers can read it, else a plain one. It has no meaning but
// for its extension.
func partFileName(name, plain, extension string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		name = plain
	}
	return name + "." + extension
}

// A sentBody is a payload on its way in one attempt. The transport may open it more than once.
type sentBody struct {
	payload *payload // nil for none

	mu      sync.Mutex
	stopped bool
	whole   bool // the transport has read it to the end
}

// open starts the payload from its first byte.
func (s *sentBody) open() io.ReadCloser {
	p := s.payload
	if p.file == nil {
		return &bodyReader{sent: s, r: io.MultiReader(bytes.NewReader(p.head), bytes.NewReader(p.tail))}
	}
	p.meter.restart(p.block)
	file := &fileReader{payload: p, r: io.NewSectionReader(p.file, p.offset, p.length), left: p.length}
	return &bodyReader{sent: s, r: io.MultiReader(bytes.NewReader(p.head), file, bytes.NewReader(p.tail))}
}

// stop ends every reading; when it returns nothing reads the file any more. It says whether the server can have got all of the
// body: what the transport has not read, nobody has.
func (s *sentBody) stop() (whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	return s.whole || s.payload == nil
}

type bodyReader struct {
	sent *sentBody
	r    io.Reader
	read int64
}

func (b *bodyReader) Read(p []byte) (int, error) {
	b.sent.mu.Lock()
	defer b.sent.mu.Unlock()
	if b.sent.stopped {
		return 0, errStopped
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	b.sent.whole = b.sent.whole || b.read == b.sent.payload.size()
	return n, err
}

func (b *bodyReader) Close() error { return nil }

// A fileReader reads the range of the caller's file, tells the file's errors from the network's and counts.
type fileReader struct {
	payload *payload
	r       io.Reader
	left    int64
}

func (f *fileReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.left -= int64(n)
	f.payload.meter.add(f.payload.block, int64(n))
	switch {
	case errors.Is(err, io.EOF) && f.left > 0:
		err = sourceError{io.ErrUnexpectedEOF}
	case err != nil && !errors.Is(err, io.EOF):
		err = sourceError{err}
	}
	return n, err
}

// Progress is how far a publish is.
type Progress struct {
	Sent  int64 // bytes of the file handed to the network; it never goes back, even when some are sent again
	Total int64 // bytes of the file
	Job   Job   // the state of the publishing job, zero before there is one
}

// A meter adds up what is sent of a file. A nil meter counts nothing.
type meter struct {
	report func(Progress)

	mu     sync.Mutex
	shown  Progress
	sent   int64
	blocks map[int]int64
}

func newMeter(total int64, report func(Progress)) *meter {
	if report == nil {
		return nil
	}
	return &meter{report: report, shown: Progress{Total: total}, blocks: map[int]int64{}}
}

func (m *meter) add(block int, n int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blocks[block] += n
	m.sent += n
	if m.sent > m.shown.Sent {
		m.shown.Sent = m.sent
		m.report(m.shown)
	}
}

// restart forgets what was sent of a block that is now sent again.
func (m *meter) restart(block int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent -= m.blocks[block]
	m.blocks[block] = 0
}

// restartAll forgets everything, for an upload that begins anew.
func (m *meter) restartAll() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = 0
	clear(m.blocks)
}

func (m *meter) job(j Job) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown.Job = j
	m.report(m.shown)
}
