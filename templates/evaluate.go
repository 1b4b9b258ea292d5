package templates

import (
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// An evaluator evaluates values for one site and gathers what goes wrong, so that one pass finds everything.
type evaluator struct {
	site  *Site
	names map[string]any
	// secrets says whether values that read a secret are evaluated. A manifest is loaded without, because loading
	// it must not need the secrets of sites that nobody asked for.
	secrets bool

	found      Problems
	readSecret bool // something that was evaluated is secret
}

// eval returns the result of a value; ok is false when there is none, and then found says why unless it is a secret.
// A nil value has no result.
func (e *evaluator) eval(v *value) (result any, ok bool) {
	if v == nil {
		return nil, false
	}
	if missing := v.missing(e.names); missing != nil {
		e.found = append(e.found, missing...)
		return nil, false
	}
	if v.secret && !e.secrets {
		return nil, false
	}
	e.readSecret = e.readSecret || v.secret
	result, problem := v.eval(e.names, e.site)
	if problem != nil {
		e.found = append(e.found, problem)
		return nil, false
	}
	return result, true
}

// text returns the result of a value as text.
func (e *evaluator) text(v *value) (string, bool) {
	result, ok := e.eval(v)
	if !ok {
		return "", false
	}
	text, ok := format(result)
	if !ok {
		e.found = append(e.found, v.at.problem("", "%s must be text, not %s", v.what, kindOf(result)))
	}
	return text, ok
}

// value returns the result of a value as one of a field or parameter.
func (e *evaluator) value(v *value) tds.Value {
	result, ok := e.eval(v)
	if !ok {
		return tds.Value{}
	}
	typed, err := tds.ValueOf(result)
	if err != nil {
		e.found = append(e.found, v.at.problem("", "%s must be one value, not %s", v.what, kindOf(result)))
	}
	return typed
}

// values returns the results of a list as values of a field.
func (e *evaluator) values(l *list) []tds.Value {
	results, _ := e.list(l)
	out := make([]tds.Value, len(results))
	for i, result := range results {
		var err error
		if out[i], err = tds.ValueOf(result); err != nil {
			e.found = append(e.found, l.at.problem("", "%s must be a list of values, and one is %s", l.what, kindOf(result)))
		}
	}
	return out
}

// selector returns the result of a value that says what an edit is for. It is never empty: that would be for anything.
func (e *evaluator) selector(v *value) string {
	text, ok := e.text(v)
	if ok && text == "" {
		e.found = append(e.found, v.at.problem("", "%s must not be empty", v.what))
	}
	return text
}

// boolean returns the result of a value that is true or false, and false when there is no value.
func (e *evaluator) boolean(v *value) bool {
	result, ok := e.eval(v)
	if !ok {
		return false
	}
	b, ok := result.(bool)
	if !ok {
		e.found = append(e.found, v.at.problem("", "%s must be true or false, not %s", v.what, kindOf(result)))
	}
	return b
}

// list returns the results of the values of a list: one each, or those of the list that a whole ${…} makes, which must
// not be empty. ok is false when one is missing.
func (e *evaluator) list(l *list) (results []any, ok bool) {
	results, ok = e.items(l)
	if ok && len(results) == 0 && l.whole != nil { // an empty one that is written out is found when it is decoded
		e.found = append(e.found, l.at.problem("", "the list is empty"))
		return nil, false
	}
	return results, ok && len(results) > 0
}

// items returns the results of a list that may be empty.
func (e *evaluator) items(l *list) (results []any, ok bool) {
	if l == nil {
		return nil, false
	}
	if l.whole != nil {
		result, ok := e.eval(l.whole)
		if !ok {
			return nil, false
		}
		items, ok := listOf(result)
		if !ok {
			hint := ""
			if _, one := format(result); one {
				hint = l.hint
			}
			e.found = append(e.found, l.at.problem(hint, "%s must be a list, not %s", l.what, kindOf(result)))
		}
		return items, ok
	}
	items := make([]any, 0, len(l.items))
	for _, v := range l.items {
		if result, ok := e.eval(v); ok {
			items = append(items, result)
		}
	}
	return items, len(items) == len(l.items)
}

// distinct returns the results of a list of names. None may be there twice, or have a fault.
func (e *evaluator) distinct(l *list, fault func(name string) string) []string {
	results, ok := e.items(l)
	if !ok {
		return nil
	}
	var names []string
	for i, result := range results {
		at := l.at
		if l.whole == nil {
			at = l.items[i].at
		}
		name, ok := format(result)
		switch {
		case !ok:
			e.found = append(e.found, at.problem("", "a value of %s must be text, not %s", l.what, kindOf(result)))
		case fault(name) != "":
			e.found = append(e.found, at.problem("", "%q in %s %s", name, l.what, fault(name)))
		case slices.Contains(names, name):
			e.found = append(e.found, at.problem("", "%s has %q twice", l.what, name))
		default:
			names = append(names, name)
		}
	}
	return names
}

// word returns the result of a value that names something; it must have no fault. It is "" when there is no value.
func (e *evaluator) word(v *value) string {
	text, ok := e.text(v)
	if fault := wordFault(text); ok && fault != "" {
		e.found = append(e.found, v.at.problem("", "%s %q %s", v.what, text, fault))
	}
	return text
}

// holds says whether what has a condition is for the site: a template, an edit, a setting.
func (e *evaluator) holds(when *expression) bool {
	if when == nil {
		return true
	}
	v := value{at: when.at(0), what: "when", parts: []part{{expr: when}}, typed: true}
	return e.boolean(&v)
}

// listOf returns the items of a list, which expr makes of several types.
func listOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []string:
		return anys(v), true
	case []int:
		return anys(v), true
	}
	return nil, false
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
