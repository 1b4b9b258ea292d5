package documents_test

// sheetVerbs hold real files to the verbs of sheets.
var sheetVerbs = map[string]verb{}
