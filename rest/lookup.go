package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// A named thing is found by its name, which may be there once in each domain.
type named interface{ naming() naming }

// A naming is what lookups by name go by. The domain is empty for what is in none.
type naming struct{ luid, name, domain string }

func (n naming) String() string {
	if n.domain == "" {
		return n.luid
	}
	return fmt.Sprintf("%s in domain %q", n.luid, n.domain)
}

// lookup finds the one object of a list that has a name, which the server may compare without regard to case: no two users
// or groups of a domain have names that differ in case alone. A domain may stand before it, as in example.com\ana, or the
// first part of one.
func lookup[T named](ctx context.Context, kind, name string, all func(context.Context, Query) iter.Seq2[T, error]) (T, error) {
	var none T
	domain, plain := splitDomain(name)
	if plain == "" {
		return none, errors.New("the name is empty")
	}
	var matches []T
	for item, err := range all(ctx, Query{Filters: []Filter{Eq("name", plain)}}) {
		if err != nil {
			return none, err
		}
		// The server takes a * in the name for any text.
		if n := item.naming(); strings.EqualFold(n.name, plain) && inDomain(n.domain, domain) {
			matches = append(matches, item)
		}
	}
	switch len(matches) {
	case 0:
		return none, &NotFoundError{Kind: kind, Name: name}
	case 1:
		return matches[0], nil
	}
	where := convert(matches, func(item T) string { return item.naming().String() })
	return none, &AmbiguousError{Kind: kind, Name: name, Matches: where}
}

// only finds the one object of a list that is the wanted one; where tells one of several apart. A [*NotFoundError] lists the
// others by what called says of them, nil for a list that does not help.
func only[T any](
	kind, name, in string, items iter.Seq2[T, error], is func(T) bool, where, called func(T) string,
) (T, error) {
	var none T
	var matches []T
	var others []string
	for item, err := range items {
		switch {
		case err != nil:
			return none, err
		case is(item):
			matches = append(matches, item)
		case called != nil:
			others = append(others, strconv.Quote(called(item)))
		}
	}
	switch len(matches) {
	case 0:
		return none, &NotFoundError{Kind: kind, Name: name, In: in, Available: others}
	case 1:
		return matches[0], nil
	}
	return none, &AmbiguousError{Kind: kind, Name: name, Matches: convert(matches, where)}
}

// each is a list that is there already, or the error of reading it.
func each[T any](items []T, err error) iter.Seq2[T, error] {
	if err != nil {
		return failing[T](err)
	}
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// splitDomain takes the domain off a name such as example.com\ana.
func splitDomain(name string) (domain, plain string) {
	domain, plain, ok := strings.Cut(name, `\`)
	if !ok {
		return "", name
	}
	return domain, plain
}

// inDomain says whether a domain is the one that is wanted: any with "", else by its name or the first part of it.
func inDomain(domain, wanted string) bool {
	first, _, _ := strings.Cut(domain, ".")
	return wanted == "" || strings.EqualFold(domain, wanted) || strings.EqualFold(first, wanted)
}

// create sends a POST that makes something with a name: once more when the outcome of the first attempt is unclear. A conflict
// then means that it is there; look gets it, as soon as it is listed, and found says so.
func create[T any](ctx context.Context, s *Session, q *request, item string, look func() (T, error)) (made T, found bool, err error) {
	q.tries = 2
	made, err = read[T](ctx, s, q, item)
	refused, ok := errors.AsType[*Error](err)
	if !ok || !refused.ambiguous || refused.kind() != ErrConflict {
		return made, false, err
	}
	made, err = await(ctx, err, look)
	return made, err == nil, err
}

// await gets what is there by the word of a conflict, but may not be listed yet. Not listed in time, the error is the conflict.
func await[T any](ctx context.Context, conflict error, look func() (T, error)) (T, error) {
	var found T
	there, err := patiently(ctx, func() (bool, error) {
		var err error
		found, err = look()
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil && !there {
		err = conflict
	}
	return found, err
}
