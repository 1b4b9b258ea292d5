package tds

import (
	"fmt"
	"strings"
)

// tokenKind says what a piece of a formula is.
type tokenKind uint8

const (
	code      tokenKind = iota // functions, operators, numbers, dates, white space
	literal                    // a string in either quote
	remark                     // a comment
	reference                  // [field] or [data source].[field]
)

// token is a piece of a formula as it is written. The texts of all of them are the
// formula.
type token struct {
	kind tokenKind
	text string
}

// tokenize cuts a formula into its pieces (format 10.2): a quote inside a string and a
// closing bracket inside a name are doubled, comments begin with // or /*. A piece without
// an end is an error, and the last token.
func tokenize(formula string) ([]token, error) {
	var tokens []token
	var err error
	plain := 0 // where code that is not in tokens yet begins
	for i := 0; i < len(formula); {
		kind, end := pieceAt(formula, i)
		if kind == code {
			i++
			continue
		}
		if end < 0 {
			what := map[tokenKind]string{literal: "string", remark: "comment", reference: "field in brackets"}[kind]
			err = fmt.Errorf("the %s that begins with %q at %s has no end", what, excerpt(formula[i:]), position(formula, i))
			end = len(formula)
		}
		if plain < i {
			tokens = append(tokens, token{code, formula[plain:i]})
		}
		tokens = append(tokens, token{kind, formula[i:end]})
		i, plain = end, end
	}
	if plain < len(formula) {
		tokens = append(tokens, token{code, formula[plain:]})
	}
	return tokens, err
}

// pieceAt tells what begins at i, and where it ends; end is -1 if it does not.
func pieceAt(s string, i int) (kind tokenKind, end int) {
	rest := s[i:]
	switch {
	case rest[0] == '"' || rest[0] == '\'':
		return literal, quotedEnd(s, i+1, rest[0])
	case strings.HasPrefix(rest, "//"):
		if n := strings.IndexAny(rest, "\r\n"); n >= 0 {
			return remark, i + n
		}
		return remark, len(s)
	case strings.HasPrefix(rest, "/*"):
		if n := strings.Index(rest[2:], "*/"); n >= 0 {
			return remark, i + 2 + n + 2
		}
		return remark, -1
	case rest[0] == '[':
		end := quotedEnd(s, i+1, ']')
		if end > 0 && strings.HasPrefix(s[end:], ".[") {
			end = quotedEnd(s, end+2, ']')
		}
		return reference, end
	}
	return code, i + 1
}

// quotedEnd is where what is closed by quote ends, the closing one included; a doubled one
// is part of it.
func quotedEnd(s string, i int, quote byte) int {
	for ; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		if i+1 == len(s) || s[i+1] != quote {
			return i + 1
		}
		i++
	}
	return -1
}

func excerpt(s string) string {
	if len(s) > 30 {
		return strings.ToValidUTF8(s[:30], "") + "…"
	}
	return s
}

// splitReference takes a qualified reference apart: [data source].[field]. Both stay in
// their brackets; a field alone has no qualifier.
func splitReference(ref string) (qualifier, field string) {
	if end := quotedEnd(ref, 1, ']'); end > 0 && end < len(ref) {
		return ref[:end], ref[end+1:]
	}
	return "", ref
}

// rewriteFormula gives every reference of a formula the name that resolve says.
func rewriteFormula(formula string, resolve func(ref string) (string, error)) (string, error) {
	tokens, err := tokenize(formula)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, t := range tokens {
		if t.kind == reference {
			if t.text, err = resolve(t.text); err != nil {
				return "", err
			}
		}
		out.WriteString(t.text)
	}
	return out.String(), nil
}

// references lists the references of a formula, each once, as far as it can be read.
func references(formula string) []string {
	tokens, _ := tokenize(formula)
	var refs []string
	seen := map[string]bool{}
	for _, t := range tokens {
		if t.kind == reference && !seen[t.text] {
			seen[t.text] = true
			refs = append(refs, t.text)
		}
	}
	return refs
}
