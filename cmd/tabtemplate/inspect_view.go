package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/twb"
)

type viewInfo struct {
	Name        string              `json:"name"`
	Kind        string              `json:"kind"`
	Hidden      bool                `json:"hidden"`
	URLName     string              `json:"url_name,omitempty"` // what a server calls it in URLs; hidden ones have none
	Shows       []string            `json:"shows,omitempty"`    // the names of the views on it
	Datasources []datasourceUseInfo `json:"datasources,omitempty"`
	Parameters  []useInfo           `json:"parameters,omitempty"`
}

type datasourceUseInfo struct {
	Name    string    `json:"name"`
	Caption string    `json:"caption,omitempty"`
	Missing bool      `json:"missing,omitempty"` // the workbook has none of the name
	Fields  []useInfo `json:"fields,omitempty"`
}

// useInfo is a field or a parameter that a view uses.
type useInfo struct {
	Name     string `json:"name"`
	Caption  string `json:"caption,omitempty"`
	Indirect bool   `json:"indirect,omitempty"` // something else is calculated from it
	Missing  bool   `json:"missing,omitempty"`
}

func inspectView(u twb.Uses) viewInfo {
	v := viewInfo{Name: u.View.Name, Kind: string(u.View.Kind), Hidden: u.View.Hidden, URLName: u.View.URLName}
	for _, shown := range u.Views {
		v.Shows = append(v.Shows, shown.Name)
	}
	for _, d := range u.Datasources {
		use := datasourceUseInfo{Name: d.Name, Caption: d.Caption, Missing: d.Missing}
		for _, f := range d.Fields {
			use.Fields = append(use.Fields, useInfo(f))
		}
		v.Datasources = append(v.Datasources, use)
	}
	for _, p := range u.Parameters {
		v.Parameters = append(v.Parameters, useInfo(p))
	}
	return v
}

// print shows people what a view uses itself; what that is calculated from is in the formulas of the data sources.
func (v viewInfo) print(w io.Writer) {
	line := fmt.Sprintf("  %s %s", v.Kind, visible(v.Name))
	switch {
	case v.Hidden:
		line += " (hidden)"
	case v.URLName != v.Name:
		line += " " + bracket(v.URLName)
	}
	fmt.Fprintln(w, line)
	if len(v.Shows) > 0 {
		var shows []string
		for _, name := range v.Shows {
			shows = append(shows, visible(name))
		}
		fmt.Fprintln(w, "    shows "+strings.Join(shows, ", "))
	}
	for _, d := range v.Datasources {
		line := "    uses " + missing(cmp.Or(d.Caption, d.Name), d.Missing)
		if fields := directly(d.Fields); fields != "" {
			line += ": " + fields
		}
		fmt.Fprintln(w, line)
	}
	if parameters := directly(v.Parameters); parameters != "" {
		fmt.Fprintln(w, "    uses parameters: "+parameters)
	}
}

// directly lists what is used directly.
func directly(uses []useInfo) string {
	var labels []string
	for _, u := range uses {
		if !u.Indirect {
			labels = append(labels, missing(u.label(), u.Missing))
		}
	}
	return shortList(labels)
}

// visible is a name for people, in quotes where they would not see the blanks that belong to it.
func visible(name string) string {
	if strings.TrimSpace(name) != name {
		return strconv.Quote(name)
	}
	return name
}

func (u useInfo) label() string { return twb.FieldUse(u).Label() }

func missing(label string, is bool) string {
	if is {
		label += " (missing)"
	}
	return label
}
