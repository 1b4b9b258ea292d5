package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A MergedReport is what journals tell of their last runs: one of all sites, or those of shards.
type MergedReport struct {
	// Runs are in the order of their shards.
	Runs []RunSummary `json:"runs"`
	// MissingShards are those that no journal is of, such as "3/4".
	MissingShards []string `json:"missing_shards,omitempty"`
	// DifferentInputs says that the runs had not all the same manifest and templates.
	DifferentInputs bool `json:"different_inputs,omitempty"`
	// The report has the sites of all runs. One that its run did not come to has no results.
	Report
}

// A RunSummary is what a journal tells of its last run.
type RunSummary struct {
	Journal string    `json:"journal"` // its path
	ID      string    `json:"id"`
	Shard   string    `json:"shard,omitempty"`
	Inputs  string    `json:"inputs"` // a hash
	Sites   int       `json:"sites"`
	Began   time.Time `json:"began"`
	Until   time.Time `json:"until"` // the last it tells of
	Ended   bool      `json:"ended"` // else it was cut short, or is going on
	// InFlight is of what it is not known whether it was published. The next run looks.
	InFlight []Target `json:"in_flight,omitempty"`
}

// Complete says that all shards have come to their end.
func (m *MergedReport) Complete() bool {
	return len(m.MissingShards) == 0 && !slices.ContainsFunc(m.Runs, func(r RunSummary) bool { return !r.Ended })
}

// ReadReport reads what a journal tells of its last run, or all journals in a folder and the folders in it. The runs may be going
// on. It is an error if two of them have the same site.
func ReadReport(path string) (*MergedReport, error) {
	m, err := readReport(path)
	if err != nil {
		return nil, fmt.Errorf("reading the report of %q: %w", path, err)
	}
	return m, nil
}

func readReport(path string) (*MergedReport, error) {
	var runs []*reportReader
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || file != path && !isJournal(entry.Name()) {
			return err
		}
		run, err := readRun(file)
		if run != nil {
			runs = append(runs, run)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, errors.New("there is no journal of a run: give the folder that --state gave, or one with those of all shards")
	}
	return merge(runs)
}

// isJournal tells the names that [OpenState] gives.
func isJournal(name string) bool {
	return strings.HasPrefix(name, journalStem) && strings.HasSuffix(name, journalExt)
}

// merge puts the sites of runs together.
func merge(runs []*reportReader) (*MergedReport, error) {
	slices.SortStableFunc(runs, func(a, b *reportReader) int {
		return cmp.Or(cmp.Compare(a.shard.Count, b.shard.Count), cmp.Compare(a.shard.Index, b.shard.Index))
	})
	m := &MergedReport{}
	from := map[string]string{} // the journal, by the key of a site
	for _, run := range runs {
		for _, site := range run.sites {
			if other, twice := from[site.Site]; twice {
				return nil, fmt.Errorf("site %q is in %s and in %s, but shards share no site: move away the journal of another run", site.Site, other, run.summary.Journal)
			}
			from[site.Site] = run.summary.Journal
		}
		m.Sites = append(m.Sites, run.sites...)
		m.Runs = append(m.Runs, run.finish())
		m.DifferentInputs = m.DifferentInputs || run.summary.Inputs != runs[0].summary.Inputs
	}
	m.MissingShards = missingShards(runs)
	return m, nil
}

// missingShards are those that are none of the runs, of as many as the runs say there are.
func missingShards(runs []*reportReader) []string {
	there := map[Shard]bool{}
	for _, run := range runs {
		there[run.shard] = true
	}
	var missing []string
	for i, run := range runs {
		if i > 0 && runs[i-1].shard.Count == run.shard.Count {
			continue
		}
		for index := range run.shard.Count {
			if shard := (Shard{index + 1, run.shard.Count}); !there[shard] {
				missing = append(missing, shard.String())
			}
		}
	}
	return missing
}

// A reportReader makes a report of the entries of a run.
type reportReader struct {
	summary RunSummary
	shard   Shard
	sites   []SiteResult
	byKey   map[string]int
	begun   []Target // that had an intent
	open    map[Target]bool
}

// readRun reads the last run of a journal, nil if there is none.
func readRun(path string) (*reportReader, error) {
	var r *reportReader
	for e, err := range readJournal(path) {
		if err == nil && e.Run != nil {
			r, err = newReportReader(path, e)
		}
		if err != nil {
			return nil, err
		}
		if r != nil {
			r.add(e)
		}
	}
	return r, nil
}

func newReportReader(path string, e Entry) (*reportReader, error) {
	r := &reportReader{
		summary: RunSummary{Journal: path, ID: e.Run.ID, Shard: e.Run.Shard, Inputs: e.Run.Inputs, Began: e.Time},
		byKey:   map[string]int{}, open: map[Target]bool{},
	}
	for _, key := range e.Run.Sites {
		r.site(key)
	}
	if e.Run.Shard == "" {
		return r, nil
	}
	var err error
	r.shard, err = ParseShard(e.Run.Shard)
	return r, err
}

// site is that of a key.
func (r *reportReader) site(key string) *SiteResult {
	i, known := r.byKey[key]
	if !known {
		i = len(r.sites)
		r.byKey[key] = i
		r.sites = append(r.sites, SiteResult{Site: key, Results: []Result{}})
	}
	return &r.sites[i]
}

func (r *reportReader) add(e Entry) {
	r.summary.Until = e.Time
	switch {
	case e.Intent != nil:
		if _, before := r.open[e.Intent.Target]; !before {
			r.begun = append(r.begun, e.Intent.Target)
		}
		r.open[e.Intent.Target] = true
	case e.Outcome != nil:
		o := e.Outcome
		r.open[o.Target] = r.open[o.Target] && o.Open
		site := r.site(o.Result.Site)
		site.SiteContentURL, site.ServerURL = o.Target.SiteContentURL, o.Target.ServerURL
		if !o.Settled {
			site.add(o.Result)
		}
	case e.End != nil:
		r.summary.Ended = true
	}
}

// finish is the summary of all that was added.
func (r *reportReader) finish() RunSummary {
	r.summary.Sites = len(r.sites)
	for _, t := range r.begun {
		if r.open[t] {
			r.summary.InFlight = append(r.summary.InFlight, t)
		}
	}
	return r.summary
}

// add adds what became of a template, in the place of what became of it before. A result without a template, of a sign-in that
// failed, stands while there is no other.
func (s *SiteResult) add(result Result) {
	s.Results = slices.DeleteFunc(s.Results, func(r Result) bool { return r.Template == "" })
	i := slices.IndexFunc(s.Results, func(r Result) bool { return r.Template == result.Template })
	if i < 0 {
		s.Results = append(s.Results, result)
		return
	}
	s.Results[i] = result
}
