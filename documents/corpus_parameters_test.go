package documents_test

// parameterVerbs hold real files to the verbs of parameters.
var parameterVerbs = map[string]verb{}
