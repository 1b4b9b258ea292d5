package tds

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotFound and ErrAmbiguous tell the two ways in which a search fails; the
// errors that say more are a [*NotFoundError] and an [*AmbiguousError].
var (
	ErrNotFound  = errors.New("not found")
	ErrAmbiguous = errors.New("ambiguous")
)

// NotFoundError says that nothing is as it was asked for, and what there is.
type NotFoundError struct {
	What  string   // what was looked for: `connection with class "postgres"`
	Where string   // in what, "" for the whole document
	There []string // what there is instead
}

func (e *NotFoundError) Error() string {
	var s strings.Builder
	s.WriteString("no " + e.What)
	if e.Where != "" {
		s.WriteString(" in " + e.Where)
	}
	if len(e.There) == 0 {
		s.WriteString("; there are none")
	} else {
		s.WriteString("; there are: " + list(e.There))
	}
	return s.String()
}

// Is makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// AmbiguousError says that several things are as it was asked for.
type AmbiguousError struct {
	What    string
	Where   string
	Matches []string
}

func (e *AmbiguousError) Error() string {
	where := ""
	if e.Where != "" {
		where = " in " + e.Where
	}
	return fmt.Sprintf("%d matches for %s%s: %s", len(e.Matches), e.What, where, list(e.Matches))
}

// Is makes errors.Is(err, ErrAmbiguous) true.
func (e *AmbiguousError) Is(target error) bool { return target == ErrAmbiguous }

// longest list that still helps
const listed = 20

func list(items []string) string {
	if more := len(items) - listed; more > 0 {
		return strings.Join(items[:listed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(items, ", ")
}
