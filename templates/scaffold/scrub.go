package scaffold

import (
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

// scrub proposes to take out what a template tells of its author. Extracts are left to people: without their rows a
// template may be of no use.
func (d *draft) scrub(t *template) {
	found := map[documents.TraceKind]bool{}
	for trace, err := range t.try.Traces() {
		if err == nil {
			found[trace.Kind] = true
		}
	}
	var kinds []documents.TraceKind
	var said []string
	for _, kind := range documents.ScrubKinds() {
		if found[kind] && kind != documents.TraceExtracts {
			kinds = append(kinds, kind)
			said = append(said, string(kind))
		}
	}
	if found[documents.TraceSQL] {
		t.remark("Custom SQL has a secret in it, which check refuses: an edit `custom_sql` sets the query.")
	}
	if kinds == nil {
		return
	}
	lines := []string{"- scrub: [" + strings.Join(said, ", ") + "] # what it tells of its author"}
	err := d.tried(t, lines, true, func(f *documents.File, _ map[string]any) error { return f.Scrub(kinds) })
	if err != nil {
		t.remark(wrapped("What it tells of its author stays: " + err.Error())...)
	}
}

// files says what the package brings to every site.
func (d *draft) files(t *template) {
	if rows := extracts(t.file); rows != nil {
		lines := []string{"The rows of this extract go to every site. In its place they may have their own, or none:"}
		if len(rows) > 1 {
			lines[0] = "The rows of these extracts go to every site. In their place they may have their own, or none:"
		}
		for _, in := range rows {
			lines = append(lines, "- extract: replace")
			if in != "" {
				lines = append(lines, "  datasource: "+literal(in))
			}
			lines = append(lines, "  file: 'extracts/${site.key}.hyper'")
		}
		t.remark(append(lines, "- scrub: [extracts] # the connections are read instead")...)
	}
	var lines []string
	for item := range t.file.Items() {
		if slices.Contains([]documents.Purpose{documents.ForText, documents.ForSpreadsheet, documents.ForOtherData}, item.Purpose) {
			ext := item.Name[strings.LastIndexByte(item.Name, '.')+1:]
			lines = append(lines, "- data_file: "+literal(item.Name), "  file: "+quote("data/${site.key}."+ext))
		}
	}
	if lines != nil {
		t.remark(append([]string{"These rows go to every site, unless an edit replaces the file:"}, lines...)...)
	}
}

// extracts lists the data sources with an extract that is used, by a name that means one, "" where it is the only data
// source.
func extracts(f *documents.File) (in []string) {
	all := slices.Collect(f.Datasources())
	for _, ds := range all {
		if x, ok := f.ExtractFile(ds); !ok || x.Entry == "" {
			continue
		}
		if len(all) == 1 {
			return []string{""}
		}
		if name := nameOf(f, ds); name != "" {
			in = append(in, name)
		}
	}
	return in
}
