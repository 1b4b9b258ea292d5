package documents_test

// viewFilterVerbs hold real files to the verbs of view filters.
var viewFilterVerbs = map[string]verb{}
