package documents_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

// sqlVerbs are those on custom SQL. No real file at hand has a stored procedure.
var sqlVerbs = map[string]verb{
	"custom SQL": func(f *documents.File) (n int, err error) {
		const sql = "SELECT '<tenant>' AS tenant -- ]]>\nFROM orders\nWHERE total <> 0 AND total << 2 > 1 AND \"a\" & 'b'"
		for ds := range f.Datasources() {
			for q := range ds.SQLQueries() {
				n++
				err = errors.Join(err, q.Set(sql))
				if got := q.SQL(); strings.ReplaceAll(got, "\r\n", "\n") != sql {
					err = errors.Join(err, fmt.Errorf("%s reads %q", q, got))
				}
			}
		}
		return n, err
	},
	"custom SQL, replaced": func(f *documents.File) (n int, err error) {
		const from, to = "COUNT(", "acme.COUNT(\n<>"
		for ds := range f.Datasources() {
			there := false
			for q := range ds.SQLQueries() {
				there = there || strings.Contains(q.SQL(), from)
			}
			if !there {
				continue
			}
			n++
			_, failed := ds.ReplaceInSQL(from, to)
			err = errors.Join(err, failed)
			for q := range ds.SQLQueries() {
				if sql := strings.ReplaceAll(q.SQL(), "\r\n", "\n"); strings.Count(sql, from) != strings.Count(sql, to) {
					err = errors.Join(err, fmt.Errorf("%s has %q without %q", q, from, to))
				}
			}
		}
		return n, err
	},
}
