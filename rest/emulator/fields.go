package emulator

import (
	"time"
)

// The tables below are what lists may be filtered and sorted by, after "Filtering and Sorting in the REST API".

// viewFields are what views may be filtered and sorted by.
func viewFields(where *site) map[string]field[*view] {
	workbook := func(v *view) *asset { return where.workbooks.Get(v.Workbook) }
	return map[string]field[*view]{
		"contentUrl":   textField(func(v *view) string { return v.contentURL(workbook(v)) }),
		"createdAt":    timeField(func(v *view) time.Time { return v.CreatedAt }),
		"name":         textField(func(v *view) string { return v.Name }),
		"ownerName":    textField(func(v *view) string { return where.userName(workbook(v).Owner) }),
		"projectName":  textField(func(v *view) string { return where.projects.Get(workbook(v).Project).Name }),
		"sheetType":    textField(func(v *view) string { return v.SheetType }),
		"tags":         textsField(func(v *view) []string { return v.Tags }),
		"title":        textField(func(v *view) string { return v.Name }),
		"updatedAt":    timeField(func(v *view) time.Time { return v.UpdatedAt }),
		"viewUrlName":  textField(func(v *view) string { return v.URLName }),
		"workbookName": textField(func(v *view) string { return workbook(v).Name }),
	}
}

// workbookFields are what workbooks may be filtered and sorted by.
func workbookFields(where *site) map[string]field[*asset] {
	return map[string]field[*asset]{
		"contentUrl":  textField(func(a *asset) string { return a.ContentURL }),
		"createdAt":   timeField(func(a *asset) time.Time { return a.CreatedAt }),
		"displayTabs": boolField(func(a *asset) bool { return a.ShowTabs }),
		"hasExtracts": boolField(func(a *asset) bool { return a.HasExtracts }),
		"name":        textField(func(a *asset) string { return a.Name }),
		"ownerName":   textField(func(a *asset) string { return where.userName(a.Owner) }),
		"projectName": textField(func(a *asset) string { return where.projects.Get(a.Project).Name }),
		"sheetCount":  intField(func(a *asset) int { return len(where.viewsOf(a)) }),
		"size":        intField((*asset).size),
		"tags":        textsField(func(a *asset) []string { return a.Tags }),
		"updatedAt":   timeField(func(a *asset) time.Time { return a.UpdatedAt }),
	}
}

// datasourceFields are what data sources may be filtered and sorted by.
func datasourceFields(where *site) map[string]field[*asset] {
	return map[string]field[*asset]{
		"connectionType": textsField((*asset).connectionClasses),
		"contentUrl":     textField(func(a *asset) string { return a.ContentURL }),
		"createdAt":      timeField(func(a *asset) time.Time { return a.CreatedAt }),
		"description":    textField(func(a *asset) string { return a.Description }),
		"hasExtracts":    boolField(func(a *asset) bool { return a.HasExtracts }),
		"isCertified":    boolField(func(a *asset) bool { return a.Certified }),
		"name":           textField(func(a *asset) string { return a.Name }),
		"ownerName":      textField(func(a *asset) string { return where.userName(a.Owner) }),
		"projectName":    textField(func(a *asset) string { return where.projects.Get(a.Project).Name }),
		"serverName":     textsField((*asset).serverNames),
		"size":           intField((*asset).size),
		"tags":           textsField(func(a *asset) []string { return a.Tags }),
		"type":           textField((*asset).connectionClass),
		"updatedAt":      timeField(func(a *asset) time.Time { return a.UpdatedAt }),
	}
}
