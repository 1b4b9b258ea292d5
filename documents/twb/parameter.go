package twb

import (
	"iter"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func (wb *Workbook) parameters() tds.Parameters { return tds.ParametersOf(wb.root) }

// Parameters lists the parameters in document order.
func (wb *Workbook) Parameters() iter.Seq[tds.Parameter] { return wb.parameters().All() }

// Parameter finds a parameter by its caption, or by its exact internal name in brackets.
// None is a [*tds.NotFoundError], several with one caption are a [*tds.AmbiguousError].
func (wb *Workbook) Parameter(name string) (tds.Parameter, error) {
	return wb.parameters().Find(name)
}

// SetParameter sets the current value of a parameter, as [Workbook.UpdateParameter] does.
// The value must be of the parameter's datatype and in its list or range. A value that a
// field recomputes when the workbook is opened cannot be set.
func (wb *Workbook) SetParameter(name string, value tds.Value) error {
	return wb.UpdateParameter(name, tds.ParameterPatch{Value: &value})
}

// UpdateParameter changes a parameter: in the Parameters data source and in every copy that
// views, dashboards, data sources and nested copies of published data sources hold; value,
// formula and display name together (format 12), and in the arguments of stored procedures
// that are linked to it (format 6.6). The parameter is found by its caption, or by its exact
// internal name in brackets (hard case 69), which never changes.
//
// A value between the steps of a range is noted; one outside the domain is an error. A copy
// that had another caption is left alone, with a note.
func (wb *Workbook) UpdateParameter(name string, patch tds.ParameterPatch) error {
	return wb.parameters().Update(name, patch)
}

// AddParameter adds a parameter, with the data source of parameters where there is none, and
// returns its internal name: the first [Parameter 1], [Parameter 2] and so on that nothing in
// the workbook has or refers to. Caption, Datatype and Value of p must be given; Name and
// Alias are not looked at. A parameter that is there, just as p says, stays; another one
// with that caption is an error.
func (wb *Workbook) AddParameter(p tds.Parameter) (name string, err error) {
	return wb.parameters().Add(p)
}

// RemoveParameter removes a parameter with its copies. One that anything else of the workbook
// uses is refused, with the list of what does: formulas, custom SQL, filters, bins, controls
// and texts of views, actions, arguments of procedures.
func (wb *Workbook) RemoveParameter(name string) error { return wb.parameters().Remove(name) }
