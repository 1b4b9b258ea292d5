package packaging

import "io"

// Content is the content of an entry, to be that of an entry of another package. Where the
// compression stays, its data is copied as it is, not inflated. The package must stay open
// until what the content goes into was written. A name that is not in the package, and a
// folder, are errors.
func (p *Package) Content(name string) (Content, error) {
	i, err := p.find(name)
	if err != nil {
		return nil, err
	}
	if p.records[i].IsDir() {
		return nil, refuse(name, ErrChange, "a folder has no content")
	}
	return entryContent{p, i}, nil
}

// entryContent is the content of a record.
type entryContent struct {
	pkg   *Package
	index int
}

// Open implements Content.
func (c entryContent) Open() (io.ReadCloser, int64, error) {
	r, err := c.pkg.open(c.index)
	return r, c.pkg.records[c.index].Size, err
}

func (c entryContent) pack(method uint16) (*packed, error) {
	r := &c.pkg.records[c.index]
	if r.Method != method {
		return packStream(c, method)
	}
	p := &packed{size: r.Size, crc: r.CRC32}
	p.data.add(c.pkg.src, r.data, r.CompressedSize)
	return p, nil
}
