package scaffold

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// projectBehind is what Tableau puts behind the name of a published data source: Sales | Project : Finance.
var projectBehind = regexp.MustCompile(`\s*\|\s*Project\s*:.*$`)

// published proposes where the references to published data sources lead on each site: to a template, if one makes what
// the reference is to, else to the same content URL.
func (d *draft) published(t *template) {
	for ds := range t.file.Datasources() {
		ref, ok := ds.Published()
		if !ok {
			continue
		}
		name := reference(t.file, ds, ref)
		if name == "" {
			t.stays("published data source", ds.Label(), errAlike)
			continue
		}
		d.reference(t, ds, ref, name)
	}
}

// reference proposes where one reference leads.
func (d *draft) reference(t *template, ds *tds.Datasource, ref tds.PublishedRef, name string) {
	makers := d.makers(ds, ref)
	lines := []string{"- published: " + literal(name)}
	to := tds.PublishedRef{Server: emulator, ContentURL: ref.ContentURL}
	switch {
	case len(makers) == 1:
		lines = append(lines, "  to: '${published."+makers[0].key+"}' # what template "+makers[0].key+" became on this site")
		to.ContentURL = contentURL(makers[0].name)
	case contentURL(ref.ContentURL) != ref.ContentURL:
		to.ContentURL = contentURL(name)
		lines = append(lines, "  to: "+literal(to.ContentURL)+" # a guess: the content URL that it has on each site")
	case len(makers) > 1:
		lines = append(lines, "  to: "+literal(ref.ContentURL)+" # or, if a template makes it, one of "+inComment(toEach(makers)))
	default:
		lines = append(lines, "  to: "+literal(ref.ContentURL)+" # the content URL that it has on each site; no template makes it")
	}
	refer := func(to tds.PublishedRef) edit {
		return func(f *documents.File, _ map[string]any) error { return f.Refer(references(f, name)[0], to) }
	}
	err := d.tried(t, lines, true, refer(to))
	if err != nil {
		lines, own := ownReference(name, ref)
		if d.tried(t, lines, false, refer(own)) != nil {
			t.stays("published data source", ds.Label(), err)
		}
	}
	if len(makers) != 1 {
		d.notes = append(d.notes, t.path+" refers to the published data source "+strconv.Quote(ds.Label())+
			", which none of the files is: every site needs one with the content URL that the manifest says")
	}
}

// ownReference leads to where a reference leads in the template: it is for those that cannot lead to the emulator.
func ownReference(name string, ref tds.PublishedRef) (lines []string, to tds.PublishedRef) {
	to = tds.PublishedRef{Server: ref.Server, SiteContentURL: ref.SiteContentURL, ContentURL: ref.ContentURL}
	if !strings.Contains(to.Server, "://") {
		to.Server = cmp.Or(ref.Channel, "https") + "://" + to.Server
	}
	return append([]string{
		"- published: " + literal(name), "  # still that of the template, because it cannot be said to be on the emulator; on each site:",
		"  # to: " + literal(ref.ContentURL),
	}, flow("  to: ", []string{
		"content_url: " + literal(to.ContentURL), "site: " + literal(to.SiteContentURL), "server: " + literal(to.Server),
	})...), to
}

// makers lists the templates that make what a reference is to, by their names.
func (d *draft) makers(ds *tds.Datasource, ref tds.PublishedRef) (out []*template) {
	called := []string{ref.ContentURL, projectBehind.ReplaceAllString(ref.FriendlyName, ""), projectBehind.ReplaceAllString(ds.Caption(), "")}
	for _, name := range called {
		for _, t := range d.templates {
			if t.makes(name) {
				out = append(out, t)
			}
		}
		if out != nil {
			return out
		}
	}
	return nil
}

// makes tells whether a template becomes the data source of a name.
func (t *template) makes(name string) bool {
	if t.file.Kind().IsWorkbook() || name == "" {
		return false
	}
	for ds := range t.file.Datasources() {
		if _, refers := ds.Published(); refers {
			return false
		}
		for _, own := range []string{t.base, ds.Caption()} {
			if own != "" && strings.EqualFold(contentURL(own), contentURL(name)) {
				return true
			}
		}
	}
	return false
}

// contentURL is the name of an address that a server makes of a name.
func contentURL(name string) string {
	out := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r/\\:?*\"<>|&%#+,;=@()[]{}'`^~$!.", r) {
			return -1
		}
		return r
	}, name)
	return cmp.Or(out, "datasource")
}

func toEach(makers []*template) string {
	var out []string
	for _, t := range makers {
		out = append(out, "${published."+t.key+"}")
	}
	return strings.Join(out, ", ")
}
