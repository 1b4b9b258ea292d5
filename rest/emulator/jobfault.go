package emulator

import (
	"encoding/json"
	"fmt"
	"time"
)

// JobFault makes one or more jobs go otherwise than they would, so that a client can be tested for how it waits. A job
// that several are for suffers the one given first. In JSON its fields have their names with a small first letter, and
// times are as [time.ParseDuration] reads them.
type JobFault struct {
	// Type is the type of the jobs, such as PublishWorkbook or RefreshExtract; "" for any.
	Type string `json:"type,omitempty"`
	// Nth is which of the jobs of that type it is, in the order they are started and counted from 1; 0 for all of them.
	Nth int `json:"nth,omitempty"`
	// Waits is how long the job waits before it starts.
	Waits time.Duration `json:"-"`
	// Takes is how long the job runs; 0 for the time of [WithJobTime].
	Takes time.Duration `json:"-"`
	// Hangs says that the job never ends by the clock. It can be cancelled, and [Server.StepJobs] ends it.
	Hangs bool `json:"hangs,omitempty"`
	// Fails says that the job fails at its end, having done nothing, and is what it tells of that; "" for no failure.
	Fails string `json:"fails,omitempty"`
	// Cancelled says that the job ends as cancelled, having done nothing.
	Cancelled bool `json:"cancelled,omitempty"`
	// Gone is the code that queries for the job are refused with when it is over, having done its work: 404018 (the job
	// is not there) or 400031 (it cannot be queried). Lists do not have it then. 0 is for a job that stays.
	Gone int `json:"gone,omitempty"`
}

// plainJobFault is a JobFault that JSON knows nothing special of.
type plainJobFault JobFault

// jobFaultTimes are the times of a JobFault as JSON has them.
type jobFaultTimes struct {
	WaitsText string `json:"waits,omitempty"`
	TakesText string `json:"takes,omitempty"`
}

// MarshalJSON writes times as [time.Duration] writes itself.
func (f JobFault) MarshalJSON() ([]byte, error) {
	var times jobFaultTimes
	if f.Waits != 0 {
		times.WaitsText = f.Waits.String()
	}
	if f.Takes != 0 {
		times.TakesText = f.Takes.String()
	}
	return json.Marshal(struct {
		plainJobFault
		jobFaultTimes
	}{plainJobFault(f), times})
}

// UnmarshalJSON reads times as [time.ParseDuration] does.
func (f *JobFault) UnmarshalJSON(data []byte) error {
	var read struct {
		*plainJobFault
		jobFaultTimes
	}
	read.plainJobFault = (*plainJobFault)(f)
	if err := strictJSON(data, &read); err != nil {
		return err
	}
	for _, t := range []struct {
		text string
		to   *time.Duration
	}{{read.WaitsText, &f.Waits}, {read.TakesText, &f.Takes}} {
		if t.text == "" {
			continue
		}
		var err error
		if *t.to, err = time.ParseDuration(t.text); err != nil {
			return err
		}
	}
	return nil
}

// armedJobFault is a fault and what it has met.
type armedJobFault struct {
	JobFault
	seen int // jobs of the type
}

// WithJobFault adds a fault of jobs. Without any, jobs do what they are to do.
func WithJobFault(f JobFault) Option {
	return func(o *options) error {
		o.jobFaults = append(o.jobFaults, &armedJobFault{JobFault: f})
		return f.check()
	}
}

// AddJobFault adds a fault of jobs to those that the server has, after them. It is for jobs that are started from now on,
// and counts them from now on. It is an error when the fault could never be one.
func (s *Server) AddJobFault(f JobFault) error {
	if err := f.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobFaults = append(s.jobFaults, &armedJobFault{JobFault: f})
	return nil
}

// ClearJobFaults takes away all faults of jobs, also those given with [WithJobFault]. Jobs that were started with one keep
// it.
func (s *Server) ClearJobFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobFaults = nil
}

// check tells what is wrong with a fault.
func (f JobFault) check() error {
	switch {
	case f.Nth < 0 || f.Waits < 0 || f.Takes < 0:
		return fmt.Errorf("job fault %+v: a number is negative", f)
	case f.Gone != 0 && f.Gone != codeNoJob && f.Gone != codeJobGone:
		return fmt.Errorf("job fault %+v: a job is gone with code %d or %d", f, codeNoJob, codeJobGone)
	case f.Type != "" && !knownJobType(f.Type):
		return fmt.Errorf("job fault: there are no jobs of type %q", f.Type)
	}
	return nil
}

func knownJobType(jobType string) bool {
	for _, k := range jobKinds {
		if k.jobType == jobType {
			return true
		}
	}
	return false
}

// WithJobTime sets how long a job runs, by the server's clock; what it publishes is there when it is done. The default
// is 0: a job is done when it is first asked for.
func WithJobTime(d time.Duration) Option {
	return func(o *options) error {
		if d < 0 {
			return fmt.Errorf("job time %v is negative", d)
		}
		o.jobTime = d
		return nil
	}
}

// WithJobsByHand makes jobs go on when [Server.StepJobs] is called, and not by the clock.
func WithJobsByHand() Option {
	return func(o *options) error {
		o.jobsByHand = true
		return nil
	}
}

// jobFaultFor counts a job and returns the fault it meets; the zero one for none.
func (s *Server) jobFaultFor(j *job) JobFault {
	var met JobFault
	found := false
	for _, f := range s.jobFaults {
		if f.Type != "" && f.Type != jobKinds[j.Kind].jobType {
			continue
		}
		f.seen++
		if !found && (f.Nth == 0 || f.Nth == f.seen) {
			met, found = f.JobFault, true
		}
	}
	return met
}

func (s *Server) listJobFaults([]byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type seen struct {
		Fault JobFault `json:"fault"`
		Seen  int      `json:"seen"`
	}
	faults := []seen{}
	for _, f := range s.jobFaults {
		faults = append(faults, seen{f.JobFault, f.seen})
	}
	return map[string]any{"jobFaults": faults}, nil
}

func (s *Server) postJobFault(body []byte) (any, error) {
	var f JobFault
	if err := strictJSON(body, &f); err != nil {
		return nil, err
	}
	if err := s.AddJobFault(f); err != nil {
		return nil, err
	}
	return s.listJobFaults(nil)
}

func (s *Server) deleteJobFaults([]byte) (any, error) {
	s.ClearJobFaults()
	return s.listJobFaults(nil)
}

func (s *Server) postStep([]byte) (any, error) {
	steps, err := s.StepJobs()
	return map[string]int{"steps": steps}, err
}
