package documents_test

// wordVerbs hold real files to the verbs of words.
var wordVerbs = map[string]verb{}
