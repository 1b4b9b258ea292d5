package main

import (
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

func (u useInfo) label() string { return twb.FieldUse(u).Label() }
