// Package packaging reads and writes the container of a packaged Tableau document: a .twbx or .tdsx file, which is a
// zip archive with one workbook or data source document in it.
//
// Its invariant: a record nobody asked to change is written as the same bytes in the same order, its local header, extra
// fields, data, data descriptor and directory record included. Only the offset in a directory record moves, when a record
// in front of it changed its size. Without changes the output is the input, bit for bit.
//
// Start with [Open]: it checks the whole directory, refuses what could do harm or what readers understand in different
// ways, and finds the document. [Package.With] applies changes and gives an [Assembly], which is read, uploaded, or saved
// with [WriteFile]. [Create] makes a package of nothing but new entries.
//
// # Scale
//
// A package may be larger than memory. An Assembly is a list of stretches of the source and of new records: nothing is
// copied before it is written, so the source must stay open and unchanged until then. New content is deflated when it
// is given, and held in memory up to 4 MiB, above that in a temporary file. A [Package] is immutable, and any number of
// goroutines may call With on it; a document rendered many times is best given as splices over a [Base], which deflates
// again only what an edit touched.
//
// # Errors
//
// A refusal is an [*Error]: it wraps one of the Err sentinels, names the entry, and its Hint says what to do.
package packaging
