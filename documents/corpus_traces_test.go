package documents_test

// traceVerbs hold real files to the verbs of traces.
var traceVerbs = map[string]verb{}
