package tds

import (
	"fmt"
	"slices"
	"strings"
)

// TableName is the name of a table or stored procedure in its database, part by part
// without brackets: the table alone, schema and table, or database, schema and table
// (format 6.1). What the parts are called depends on the class of the connection; a part
// may hold a dot, as BigQuery's `project.dataset` does.
type TableName []string

// ParseTableName reads a name as documents write it, [schema].[table], a closing bracket
// inside a part doubled.
func ParseTableName(s string) (TableName, error) {
	var name TableName
	for rest := s; ; {
		part, after, ok := cutPart(rest)
		if !ok {
			return nil, fmt.Errorf("%q is not the name of a table, as [public].[orders] is", s)
		}
		name = append(name, part)
		if after == "" {
			return name, nil
		}
		if rest, ok = strings.CutPrefix(after, "."); !ok {
			return nil, fmt.Errorf("%q is not the name of a table, as [public].[orders] is", s)
		}
	}
}

// readTableName is the name that a document has: where it is not written as one, a single
// part that is all of it; nil of none.
func readTableName(s string) TableName {
	name, err := ParseTableName(s)
	if err != nil && s != "" {
		return TableName{s}
	}
	return name
}

// cutPart takes one part in brackets off the front of s.
func cutPart(s string) (part, after string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		if s[i] != ']' {
			continue
		}
		if i+1 < len(s) && s[i+1] == ']' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], "]]", "]"), s[i+1:], i > 1
	}
	return "", "", false
}

// String is the name as documents write it.
func (n TableName) String() string {
	parts := make([]string, len(n))
	for i, p := range n {
		parts[i] = bracket(p)
	}
	return strings.Join(parts, ".")
}

// Table is the last part, "" of no name.
func (n TableName) Table() string { return n.fromEnd(1) }

// Schema is the part before the table, "" where there is none.
func (n TableName) Schema() string { return n.fromEnd(2) }

// Database is the part before the schema, "" where there is none.
func (n TableName) Database() string { return n.fromEnd(3) }

func (n TableName) fromEnd(i int) string {
	if i > len(n) {
		return ""
	}
	return n[len(n)-i]
}

// with is the name with another part, counted from the end as by fromEnd; nil if it has no
// such part.
func (n TableName) with(i int, part string) TableName {
	if i > len(n) {
		return nil
	}
	out := slices.Clone(n)
	out[len(n)-i] = part
	return out
}

// Equal tells whether two names have the same parts.
func (n TableName) Equal(other TableName) bool { return slices.Equal(n, other) }
