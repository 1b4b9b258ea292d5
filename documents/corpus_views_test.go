package documents_test

// viewVerbs hold real files to the verbs of views.
var viewVerbs = map[string]verb{}
