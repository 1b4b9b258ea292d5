package packaging

import (
	"bytes"
	"hash/crc32"
	"math"
	"testing"

	"github.com/klauspost/compress/flate"
)

const (
	workbook = "<?xml version='1.0' encoding='utf-8' ?>\n\n<workbook version='18.1' />\n"
	image    = "\x89PNG not really"
)

// item is one record of an archive that a test builds byte by byte, so that it can be what no zip writer makes.
type item struct {
	name       string
	localName  string // "" for the same
	content    string
	method     uint16
	flags      uint16
	madeBy     uint16
	date, time uint16
	internal   uint16
	external   uint32
	extra      string // in the directory
	localExtra string
	comment    string
	descriptor int    // 0, 12, 16, 20 or 24 bytes
	zip64      bool   // forced zip64 fields in both headers
	padding    string // behind the record
	crc        uint32 // added to the right one
	size       uint64 // added to the right one
	offset     int64  // added to the right one
	disk       uint16
	tweakLocal func([]byte)
	tweakDir   func([]byte)
}

// archive is a zip file to be built.
type archive struct {
	items     []item
	comment   string
	zip64     bool // zip64 end record and locator
	front     string
	beforeEnd string
	back      string
	order     []int // of the directory, nil for file order
	tweakEnd  func([]byte)
}

func (i *item) data() []byte {
	if i.method != Deflated {
		return []byte(i.content)
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		panic(err)
	}
	w.Write([]byte(i.content))
	w.Close()
	return b.Bytes()
}

func (i *item) sizes(b []byte, crc uint32, packed, size uint64) []byte {
	b = le.AppendUint32(b, crc)
	if i.zip64 {
		packed, size = math.MaxUint32, math.MaxUint32
	}
	b = le.AppendUint32(b, uint32(packed))
	return le.AppendUint32(b, uint32(size))
}

func (i *item) fields(b []byte) []byte {
	b = le.AppendUint16(b, versionPlain)
	b = le.AppendUint16(b, i.flagBits())
	b = le.AppendUint16(b, i.method)
	b = le.AppendUint16(b, i.time)
	return le.AppendUint16(b, i.date)
}

func (i *item) flagBits() uint16 {
	if i.descriptor > 0 {
		return i.flags | flagDescriptor
	}
	return i.flags
}

// record gives the local record.
func (i *item) record() []byte {
	name, data := i.name, i.data()
	if i.localName != "" {
		name = i.localName
	}
	crc, packed, size := i.crc+crc32.ChecksumIEEE([]byte(i.content)), uint64(len(data)), i.size+uint64(len(i.content))
	extra := i.localExtra
	if i.zip64 {
		extra += string(appendZip64(nil, size, packed))
	}
	b := i.fields([]byte(localMagic))
	if i.descriptor > 0 {
		b = i.sizes(b, 0, 0, 0)
	} else {
		b = i.sizes(b, crc, packed, size)
	}
	b = le.AppendUint16(b, uint16(len(name)))
	b = le.AppendUint16(b, uint16(len(extra)))
	b = append(b, name+extra...)
	b = append(b, data...)
	if i.tweakLocal != nil {
		i.tweakLocal(b)
	}
	if i.descriptor == 16 || i.descriptor == 24 {
		b = append(b, descriptorMagic...)
	}
	switch i.descriptor {
	case 12, 16:
		b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, crc), uint32(packed)), uint32(size))
	case 20, 24:
		b = le.AppendUint64(le.AppendUint64(le.AppendUint32(b, crc), packed), size)
	}
	return append(b, i.padding...)
}

// directory gives the directory record.
func (i *item) directory(offset uint64) []byte {
	crc, packed, size := i.crc+crc32.ChecksumIEEE([]byte(i.content)), uint64(len(i.data())), i.size+uint64(len(i.content))
	extra, offset32 := i.extra, uint32(offset)
	if i.zip64 {
		extra += string(appendZip64(nil, size, packed, offset))
		offset32 = math.MaxUint32
	}
	b := i.fields(le.AppendUint16([]byte(centralMagic), i.madeBy))
	b = i.sizes(b, crc, packed, size)
	b = le.AppendUint16(b, uint16(len(i.name)))
	b = le.AppendUint16(b, uint16(len(extra)))
	b = le.AppendUint16(b, uint16(len(i.comment)))
	b = le.AppendUint16(b, i.disk)
	b = le.AppendUint16(b, i.internal)
	b = le.AppendUint32(b, i.external)
	b = le.AppendUint32(b, offset32)
	if i.tweakDir != nil {
		i.tweakDir(b)
	}
	return append(b, i.name+extra+i.comment...)
}

// build gives the bytes of the archive.
func (a archive) build() []byte {
	b := []byte(a.front)
	var dir [][]byte
	for i := range a.items {
		dir = append(dir, a.items[i].directory(uint64(int64(len(b))+a.items[i].offset)))
		b = append(b, a.items[i].record()...)
	}
	dirAt := len(b)
	if a.order == nil {
		for i := range dir {
			b = append(b, dir[i]...)
		}
	}
	for _, i := range a.order {
		b = append(b, dir[i]...)
	}
	b = append(b, a.beforeEnd...)
	e := &ending{raw: append(make([]byte, endLen), a.comment...)}
	copy(e.raw, endMagic)
	le.PutUint16(e.raw[20:], uint16(len(a.comment)))
	if a.zip64 {
		e.raw, e.end = append(newEnd64(), e.raw...), end64Len+locatorLen
		for _, at := range []int{8, 10, 12, 14, 16, 18} {
			le.PutUint16(e.raw[e.end+at:], max16)
		}
	}
	end := e.rewritten(uint64(len(a.items)), uint64(len(b)-len(a.beforeEnd)-dirAt), uint64(dirAt))
	if a.tweakEnd != nil {
		a.tweakEnd(end)
	}
	return append(append(b, end...), a.back...)
}

// zipOf is an archive of items as Tableau would write them, but that none is changed.
func zipOf(items ...item) []byte { return archive{items: items}.build() }

func book() item {
	return item{name: "Book.twb", content: workbook, method: Deflated, flags: 6, date: 0x5621, time: 0x7A2B, internal: 1}
}

func openBytes(t testing.TB, b []byte, opts ...Option) *Package {
	t.Helper()
	p, err := Open(bytes.NewReader(b), int64(len(b)), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// written gives the bytes of the package with changes.
func written(t testing.TB, p *Package, changes ...Change) []byte {
	t.Helper()
	a, err := p.With(changes...)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var b bytes.Buffer
	if n, err := a.WriteTo(&b); err != nil || n != a.Size() || n != int64(b.Len()) {
		t.Fatalf("WriteTo: %d bytes, %v; Size is %d, written %d", n, err, a.Size(), b.Len())
	}
	return b.Bytes()
}
