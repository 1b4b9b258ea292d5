package tds

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// ParameterPatch is what to change in a parameter; what is nil is left alone.
type ParameterPatch struct {
	// Value is the current value, of the parameter's datatype and in its domain. As is the
	// same by its display name in the list. At most one of them is given.
	Value *Value
	As    *string
	// Domain is the values that the parameter may take from now on. The current one must be
	// among them, or another be given.
	Domain *Domain
	// Caption is what people see; no other parameter may be shown so. If there is no parameter
	// of the name that is given, but one that is shown so, that is noted: it has been renamed.
	Caption *string
	// Pin drops the field that sets the value whenever the workbook is opened and, with
	// Domain, the one that fills the list. Without it, what such a field sets cannot be
	// changed (hard case 68).
	Pin bool
}

// SetParameter sets the current value of a parameter, as [Datasource.UpdateParameter] does.
func (ds *Datasource) SetParameter(name string, value Value) error {
	return ds.UpdateParameter(name, ParameterPatch{Value: &value})
}

// UpdateParameter changes a parameter: in the workbook and in every copy that views,
// dashboards, data sources and nested copies of published data sources hold; value, formula
// and display name together (format 12), and in the arguments of stored procedures that are
// linked to it (format 6.6). The parameter is found by its caption, or by its exact internal
// name in brackets (hard case 69).
//
// A value between the steps of a range is noted; one outside the domain is an error. A copy
// that had another caption is left alone, with a note.
func (ds *Datasource) UpdateParameter(name string, patch ParameterPatch) error {
	return ds.parameters().Update(name, patch)
}

// Update is [Datasource.UpdateParameter].
func (ps Parameters) Update(name string, patch ParameterPatch) error {
	err := ps.el.Document().Atomically("", func() error {
		p, err := ps.meant(name, patch.Caption)
		if err != nil {
			return err
		}
		return ps.update(p, patch)
	})
	if err != nil {
		return fmt.Errorf("parameter %s: %w", strconv.Quote(name), err)
	}
	return nil
}

// meant finds the parameter that is to change, which may have its new caption already.
func (ps Parameters) meant(name string, caption *string) (parameter, error) {
	p, err := ps.find(name)
	if caption == nil {
		return p, err
	}
	// A renamed parameter is not found by its old caption, so that rules which give one two
	// captions, or its caption to another one, contradict each other here.
	claims := errors.Join(
		ps.root().ClaimChild("parameter", "caption", name, *caption),
		ps.root().ClaimChild("parameter", "caption", *caption, *caption),
	)
	if claims != nil {
		return p, claims
	}
	if errors.Is(err, ErrNotFound) {
		if done, missing := ps.find(*caption); missing == nil && done.label() == *caption {
			ps.root().Note("there is no parameter %q; %q is there already", name, *caption)
			return done, nil
		}
	}
	return p, err
}

func (ps Parameters) update(p parameter, patch ParameterPatch) error {
	was := p.read()
	is, err := was.patched(patch)
	if err != nil {
		return err
	}
	copies, err := ps.copies(was.Name)
	if err != nil {
		return err
	}
	if patch.Caption != nil {
		if err := ps.rename(p, copies, *patch.Caption); err != nil {
			return err
		}
	}
	if patch.Pin {
		if err := was.pin(p.el, copies, patch.Domain != nil); err != nil {
			return err
		}
	}
	if patch.Domain != nil {
		for _, el := range copies {
			if err := is.Domain.put(el, el == p.el); err != nil {
				return err
			}
		}
	}
	if patch.Value != nil || patch.As != nil {
		if err := ps.putValue(p, copies, is.Value); err != nil {
			return err
		}
	} else if patch.Domain == nil {
		return nil
	}
	ps.noteStories(p)
	return is.follow(p.el, copies, was.Value)
}

// noteStories tells which points of stories have a value of the parameter of their own: it is
// what they show, and stays.
func (ps Parameters) noteStories(p parameter) {
	for _, list := range []string{"dashboards", "stories"} {
		for point := range ps.root().Child(list).Descendants("story-point") {
			for el := range point.Descendants("column") {
				if el.Value("name") == p.reference() && el.Value("value") != p.el.Value("value") {
					el.NoteWhile("value", "%s has a value of the parameter %s of its own, which stays", userOf(point), strconv.Quote(p.label()))
				}
			}
		}
	}
}

// patched is what a patch makes of the domain and the value of a parameter.
func (p Parameter) patched(patch ParameterPatch) (Parameter, error) {
	sets := patch.Value != nil || patch.As != nil
	var err error
	switch {
	case patch.Value != nil && patch.As != nil:
		return p, errors.New("a value is given, and a display name")
	case sets && p.Recompute != "" && !patch.Pin:
		return p, fmt.Errorf("the field %s sets its value whenever the workbook is opened, unless it is pinned", p.Recompute)
	case patch.Domain == nil:
	case p.Source != "" && !patch.Pin:
		return p, fmt.Errorf("the field %s fills its list whenever the workbook is opened, unless it is pinned", p.Source)
	default:
		if p.Domain, err = patch.Domain.as(p.Datatype); err != nil {
			return p, err
		}
		p.Source = ""
	}
	switch {
	case patch.Value != nil:
		p.Value, err = patch.Value.as(p.Datatype)
	case patch.As != nil && p.fromField():
		err = fmt.Errorf("the field %s fills its list whenever the workbook is opened: its display names are not known", p.Source)
	case patch.As != nil:
		p.Value, err = p.Domain.named(*patch.As)
	case patch.Domain == nil:
		return p, nil
	}
	switch {
	case err != nil:
		return p, err
	case p.Value == Null():
		return p, errors.New("null is not a value of a parameter")
	case p.fromField():
		return p, nil
	}
	if err = p.Domain.accepts(p.Value, p.Datatype); err != nil && !sets {
		err = fmt.Errorf("its current value, and no other is given: %w", err)
	}
	return p, err
}

// fromField tells whether the values of the list are known only when the workbook is opened.
func (p Parameter) fromField() bool {
	return p.Domain.Kind == ListDomain && p.Source != "" && len(p.Domain.Allowed) == 0
}

// rename gives a parameter another caption, and so the copies that have the old one.
func (ps Parameters) rename(p parameter, copies []xmledit.Element, caption string) error {
	if caption == "" {
		return errors.New("its caption is empty")
	}
	places := columnPlaces{master: p.el}
	for other := range ps.each() {
		if other.name() != p.name() && other.label() == caption {
			return fmt.Errorf("the parameter %s is shown as %s already", other.name(), strconv.Quote(caption))
		}
	}
	for _, el := range copies {
		if el != p.el {
			places.copies = append(places.copies, el)
		}
	}
	return places.changeAttr("caption", "caption", caption)
}

// pin drops the fields that set the value, and the list, when the workbook is opened.
func (p Parameter) pin(master xmledit.Element, copies []xmledit.Element, list bool) error {
	drop := func(attr, field, does string) error {
		for _, el := range copies {
			if err := el.RemoveAttr(attr); err != nil {
				return err
			}
		}
		if field != "" {
			master.Note("the field %s no longer %s of the parameter %s when the workbook is opened", field, does, strconv.Quote(p.Label()))
		}
		return nil
	}
	if err := drop("default-value-field", p.Recompute, "sets the value"); err != nil || !list {
		return err
	}
	return drop("source-field", p.Source, "fills the list")
}

// putValue writes the current value into all columns of a parameter, and into the arguments
// of procedures that are linked to it.
func (ps Parameters) putValue(p parameter, copies []xmledit.Element, value Value) error {
	datatype := p.datatype()
	written, err := value.DataValue(datatype)
	if err != nil {
		return err
	}
	for m := range p.el.Child("members").Children("member") {
		if v := m.Value("value"); sameValue(v, written, datatype) {
			written = v // as the list has it
			break
		}
	}
	literal, err := value.Literal(datatype)
	if err != nil {
		return err
	}
	for _, el := range copies {
		if err := putValue(el, written, literal); err != nil {
			return err
		}
	}
	for root, err := range ps.roots() {
		if err != nil {
			return err
		}
		for ds := range datasourcesOf(root) {
			if err := ds.followParameter(p, written); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow writes what follows from value and domain: how the value is shown. It notes what
// nobody could check.
func (p Parameter) follow(master xmledit.Element, copies []xmledit.Element, was Value) error {
	alias := cmp.Or(p.Domain.alias(p.Value), readAliases(master)[p.Value])
	switch {
	case p.fromField():
		master.NoteWhile("value", "the list of the parameter %s is not known: the field %s fills it when the workbook is opened", strconv.Quote(p.Label()), p.Source)
		if p.Value == was {
			return nil
		}
	case p.Domain.offStep(p.Value, p.Datatype):
		master.NoteWhile("value", "the value of the parameter %s is between its steps of %s from %s", strconv.Quote(p.Label()), p.Domain.StepWords(), p.Domain.Min)
	}
	for _, el := range copies {
		if err := putAlias(el, alias); err != nil {
			return err
		}
	}
	return nil
}
