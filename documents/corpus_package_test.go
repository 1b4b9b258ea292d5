package documents_test

// packageVerbs hold real files to the verbs of package.
var packageVerbs = map[string]verb{}
