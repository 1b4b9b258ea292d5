// Package xmledit edits XML as byte spans and knows nothing of Tableau's
// content.
//
// A [Document] is the bytes as they were read, an index of where things stand in
// them, and a set of edits. Reading goes through the edits; writing copies the
// source and puts the edits in their places. The invariant: a byte that no edit
// asked to change comes out as it went in: quotes, attribute order, references,
// line ends, CDATA sections, comments and the byte order mark included.
//
//	doc, err := xmledit.Parse(data, xmledit.Limits{})
//	el := doc.Root().Child("datasources")
//	err = el.SetAttr("caption", "Orders")
//	_, err = doc.WriteTo(w)
//
// The index is strict about XML (well-formedness, UTF-8, references, duplicate
// attributes, one root, no DOCTYPE) and lenient about namespaces: a prefix need
// not be declared and a name may begin with a colon, because Tableau writes such
// names. The one concession to Tableau is the name rule: an element or attribute
// whose name carries feature prefixes, `_.fcp.Feature.true...name`, answers to
// `name`, and a change reaches all the forms that are there. See [LocalName].
//
// A Document and everything had from it is for one goroutine at a time. Clones
// share the source and its index, are as cheap as the edits they carry, and may
// be used beside each other; many goroutines may clone one Document at once.
package xmledit
