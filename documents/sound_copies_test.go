package documents_test

import (
	"regexp"
	"strings"

	"github.com/beevik/etree"
)

// lists looks for fields that are in one list twice.
func (d *danglers) lists(root *etree.Element) {
	for _, path := range []string{".//datasource", ".//datasource-dependencies"} {
		for _, block := range root.FindElements(path) {
			columns := map[string]bool{}
			for _, c := range block.ChildElements() {
				if c.Tag == "column" || c.Tag == "column-instance" {
					d.once(columns, c.Tag, c.SelectAttrValue("name", ""))
				}
			}
		}
	}
}

// parametersNamed looks for the parameters that anything names.
func (d *danglers) parametersNamed(el *etree.Element) {
	look := func(text string) {
		if strings.Contains(text, "[Parameters].") {
			for _, p := range parameterName.FindAllStringSubmatch(text, -1) {
				d.need(d.parameters, "parameter", p[1])
			}
		}
	}
	for _, a := range el.Attr {
		look(a.Value)
	}
	look(el.Text())
	for _, c := range el.ChildElements() {
		d.parametersNamed(c)
	}
}

// copies counts those that say something else than what they copy: of parameters and fields
// in the dependencies of views and data sources, and of captions in the lists of views.
// Real files have some: an edit may leave them, and may not make more of them.
func (d *danglers) copies(root *etree.Element) {
	masters, captions := map[string]*etree.Element{}, map[string]string{}
	for _, ds := range root.FindElements("./datasources/datasource") {
		name := ds.SelectAttrValue("name", "")
		captions[name] = ds.SelectAttrValue("caption", name)
		for _, c := range ds.SelectElements("column") {
			masters[name+"\x00"+c.SelectAttrValue("name", "")] = c
		}
	}
	blocks := root.FindElements(".//datasource-dependencies")
	for _, inner := range nestedIn(root) {
		blocks = append(blocks, inner.FindElements(".//datasource-dependencies[@datasource='Parameters']")...)
	}
	for _, deps := range blocks {
		ds := deps.SelectAttrValue("datasource", "")
		for _, c := range deps.SelectElements("column") {
			master := masters[ds+"\x00"+c.SelectAttrValue("name", "")]
			switch {
			case master != nil:
				d.copied(master, c, "caption", "value", "alias", "param-domain-type")
				d.copied(master.SelectElement("calculation"), c.SelectElement("calculation"), "formula")
			case ds == "Parameters" && root.Tag == "workbook":
				d.need(d.parameters, "parameter", c.SelectAttrValue("name", ""))
			}
		}
	}
	for _, listed := range root.FindElements(".//datasources/datasource") {
		name := listed.SelectAttrValue("name", "")
		if caption, ok := captions[name]; ok && caption != listed.SelectAttrValue("caption", name) {
			d.counts["drifted caption of a data source"]++
		}
	}
}

func (d *danglers) copied(master, c *etree.Element, attrs ...string) {
	if master == nil || c == nil {
		if master != c {
			d.counts["drifted calculation"]++
		}
		return
	}
	for _, a := range attrs {
		if c.SelectAttrValue(a, "") != master.SelectAttrValue(a, "") {
			d.counts["drifted "+a]++
		}
	}
}

// nestedIn reads the copies of published data sources: each is XML in a quoted value in
// XML text (format 7).
func nestedIn(root *etree.Element) (out []*etree.Element) {
	for _, a := range root.FindElements(".//attributes/attribute[@name='datasource']") {
		quoted := strings.TrimSuffix(strings.TrimPrefix(a.Text(), `"`), `"`)
		tree := etree.NewDocument()
		if err := tree.ReadFromString(backslash.ReplaceAllString(quoted, "$1")); err != nil || tree.Root() == nil {
			continue
		}
		asNewest(tree.Root())
		out = append(out, tree.Root())
	}
	return out
}

var backslash = regexp.MustCompile(`\\(.)`)
