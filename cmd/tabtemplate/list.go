package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// A list is one that a verb prints. Its columns are the fields that objects have with --json, and what people can choose,
// filter and sort by.
type list[T any] struct {
	columns []column[T]
	order   string // the field it is sorted by where nobody says another, "" for none
	all     func(context.Context, *rest.Session, rest.Query) iter.Seq2[T, error]
}

// A column is one field of the objects of a list.
type column[T any] struct {
	name   string
	value  func(T) any // a string, int, int64, bool, time.Time or []string
	server string      // what filters and sorts of the REST API call it, "" where they do not know it
	more   bool        // the table has it when it is asked for
}

// A lister is a verb that lists.
type lister struct {
	app *app
	cmd *cobra.Command
	in  sessionFlags

	filters []string
	fields  []string
	sort    string
	limit   int
}

// listLong ends the help of verbs that list.
const listLong = `

--filter keeps what has a FIELD like this: 'name=Sales', 'name=Sales*', 'name!=Sales', 'name~sales'
(holds the text, in upper or lower case), 'size_mb>=100', 'updated_at>2026-01-31'. Of two, both have
to hold. Of tags and the like it is enough that one is like this. 'owner=' keeps what has none.

--json prints all fields, or those of --fields. --quiet leaves out the header and puts a tab between
columns, for pipes: --fields luid --quiet prints LUIDs. Times are in UTC.

The fields:
`

// listCommand completes a command that lists objects with these fields; argument says what it takes, "" for nothing.
func (a *app) listCommand(cmd *cobra.Command, argument string, fields []string, run func(l *lister, argument string) error) *cobra.Command {
	l := &lister{app: a, cmd: cmd}
	cmd.Long += listLong + fieldsText(fields)
	cmd.Args = noArgs
	if argument != "" {
		cmd.Args = atMostOneArg(argument)
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error { return run(l, strings.Join(args, "")) }
	l.in.flags(cmd)
	l.flags(fields)
	return cmd
}

// flags adds the flags, for a list with these fields.
func (l *lister) flags(names []string) {
	flags := l.cmd.Flags()
	flags.StringArrayVar(&l.filters, "filter", nil, "keep what this `CONDITION` holds for, such as 'name=Sales': = != ~ < <= > or >=; may be repeated")
	flags.StringSliceVar(&l.fields, "fields", nil, "the `FIELDS` to print, with commas between them")
	flags.StringVar(&l.sort, "sort", "", "sort by a `FIELD`, by -FIELD with the greatest first")
	flags.IntVar(&l.limit, "limit", 0, "print `N` at most (default all)")
	complete := func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexAny(begun, ",-")+1]
		var found []cobra.Completion
		for _, name := range names {
			found = append(found, before+name)
		}
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	for _, name := range []string{"filter", "fields", "sort"} {
		cobra.CheckErr(l.cmd.RegisterFlagCompletionFunc(name, complete))
	}
}

// chosen is what a command line wants of a list.
type chosen[T any] struct {
	columns    []column[T] // to be printed
	conditions []func(T) bool
	query      rest.Query
	narrowed   []string   // the fields, as the server calls them, that it filters by
	by         *column[T] // to sort by here, nil when the server sorts
	descending bool
	limit      int // 0 for none
}

// runList signs in and prints a list.
func runList[T any](by *lister, l list[T]) error {
	c, err := l.choose(by)
	if err != nil {
		return err
	}
	return by.app.withSession(by.cmd, &by.in, func(ctx context.Context, s *rest.Session) error {
		return printRows(by.app, c.columns, c.rows(l.all(ctx, s, c.query)))
	})
}

// choose reads the flags.
func (l list[T]) choose(f *lister) (*chosen[T], error) {
	c := &chosen[T]{limit: f.limit, query: rest.Query{PageSize: 1000}}
	if f.limit < 0 {
		return nil, usagef("--limit %d: it must not be negative", f.limit)
	}
	for _, name := range f.fields {
		column, err := l.column("--fields", name)
		if err != nil {
			return nil, err
		}
		c.columns = append(c.columns, *column)
	}
	if len(f.fields) == 0 {
		c.columns = slices.DeleteFunc(slices.Clone(l.columns), func(column column[T]) bool { return column.more && !f.app.json })
	}
	for _, text := range f.filters {
		if err := c.keep(l, text); err != nil {
			return nil, err
		}
	}
	return c, c.sortBy(l, f.sort)
}

// sortBy has the server sort where it can, so that nothing has to wait for the end of the list.
func (c *chosen[T]) sortBy(l list[T], field string) error {
	field = cmp.Or(field, l.order)
	if field == "" {
		return nil
	}
	name, descending := strings.CutPrefix(field, "-")
	by, err := l.column("--sort", name)
	switch {
	case err != nil:
		return err
	case by.server == "":
		c.by, c.descending = by, descending
	case descending:
		c.query.Sort = []rest.Order{rest.Desc(by.server)}
	default:
		c.query.Sort = []rest.Order{rest.Asc(by.server)}
	}
	if c.by == nil && len(c.conditions) == 0 && c.limit > 0 {
		c.query.PageSize = min(c.limit, c.query.PageSize)
	}
	return nil
}

// column finds a column for a flag.
func (l list[T]) column(flag, name string) (*column[T], error) {
	for i := range l.columns {
		if l.columns[i].name == name {
			return &l.columns[i], nil
		}
	}
	return nil, usagef("%s: there is no field %q; there is %s", flag, name, strings.Join(l.names(), ", "))
}

// names are those of the fields.
func (l list[T]) names() []string { return namesOf(l.columns) }

func namesOf[T any](columns []column[T]) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// fieldsText is the list of fields for a help text.
func fieldsText(names []string) string {
	text, width := "  ", 0
	for i, name := range names {
		lead := ", "
		switch width += len(lead) + len(name); {
		case i == 0:
			lead = ""
		case width > 98:
			lead, width = ",\n  ", len(name)
		}
		text += lead + name
	}
	return text
}

// rows are the objects of a list that are wanted, in the order that is wanted.
func (c *chosen[T]) rows(all iter.Seq2[T, error]) iter.Seq2[T, error] {
	kept := func(yield func(T, error) bool) {
		for item, err := range all {
			drop := func(holds func(T) bool) bool { return !holds(item) }
			if err == nil && slices.ContainsFunc(c.conditions, drop) {
				continue
			}
			if !yield(item, err) {
				return
			}
		}
	}
	sorted := kept
	if c.by != nil {
		sorted = func(yield func(T, error) bool) {
			items, err := rest.Collect(kept)
			c.sort(items)
			for _, item := range items {
				if err == nil && !yield(item, nil) {
					return
				}
			}
			if err != nil {
				yield(*new(T), err)
			}
		}
	}
	return func(yield func(T, error) bool) {
		count := 0
		for item, err := range sorted {
			count++
			if !yield(item, err) || count == c.limit {
				return
			}
		}
	}
}

func (c *chosen[T]) sort(items []T) {
	slices.SortStableFunc(items, func(a, b T) int {
		if c.descending {
			a, b = b, a
		}
		return compareValues(c.by.value(a), c.by.value(b))
	})
}

// printRows prints the rows as a table, as lines, or as JSON. Lines and JSON go out as the rows come in. What ends in the
// middle by an error ends there: it does not look whole.
func printRows[T any](a *app, columns []column[T], rows iter.Seq2[T, error]) error {
	header := make([]any, len(columns))
	for i, c := range columns {
		header[i] = strings.ToUpper(strings.ReplaceAll(c.name, "_", " "))
	}
	asJSON := jsonList[object]{w: a.stdout}
	t := newTable(a.stdout, header...)
	for item, err := range rows {
		if err != nil {
			return err
		}
		row := make(object, len(columns))
		for i, c := range columns {
			row[i] = field{c.name, c.value(item)}
		}
		switch {
		case a.json:
			err = asJSON.add(row)
		case a.quiet:
			_, err = fmt.Fprintln(a.stdout, row.line())
		default:
			t.AppendRow(row.cells())
		}
		if err != nil {
			return err
		}
	}
	switch {
	case a.json:
		asJSON.end()
	case !a.quiet:
		t.Render()
	}
	return a.stdout.err
}

// An object is the fields of one row, in their order.
type object []field

type field struct {
	name  string
	value any
}

// MarshalJSON is a JSON object with the fields in their order. A time that is not known is null, and a list is never null.
func (o object) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	for i, f := range o {
		text.WriteByte("{,"[min(i, 1)])
		text.WriteString(strconv.Quote(f.name) + ":")
		value := f.value
		switch v := value.(type) {
		case time.Time:
			if value = v.UTC(); v.IsZero() {
				value = nil
			}
		case []string:
			value = append([]string{}, v...)
		}
		if err := enc.Encode(value); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

func (o object) cells() []any {
	cells := make([]any, len(o))
	for i, f := range o {
		cells[i] = valueText(f.value)
	}
	return cells
}

// line is the object as one line, with tabs between its fields.
func (o object) line() string {
	cells := make([]string, len(o))
	for i, f := range o {
		cells[i] = strings.NewReplacer("\t", " ", "\r", " ", "\n", " ").Replace(valueText(f.value))
	}
	return strings.Join(cells, "\t")
}

// valueText is a value as people read it.
func valueText(value any) string {
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	case []string:
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(value)
}
