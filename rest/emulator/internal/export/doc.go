// Package export makes the files that a Tableau Server makes of views: pictures, PDF, PowerPoint, CSV and Excel.
//
// The emulator runs no queries and renders no marks. What it shows instead is a small table made up from the fields of
// the view, and a picture of that table as bars; the numbers are the same in every kind of file and change with the view,
// the workbook, and the filters and parameters applied. Every file names all of these, for a person who looks at it and
// for a test that reads it: see each function for where.
//
// Its invariant: the same input gives the same bytes, so no file has a time or a random id in it, and any text is taken.
// Names that are empty, huge, or in any script make a valid file; text that does not fit is cut where it is drawn and is
// whole where programs read it. What no file of all these kinds can hold, control characters and bytes that are not UTF-8,
// becomes U+FFFD; tabs and line ends become spaces.
//
// Start with a [View] and [PNG], [Preview], [PDF], [PowerPoint], [CSV] or [Excel]. What a request says of the size and the
// page is read by [ParseSize] and [ParsePage].
package export
