package documents_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// parameterVerbs hold real files to the verbs of parameters.
var parameterVerbs = map[string]verb{
	"parameters by value": onParameters(func(p tds.Parameter) (tds.ParameterPatch, bool) {
		return tds.ParameterPatch{Value: new(sampleValue(p)), Pin: true}, true
	}, func(p tds.Parameter) bool { return p.Value == sampleValue(p) && p.Recompute == "" }),
	"parameters by display name": onParameters(func(p tds.Parameter) (tds.ParameterPatch, bool) {
		a, ok := lastNamed(p)
		return tds.ParameterPatch{As: &a.As}, ok && p.Recompute == ""
	}, func(p tds.Parameter) bool {
		a, _ := lastNamed(p)
		return p.Value == a.Value && p.Alias == a.As
	}),
	"parameters pinned": onParameters(func(p tds.Parameter) (tds.ParameterPatch, bool) {
		return tds.ParameterPatch{Pin: true}, true
	}, func(p tds.Parameter) bool { return p.Recompute == "" }),
	"parameters of a list": onDomains(func(p tds.Parameter) (tds.Domain, bool) {
		return tds.Domain{Kind: tds.ListDomain, Allowed: []tds.Allowed{{Value: sampleOf(p.Datatype), As: "Ü <7>"}, {Value: p.Value}}}, p.Value != sampleOf(p.Datatype)
	}),
	"parameters of a range": onDomains(func(p tds.Parameter) (tds.Domain, bool) {
		d := tds.Domain{Kind: tds.RangeDomain, Max: p.Value, Step: p.Value}
		switch p.Datatype {
		case "date", "datetime":
			d.Min, d.Step, d.Period = d.Max, tds.Integer(3), tds.Month
		case "integer":
			d.Step = tds.Integer(5)
		case "real":
			d.Step = tds.Real(0.25)
		default:
			return d, false
		}
		return d, true
	}),
	"parameters of any value": onDomains(func(tds.Parameter) (tds.Domain, bool) { return tds.Domain{Kind: tds.AnyDomain}, true }),
	"parameters renamed": onParameters(func(p tds.Parameter) (tds.ParameterPatch, bool) {
		return tds.ParameterPatch{Caption: new("Ü '" + p.Name + "'")}, true
	}, func(p tds.Parameter) bool { return p.Caption == "Ü '"+p.Name+"'" }),
	"parameters added": func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for _, p := range []tds.Parameter{
			{Caption: "Tenant <new>", Datatype: "string", Value: tds.String(`50% "x" \d`), Description: "Whose\ndata", Domain: tds.Domain{Kind: tds.AnyDomain}},
			{Caption: "Limit", Datatype: "real", Value: tds.Real(2.5), Format: "p0%", Domain: tds.Domain{Kind: tds.RangeDomain, Min: tds.Real(0), Step: tds.Real(0.5)}},
			{Caption: "Level", Datatype: "integer", Value: tds.Integer(7), Alias: "seven", Domain: tds.Domain{Kind: tds.ListDomain, Allowed: []tds.Allowed{{Value: tds.Integer(7), As: "seven"}, {Value: tds.Integer(8)}}}},
		} {
			n++
			name, bad := wb.AddParameter(p)
			got, missing := wb.Parameter(name)
			p.Name = name
			if err = errors.Join(err, bad, missing); !cmp.Equal(got, p, cmp.Comparer(func(a, b tds.Value) bool { return a == b })) {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v", name, got))
			}
		}
		return n, err
	},
	"parameters removed": func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for _, p := range slices.Collect(wb.Parameters()) {
			switch bad := wb.RemoveParameter(p.Name); {
			case bad == nil:
				n++
				if _, bad := wb.Parameter(p.Name); !errors.Is(bad, tds.ErrNotFound) {
					err = errors.Join(err, fmt.Errorf("%s is still there (%w)", p.Name, bad))
				}
			case !strings.Contains(bad.Error(), "it is used by"):
				err = errors.Join(err, bad)
			}
		}
		return n, err
	},
}

// onParameters makes a verb that patches every parameter which patch is for, and reads it
// back.
func onParameters(patch func(tds.Parameter) (tds.ParameterPatch, bool), is func(tds.Parameter) bool) verb {
	return func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for _, p := range slices.Collect(wb.Parameters()) {
			change, ok := patch(p)
			if !ok {
				continue
			}
			n++
			err = errors.Join(err, wb.UpdateParameter(p.Name, change), reads(wb, p.Name, is))
		}
		return n, err
	}
}

func reads(wb *twb.Workbook, name string, is func(tds.Parameter) bool) error {
	got, err := wb.Parameter(name)
	if err == nil && !is(got) {
		err = fmt.Errorf("%s reads as %+v", name, got)
	}
	return err
}

// onDomains makes a verb that gives every parameter the domain it is to have.
func onDomains(domain func(tds.Parameter) (tds.Domain, bool)) verb {
	return func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for _, p := range slices.Collect(wb.Parameters()) {
			want, ok := domain(p)
			if !ok {
				continue
			}
			n++
			err = errors.Join(err, wb.UpdateParameter(p.Name, tds.ParameterPatch{Domain: &want, Pin: true}), reads(wb, p.Name, func(got tds.Parameter) bool {
				return cmp.Equal(got.Domain, want, cmp.Comparer(func(a, b tds.Value) bool { return a == b })) && got.Value == p.Value && got.Source == ""
			}))
		}
		return n, err
	}
}

// sampleOf is a value of a datatype.
func sampleOf(datatype string) tds.Value {
	samples := map[string]tds.Value{"string": tds.String(`50% "x" \d`), "integer": tds.Integer(7), "real": tds.Real(2.5), "boolean": tds.Boolean(true), "date": tds.String("2020-02-29"), "datetime": tds.String("2020-02-29 10:30:00")}
	raw, _ := samples[datatype].DataValue(datatype)
	v, _ := tds.ParseDataValue(raw, datatype)
	return v
}

// sampleValue is one that a parameter may have.
func sampleValue(p tds.Parameter) tds.Value {
	switch d := p.Domain; {
	case len(d.Allowed) > 0:
		return d.Allowed[len(d.Allowed)-1].Value
	case d.Kind == tds.RangeDomain && d.Min != tds.Null():
		return d.Min
	}
	return sampleOf(p.Datatype)
}

// lastNamed is the last value of a list that has a display name which no other has.
func lastNamed(p tds.Parameter) (last tds.Allowed, ok bool) {
	named := map[string]int{}
	for _, a := range p.Domain.Allowed {
		named[a.As]++
	}
	for _, a := range p.Domain.Allowed {
		if a.As != "" && named[a.As] == 1 {
			last, ok = a, true
		}
	}
	return last, ok
}
