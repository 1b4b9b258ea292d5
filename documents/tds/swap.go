package tds

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Swap says what is to be read instead of what, see [Datasource.SwapTable],
// [Datasource.SwapSchema] and [Datasource.SwapDatabase].
type Swap struct {
	// From and To are names. A table's is in brackets, part by part: [public].[orders]; a
	// table that is swapped away may be given by its alias instead, or by the last part of
	// its name. A stored procedure's may lack the number at the end. A schema or database is one part: public, or proj.dataset of BigQuery,
	// in brackets or without.
	From, To string
	// In narrows it to tables of the connections that match.
	In ConnectionMatch
	// All swaps whatever From stands for. Without it, it must be in one connection only,
	// and a table one table.
	All bool
}

// Parts of the name of a table, counted from the end (format 6.1).
const (
	tablePart = iota + 1
	schemaPart
	databasePart
	serverPart
)

// partNames name the parts for people, and tell rules about different ones apart.
var partNames = [...]string{
	tablePart: "table", schemaPart: "schema", databasePart: "database", serverPart: "server",
}

// SwapTable makes the data source read another table, which must have the columns of the
// old one: it changes the name in every copy of every alias the table is read under. The
// new name may have more parts than the old one, or fewer. Aliases, and all that refers to
// the table by them, stay, and so do captions and what an extract holds (format 6.2, 6.3).
//
// A stored procedure is swapped for another one likewise; its arguments stay, and it keeps
// no number that the new name does not have. What is swapped stays what it is.
//
// It returns how many aliases of the table there were. None are no error if the new table
// is read already: then nothing is left to do. Otherwise it is a [*NotFoundError]; a name
// that stands for several tables is an [*AmbiguousError], and copies of one table that
// differ from each other are an error, too.
func (ds *Datasource) SwapTable(s Swap) (int, error) {
	to, err := ParseTableName(s.To)
	sw := &swapping{
		Swap: s, ds: ds, what: "table " + strconv.Quote(s.From), wants: map[string]string{},
		of:    func(all []*physical) []*physical { return namedTables(all, s.From) },
		with:  func(TableName) TableName { return to },
		done:  func(_ *physical, name TableName) bool { return name.Equal(to) },
		tell:  func(src *physical) string { return src.kindly(src.name.String()) },
		group: func(src *physical) string { return src.kindly(describeTable(src.name, "", src.connection)) },
	}
	for i := tablePart; i < len(partNames); i++ {
		sw.wants[partNames[i]] = to.fromEnd(i)
	}
	return sw.run(err)
}

// SwapSchema makes all tables and stored procedures of a schema be read from another one.
// The schema is the part of a name before the table, whatever the database calls it: a
// table whose name has one part is in none (format 5.5, 6.1). The rest is as with
// [Datasource.SwapTable]. Custom SQL and the connection are edits of their own; notes tell
// where they still have the old name.
func (ds *Datasource) SwapSchema(s Swap) (int, error) { return ds.swapPart(schemaPart, s) }

// SwapDatabase is [Datasource.SwapSchema] for the part before the schema, which only names
// of three parts have.
func (ds *Datasource) SwapDatabase(s Swap) (int, error) { return ds.swapPart(databasePart, s) }

func (ds *Datasource) swapPart(part int, s Swap) (int, error) {
	from, err := onePart(s.From)
	to, errTo := onePart(s.To)
	has := func(name TableName) bool { return name.fromEnd(part) == from }
	sw := &swapping{
		Swap: s, ds: ds, what: partNames[part] + " " + strconv.Quote(s.From),
		wants: map[string]string{partNames[part]: to},
		of:    func(all []*physical) []*physical { return pick(all, func(src *physical) bool { return src.some(has) }) },
		with:  func(n TableName) TableName { return n.with(part, to) },
		done:  func(_ *physical, name TableName) bool { return name.fromEnd(part) == to },
		tell: func(src *physical) string {
			if p := src.name.fromEnd(part); p != "" {
				return p
			}
			return fmt.Sprintf("none in %s", src.name)
		},
		group: func(src *physical) string { return describeTable(TableName{from}, "", src.connection) },
	}
	return sw.run(cmp.Or(err, errTo))
}

// onePart is a schema or database as it is given, in brackets or without.
func onePart(s string) (string, error) {
	name, err := ParseTableName(s)
	switch {
	case s == "":
		return "", errors.New("its name is empty")
	case err != nil:
		return s, nil
	case len(name) > 1:
		return "", fmt.Errorf("%s has %d parts, and it must be one", s, len(name))
	}
	return name[0], nil
}

// namedTables finds tables and procedures: all of a name in brackets, else those with an
// alias, else those with a last part. The number of a procedure may be left out.
func namedTables(all []*physical, name string) []*physical {
	exact, err := ParseTableName(name)
	switch {
	case err == nil:
		return pick(all, func(src *physical) bool {
			return src.some(func(n TableName) bool {
				return exact.Equal(n) || src.kind == ProcRelation && exact.Equal(n.with(tablePart, unversioned(n.Table())))
			})
		})
	case name == "":
		return nil
	}
	is := func(src *physical, said string) bool {
		return said == name || src.kind == ProcRelation && unversioned(said) == name
	}
	if aliased := pick(all, func(src *physical) bool { return is(src, src.alias) }); len(aliased) > 0 {
		return aliased
	}
	return pick(all, func(src *physical) bool { return is(src, src.name.Table()) })
}

func pick(all []*physical, is func(*physical) bool) []*physical {
	var out []*physical
	for _, src := range all {
		if is(src) {
			out = append(out, src)
		}
	}
	return out
}

// swapping is a swap at work.
type swapping struct {
	Swap
	ds    *Datasource
	what  string                            // what is swapped, for people
	wants map[string]string                 // the parts it is about, as they are to be
	of    func(all []*physical) []*physical // finds what From stands for
	with  func(TableName) TableName         // the new name for an old one
	done  func(*physical, TableName) bool   // tells whether a name is as it is to be
	tell  func(*physical) string            // what there is, where From is not found
	group func(*physical) string            // what From stands for: more than one are ambiguous
}

// run swaps, unless something is wrong with what was asked for.
func (sw *swapping) run(wrong error) (n int, err error) {
	if err = wrong; err == nil {
		err = sw.ds.el.Document().Atomically("", func() error {
			n, err = sw.swap()
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("swapping %s of %s: %w", sw.what, sw.ds, err)
	}
	return n, nil
}

func (sw *swapping) swap() (int, error) {
	all, err := sw.narrow(sw.ds.physicals())
	if err != nil {
		return 0, err
	}
	found := sw.of(all)
	isFound := map[*physical]bool{}
	for _, src := range found {
		isFound[src] = true
	}
	rest := pick(all, func(src *physical) bool { return !isFound[src] })
	already := pick(rest, func(src *physical) bool { return sw.done(src, src.name) })
	if len(found)+len(already) == 0 {
		return 0, &NotFoundError{What: sw.what, Where: sw.ds.String(), There: distinct(all, sw.tell)}
	}
	if groups := distinct(found, sw.group); len(groups) > 1 && !sw.All {
		return 0, &AmbiguousError{What: sw.what, Where: sw.ds.String(), Matches: groups}
	}
	sw.note(found, rest, already)
	for _, src := range found {
		if err := sw.put(src); err != nil {
			return 0, err
		}
	}
	for _, src := range already {
		if err := sw.claim(src); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// narrow picks what belongs to the connections that are meant.
func (sw *swapping) narrow(all []*physical) ([]*physical, error) {
	if sw.In == (ConnectionMatch{}) {
		return all, nil
	}
	var there []string
	names := map[string]bool{}
	for c := range sw.ds.Connections() {
		there = append(there, c.String())
		if sw.In.Matches(c) {
			names[c.Name()] = true
		}
	}
	if len(names) == 0 {
		return nil, &NotFoundError{What: sw.In.String(), Where: sw.ds.String(), There: there}
	}
	return pick(all, func(src *physical) bool { return names[src.connection] }), nil
}

// put gives all copies of a table its new name.
func (sw *swapping) put(src *physical) error {
	if err := src.sound(); err != nil {
		return err
	}
	name := sw.with(src.name)
	if name.Equal(src.name) {
		return sw.claim(src)
	}
	for _, el := range src.copies {
		if err := el.SetAttrParts(src.attr(), name.String(), sw.wants); err != nil {
			return err
		}
	}
	return nil
}

// claim says of copies that are as they are to be that they must stay so.
func (sw *swapping) claim(src *physical) error {
	for _, el := range src.copies {
		if !sw.done(src, src.read(el)) {
			continue
		}
		if err := el.SetAttrParts(src.attr(), el.Value(src.attr()), sw.wants); err != nil {
			return err
		}
	}
	return nil
}

func distinct(all []*physical, say func(*physical) string) []string {
	var out []string
	seen := map[string]bool{}
	for _, src := range all {
		if s := say(src); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// note tells what a swap leaves to its caller: tables that become one, and old names in
// places that are edits of their own.
func (sw *swapping) note(found, rest, already []*physical) {
	type place struct {
		connection, name string
	}
	alias := map[place]string{}
	for _, src := range already {
		alias[place{src.connection, src.name.String()}] = src.alias
	}
	left := map[oldPart]bool{}
	for _, src := range found {
		name := sw.with(src.name)
		if other, ok := alias[place{src.connection, name.String()}]; ok && src.kind == TableRelation {
			src.copies[0].Note("%q now reads the same table as %q", src.alias, other)
		}
		for i := tablePart; i < len(partNames); i++ {
			if old := src.name.fromEnd(i); old != "" && old != name.fromEnd(i) {
				left[oldPart{src.connection, i, old}] = true
			}
		}
	}
	for _, src := range rest {
		for i := tablePart; i < len(partNames); i++ {
			delete(left, oldPart{src.connection, i, src.name.fromEnd(i)}) // is still read from
		}
	}
	if len(left) > 0 {
		sw.ds.noteOld(slices.SortedFunc(maps.Keys(left), func(a, b oldPart) int { return cmp.Compare(a.part, b.part) }))
	}
}

// oldPart is a part of a name that no table of a connection has any more.
type oldPart struct {
	connection string
	part       int
	name       string
}

// partAttrs are the attributes of connections that have a part of the name of a table, too
// (format 5.4, 5.5).
var partAttrs = [...][]string{
	tablePart:    {"tablename", "filename"},
	schemaPart:   {"schema", "dbname"},
	databasePart: {"dbname", "CATALOG", "project"},
	serverPart:   {"server"},
}

// noteOld notes where connections and their SQL still have parts that their tables have no
// more.
func (ds *Datasource) noteOld(left []oldPart) {
	for c := range ds.Connections() {
		var words []oldWord
		for _, old := range left {
			if old.connection != c.Name() {
				continue
			}
			words = append(words, oldWord{partNames[old.part], old.name})
			for _, attr := range partAttrs[old.part] {
				if v := c.el.Value(attr); tableOfFile(attr, v) == old.name || v == old.name {
					c.el.NoteWhile(attr, "%s is still %q, the old name of the %s", attr, v, partNames[old.part])
				}
			}
		}
		c.noteSQL(words)
	}
}

// hasWord tells whether text has a name in it, in any case, that is no part of a longer word.
func hasWord(text, name string) bool {
	text, name = strings.ToLower(text), strings.ToLower(name)
	for at := 0; name != ""; at++ {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !inWord(before) && !inWord(after) {
			return true
		}
	}
	return false
}

func inWord(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
