package documents_test

import (
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents"
)

// traceVerbs hold real files to the verbs of traces.
var traceVerbs = map[string]verb{
	"scrub thumbnails":  scrub(documents.TraceThumbnails),
	"scrub provenance":  scrub(documents.TraceProvenance),
	"scrub caches":      scrub(documents.TraceCaches),
	"scrub users":       scrub(documents.TraceUsers),
	"scrub history":     scrub(documents.TraceHistory),
	"scrub statistics":  scrub(documents.TraceStatistics),
	"scrub extracts":    scrub(documents.TraceExtracts),
	"scrub all":         scrub(documents.ScrubKinds()...),
	"scrub datasources": scrubDatasources,
}

// scrub is the verb that scrubs traces of some kinds: none is left, and those of other kinds
// stay as many as they were. What a view is made of does not change with them.
func scrub(kinds ...documents.TraceKind) verb {
	return func(f *documents.File) (n int, err error) {
		gone := map[documents.TraceKind]bool{}
		for _, k := range kinds {
			gone[k] = true
		}
		before, lost := traces(f), unresolved(f)
		if err := f.Scrub(kinds); err != nil {
			return 0, err
		}
		after := traces(f)
		for k, count := range before {
			switch {
			case gone[k]:
				n += count
			case k == documents.TraceHistory || k == documents.TraceUsers: // an event tells of both
			case after[k] != count:
				err = errors.Join(err, fmt.Errorf("%s: %d before and %d after", k, count, after[k]))
			}
		}
		for k := range gone {
			if after[k] > 0 {
				err = errors.Join(err, fmt.Errorf("%s: %d left", k, after[k]))
			}
		}
		if now := unresolved(f); now > lost {
			err = errors.Join(err, fmt.Errorf("%d paths lead nowhere, %d before", now, lost))
		}
		return n, err
	}
}

// unresolved counts the paths to files that are needed and not in the package.
func unresolved(f *documents.File) (n int) {
	for r := range f.References() {
		if !r.Unused && r.Entry == "" {
			n++
		}
	}
	return n
}

// traces counts the traces in a file by kind.
func traces(f *documents.File) map[documents.TraceKind]int {
	counts := map[documents.TraceKind]int{}
	for t, err := range f.Traces() {
		if err != nil {
			counts["unread"]++
			continue
		}
		counts[t.Kind] += t.Count
	}
	return counts
}

// scrubDatasources scrubs the data sources one after the other: nothing is left in them, and
// all that was outside stays.
func scrubDatasources(f *documents.File) (n int, err error) {
	outside := func() (counts int) {
		for t := range f.Traces(documents.ScrubKinds()...) {
			if t.Datasource == "" {
				counts += t.Count
			}
		}
		return counts
	}
	before := outside()
	for ds := range f.Datasources() {
		for t := range f.Traces(documents.ScrubKinds()...) {
			if t.Datasource == ds.Name() {
				n += t.Count
			}
		}
		if err := f.Scrub(documents.ScrubKinds(), ds); err != nil {
			return n, err
		}
		for t := range f.Traces(documents.ScrubKinds()...) {
			if t.Datasource == ds.Name() {
				err = errors.Join(err, fmt.Errorf("%s is left in %s", t, ds))
			}
		}
	}
	if after := outside(); after != before {
		err = errors.Join(err, fmt.Errorf("%d traces outside data sources, %d before", after, before))
	}
	return n, err
}
