package emulator

import (
	"time"
)

// The tables below are what lists may be filtered and sorted by, after "Filtering and Sorting in the REST API".

// viewFields are what views may be filtered and sorted by.
var viewFields = map[string]field[*view]{
	"contentUrl":   textField((*view).contentURL),
	"createdAt":    timeField(func(v *view) time.Time { return v.createdAt }),
	"name":         textField(func(v *view) string { return v.name }),
	"ownerName":    textField(func(v *view) string { return v.workbook.owner.account.name }),
	"projectName":  textField(func(v *view) string { return v.workbook.project.name }),
	"sheetType":    textField(func(v *view) string { return v.sheetType }),
	"tags":         textsField(func(*view) []string { return nil }),
	"title":        textField(func(v *view) string { return v.name }),
	"updatedAt":    timeField(func(v *view) time.Time { return v.updatedAt }),
	"viewUrlName":  textField(func(v *view) string { return v.urlName }),
	"workbookName": textField(func(v *view) string { return v.workbook.name }),
}

// workbookFields are what workbooks may be filtered and sorted by.
var workbookFields = map[string]field[*asset]{
	"contentUrl":  textField(func(a *asset) string { return a.contentURL }),
	"createdAt":   timeField(func(a *asset) time.Time { return a.createdAt }),
	"displayTabs": boolField(func(a *asset) bool { return a.showTabs }),
	"hasExtracts": boolField(func(a *asset) bool { return a.hasExtracts }),
	"name":        textField(func(a *asset) string { return a.name }),
	"ownerName":   textField(func(a *asset) string { return a.owner.account.name }),
	"projectName": textField(func(a *asset) string { return a.project.name }),
	"sheetCount":  intField(func(a *asset) int { return len(a.views) }),
	"size":        intField((*asset).size),
	"tags":        textsField(func(a *asset) []string { return a.tags }),
	"updatedAt":   timeField(func(a *asset) time.Time { return a.updatedAt }),
}

// datasourceFields are what data sources may be filtered and sorted by.
var datasourceFields = map[string]field[*asset]{
	"connectionType": textsField((*asset).connectionClasses),
	"contentUrl":     textField(func(a *asset) string { return a.contentURL }),
	"createdAt":      timeField(func(a *asset) time.Time { return a.createdAt }),
	"description":    textField(func(a *asset) string { return a.description }),
	"hasExtracts":    boolField(func(a *asset) bool { return a.hasExtracts }),
	"isCertified":    boolField(func(a *asset) bool { return a.certified }),
	"name":           textField(func(a *asset) string { return a.name }),
	"ownerName":      textField(func(a *asset) string { return a.owner.account.name }),
	"projectName":    textField(func(a *asset) string { return a.project.name }),
	"serverName":     textsField((*asset).serverNames),
	"size":           intField((*asset).size),
	"tags":           textsField(func(a *asset) []string { return a.tags }),
	"type":           textField((*asset).connectionClass),
	"updatedAt":      timeField(func(a *asset) time.Time { return a.updatedAt }),
}
