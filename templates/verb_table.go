package templates

import (
	"errors"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// The verbs that change what the names of tables say: they differ in which part of the names they are about.
var (
	tableSpec    = swapSpec("table", (*tds.Datasource).SwapTable)
	schemaSpec   = swapSpec("schema", (*tds.Datasource).SwapSchema)
	databaseSpec = swapSpec("database", (*tds.Datasource).SwapDatabase)
)

// A swap is the verb of a data source that does what one of these edits says.
type swap func(*tds.Datasource, tds.Swap) (int, error)

func swapSpec(key string, do swap) verbSpec {
	return verbSpec{
		key: key, what: "the edit of a " + key,
		decode: func(d *editDecoder) verb { return decodeSwap(d, key, do) },
	}
}

type swapVerb struct {
	key        string
	do         swap
	from, to   *value
	connection connectionMatch
}

func decodeSwap(d *editDecoder, key string, do swap) verb {
	v := &swapVerb{key: key, do: do}
	d.narrowed()
	d.known[key] = func(n *yaml.Node) {
		isMapping := d.record(n, key, fields{
			"from": d.selector(&v.from, "from"), "to": d.selector(&v.to, "to"),
			"connection": v.connection.decode(d),
		})
		if isMapping {
			d.required(n, key, "from", "to")
		}
	}
	return v
}

type swapRule struct {
	key  string
	what string
	do   swap
	swap tds.Swap
}

func (v *swapVerb) resolve(e *evaluator) rule {
	r := &swapRule{key: v.key, do: v.do}
	r.swap.From, r.swap.To = e.selector(v.from), e.selector(v.to)
	r.swap.In = v.connection.resolve(e)
	r.what = v.key + " " + strconv.Quote(r.swap.From)
	if _, err := tds.ParseTableName(r.swap.To); err != nil && v.key == "table" && r.swap.To != "" {
		e.found = append(e.found, v.to.at.problem("write each part in brackets, a ] in it as ]]", "%v", err))
	}
	return r
}

// apply swaps in every data source and then looks in how many that was: if that is not what the edit says, the caller
// undoes it.
func (r *swapRule) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	r.swap.All = e.all
	var matches, already []*tds.Datasource
	what := r.what
	there := map[string][]string{} // instead of a table or schema, or of a connection
	for _, ds := range datasources {
		n, err := r.do(ds, r.swap)
		missing, none := errors.AsType[*tds.NotFoundError](err)
		switch {
		case none:
			there[missing.What] = append(there[missing.What], missing.There...)
		case errors.Is(err, tds.ErrAmbiguous):
			return ambiguous(err)
		case err != nil:
			return err
		case n > 0:
			matches = append(matches, ds)
		default:
			already = append(already, ds)
		}
	}
	if len(matches) == 0 && len(already) > 0 {
		if !e.optional {
			already[0].Element().Note("there is no %s; what it is swapped for is there already", r.what)
		}
		return nil
	}
	if match := r.swap.In.String(); there[what] == nil && there[match] != nil {
		what = match
	}
	matches, err = choose(e, what, matches, there[what], (*tds.Datasource).Label)
	if err != nil {
		return r.advise(err, to, datasources)
	}
	for _, ds := range matches {
		to.touched[ds.Name()] = true
	}
	return nil
}

// advise adds to the error of a name that is not there that an edit before took it away, or what else has that name.
func (r *swapRule) advise(err error, to *Rendering, datasources []*tds.Datasource) error {
	if !errors.Is(err, tds.ErrNotFound) {
		return err
	}
	for c := range to.Changes() {
		if r.swapped(c) {
			return &advisedError{err, "an edit before this one changed it: each works on what those before it left"}
		}
	}
	for _, ds := range datasources {
		for q := range ds.SQLQueries() {
			if r.key == "table" && q.Name() == r.swap.From {
				return &advisedError{err, "that is custom SQL, which the edit `custom_sql` changes"}
			}
		}
	}
	return err
}

// swapped tells whether a change is of a name that had what is to be swapped.
func (r *swapRule) swapped(c documents.Change) bool {
	if !strings.HasSuffix(c.Path, "/@table") && !strings.HasSuffix(c.Path, "/@stored-proc") {
		return false
	}
	name, err := tds.ParseTableName(c.Old)
	had := map[string]string{"table": name.String(), "schema": name.Schema(), "database": name.Database()}
	return err == nil && had[r.key] == r.swap.From
}
