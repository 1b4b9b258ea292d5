package documents

import "fmt"

// Kind is one of the four kinds of file.
type Kind uint8

// The kinds: workbooks and data sources, bare and packaged.
const (
	TWB Kind = iota + 1
	TWBX
	TDS
	TDSX
)

// String is the kind in lower case, as Tableau's REST API names it: twb, twbx, tds
// or tdsx.
func (k Kind) String() string {
	switch k {
	case TWB:
		return "twb"
	case TWBX:
		return "twbx"
	case TDS:
		return "tds"
	case TDSX:
		return "tdsx"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Ext is the file name extension with its dot.
func (k Kind) Ext() string { return "." + k.String() }

// IsWorkbook tells workbooks from data sources.
func (k Kind) IsWorkbook() bool { return k == TWB || k == TWBX }

// IsPackaged tells packages from bare documents.
func (k Kind) IsPackaged() bool { return k == TWBX || k == TDSX }

func kindOf(workbook, packaged bool) Kind {
	switch {
	case workbook && packaged:
		return TWBX
	case workbook:
		return TWB
	case packaged:
		return TDSX
	}
	return TDS
}
