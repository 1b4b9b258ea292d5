package templates

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// A value is a scalar of the manifest: one that says what it is, or one with expressions in it.
type value struct {
	at      location
	what    string // names it in problems
	literal any    // when there are no parts
	parts   []part // text and expressions, in order
	typed   bool   // one whole ${…}, which keeps the type of its result
	secret  bool   // an expression reads a secret, or it is one that the caller of Load gave
}

// A part is text, or an expression.
type part struct {
	text string
	expr *expression
}

// scalar returns what a YAML scalar without expressions says: text, int, float64, bool, time.Time or nil.
func scalar(n *yaml.Node, at location) (any, *Problem) {
	switch n.ShortTag() {
	case "!!str":
		return n.Value, nil
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), nil
	case "!!int":
		i, err := strconv.Atoi(n.Value)
		if err != nil || strconv.Itoa(i) != n.Value {
			return nil, at.problem("put it in quotes to make it text, or write it in plain decimal",
				"%s would be read as another number", n.Value)
		}
		return i, nil
	case "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, at.problem("put it in quotes to make it text", "%s is not a decimal number", n.Value)
		}
		return f, nil
	case "!!timestamp":
		var t time.Time
		if err := n.Decode(&t); err != nil {
			return nil, at.problem("put it in quotes to make it text", "%s is not a date", n.Value)
		}
		return t, nil
	}
	return nil, at.problem("", "the tag %s is not supported", n.ShortTag())
}

// computed says whether there are expressions in a value.
func (v *value) computed() bool { return v != nil && v.parts != nil }

// missing returns a problem for every name that a site does not have.
func (v *value) missing(names map[string]any) Problems {
	var found Problems
	for _, p := range v.parts {
		if p.expr != nil {
			found = append(found, p.expr.missing(names)...)
		}
	}
	return found
}

// eval evaluates a value for a site, over names. The site keeps the results of the expressions that read a secret, and the
// text that they are put into.
func (v *value) eval(names map[string]any, s *Site) (any, *Problem) {
	if v.parts == nil {
		if v.secret {
			s.keep(v.literal)
		}
		return v.literal, nil
	}
	if v.typed {
		return v.parts[0].expr.eval(names, s)
	}
	var out strings.Builder
	for _, p := range v.parts {
		if p.expr == nil {
			out.WriteString(p.text)
			continue
		}
		result, problem := p.expr.eval(names, s)
		if problem != nil {
			return nil, problem
		}
		text, ok := format(result)
		if !ok {
			return nil, p.expr.at(0).problem("", "%s cannot be written as text", kindOf(result))
		}
		out.WriteString(text)
	}
	if v.secret {
		s.keep(out.String())
	}
	return out.String(), nil
}

// format writes a result as text. What is not a scalar has no text.
func format(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case time.Time:
		if h, m, s := v.Clock(); h == 0 && m == 0 && s == 0 && v.Nanosecond() == 0 {
			return v.Format(time.DateOnly), true
		}
		return v.Format("2006-01-02 15:04:05"), true
	}
	return "", false
}

// kindOf names what a value is, for messages. It never shows the value, which may be a secret.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case int, float64:
		return "a number"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date"
	case []any, []string, []int:
		return "a list"
	case map[string]any:
		return "a mapping"
	case Published:
		return "a published data source"
	}
	return fmt.Sprintf("a %T", v)
}
