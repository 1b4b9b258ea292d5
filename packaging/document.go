package packaging

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

const (
	sniffLen   = 4 << 10 // bytes of an entry that show what it is
	maxSniffed = 256     // entries at the root that are looked into
)

// Document returns the package's document: the one entry at the root whose name ends in .twb or .tds, in any case, at any
// place in the archive and whatever the rest of its name. Entries in folders are never the document: Tableau writes it at
// the root, and what lies in Data or __MACOSX under such a name is a data file or a companion of one.
//
// When no name at the root ends so, the document is the one entry at the root whose content begins as a workbook or data
// source does. When there is none either, [Open] has failed, naming the documents it saw in folders.
func (p *Package) Document() Entry { return p.records[p.document].Entry }

// findDocument gives the index of the document.
func (p *Package) findDocument() (int, error) {
	found := p.indices(func(r *record) bool { return isDocumentName(r.Name) })
	if len(found) == 0 {
		atRoot := p.indices(func(r *record) bool { return !strings.Contains(r.Name, "/") })
		if len(atRoot) <= maxSniffed {
			for _, i := range atRoot {
				if p.sniff(i) {
					found = append(found, i)
				}
			}
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return 0, refuse("", ErrManyDocuments, "more than one document at the root of the package: %s", p.quoted(found))
	}
	nested := p.indices(func(r *record) bool {
		return hasDocumentSuffix(r.Name) && !strings.HasPrefix(r.Name, "__MACOSX/")
	})
	if len(nested) > 0 {
		return 0, refuse("", ErrNoDocument, "no document at the root of the package, only in a folder: %s", p.quoted(nested))
	}
	return 0, refuse("", ErrNoDocument, "no document among the %d entries of the package", len(p.records))
}

func (p *Package) indices(match func(*record) bool) []int {
	var found []int
	for i := range p.records {
		if match(&p.records[i]) {
			found = append(found, i)
		}
	}
	return found
}

// quoted lists the names of records, at most ten of them.
func (p *Package) quoted(records []int) string {
	var names []string
	for _, i := range records[:min(len(records), 10)] {
		names = append(names, fmt.Sprintf("%q", p.records[i].Name))
	}
	if len(records) > len(names) {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// sniff reports whether the content of a record begins as a document. Content that cannot be read does not.
func (p *Package) sniff(i int) bool {
	content, err := p.open(i)
	if err != nil {
		return false
	}
	defer content.Close()
	head := make([]byte, sniffLen)
	n, _ := io.ReadFull(content, head)
	return beginsDocument(head[:n])
}

// beginsDocument reports whether the first tag of XML text, after the declaration and comments, is that of a workbook or
// a data source.
func beginsDocument(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		var found bool
		switch {
		case bytes.HasPrefix(text, []byte("<?")):
			_, text, found = bytes.Cut(text, []byte("?>"))
		case bytes.HasPrefix(text, []byte("<!--")):
			_, text, found = bytes.Cut(text, []byte("-->"))
		default:
			return hasTag(text, "<workbook") || hasTag(text, "<datasource")
		}
		if !found {
			return false
		}
	}
}

func hasTag(text []byte, tag string) bool {
	return len(text) > len(tag) && string(text[:len(tag)]) == tag && strings.IndexByte(" \t\r\n/>", text[len(tag)]) >= 0
}
