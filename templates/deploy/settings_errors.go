package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
)

// problems are what is wrong with the settings of a template on a site.
type problems struct{ all []error }

// add adds an error, unless it is nil or known, with what it is about before it, "" for nothing.
func (p *problems) add(err error, about string) {
	if err == nil {
		return
	}
	if about != "" {
		err = fmt.Errorf("%s: %w", about, err)
	}
	if !slices.ContainsFunc(p.all, func(other error) bool { return other.Error() == err.Error() }) {
		p.all = append(p.all, err)
	}
}

func (p *problems) err() error {
	switch len(p.all) {
	case 0:
		return nil
	case 1:
		return p.all[0]
	}
	return &settingsError{p.all}
}

// A settingsError is several errors in one line.
type settingsError struct{ all []error }

func (e *settingsError) Error() string {
	texts := make([]string, len(e.all))
	for i, err := range e.all {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func (e *settingsError) Unwrap() []error { return e.all }

// Hint joins the advice of all of them.
func (e *settingsError) Hint() string {
	var hints []string
	for _, err := range e.all {
		if advised, ok := errors.AsType[hinter](err); ok && !slices.Contains(hints, advised.Hint()) {
			hints = append(hints, advised.Hint())
		}
	}
	return strings.Join(slices.DeleteFunc(hints, func(hint string) bool { return hint == "" }), "; ")
}

// A hinter is an error that knows what to do about it.
type hinter interface {
	error
	Hint() string
}

// An advisedError says what to do about it.
type advisedError struct {
	error
	hint string
}

func advise(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &advisedError{err, hint}
}

func (e *advisedError) Unwrap() error { return e.error }

// Hint is for people; it holds no secret.
func (e *advisedError) Hint() string { return e.hint }

// personal adds to the error of looking for a user or a group what to do about it.
func personal(err error) error {
	_, ambiguous := errors.AsType[*rest.AmbiguousError](err)
	switch {
	case ambiguous:
		return advise(err, `write the domain before the name: 'example.com\ana'`)
	case errors.Is(err, rest.ErrNotFound):
		return advise(err, "add the user or the group to the site, or name one who is there")
	case errors.Is(err, rest.ErrForbidden):
		return advise(err, "only administrators see who is on a site: sign in as one, or leave out the owner and the rules for other users")
	}
	return err
}
