package emulator

import (
	"fmt"
	"time"
)

// JobFault makes one or more jobs go otherwise than they would, so that a client can be tested for how it waits. A job
// that several are for suffers the one given first.
type JobFault struct {
	// Type is the type of the jobs, such as PublishWorkbook or RefreshExtract; "" for any.
	Type string
	// Nth is which of the jobs of that type it is, in the order they are started and counted from 1; 0 for all of them.
	Nth int
	// Waits is how long the job waits before it starts.
	Waits time.Duration
	// Takes is how long the job runs; 0 for the time of [WithJobTime].
	Takes time.Duration
	// Hangs says that the job never ends by the clock. It can be cancelled, and [Server.StepJobs] ends it.
	Hangs bool
	// Fails says that the job fails at its end, having done nothing, and is what it tells of that; "" for no failure.
	Fails string
	// Cancelled says that the job ends as cancelled, having done nothing.
	Cancelled bool
	// Gone is the code that queries for the job are refused with when it is over, having done its work: 404018 (the job
	// is not there) or 400031 (it cannot be queried). Lists do not have it then. 0 is for a job that stays.
	Gone int
	// ListedAfter is how long what the job has published or changed is missing from lists, like what the search index
	// of a server has not taken in yet; it can be read by its LUID.
	ListedAfter time.Duration
}

type armedJobFault struct {
	JobFault
	seen int // jobs of the type
}

// WithJobFault adds a fault of jobs. Without any, jobs do what they are to do.
func WithJobFault(f JobFault) Option {
	return func(o *options) error {
		switch {
		case f.Nth < 0 || f.Waits < 0 || f.Takes < 0 || f.ListedAfter < 0:
			return fmt.Errorf("job fault %+v: a number is negative", f)
		case f.Gone != 0 && f.Gone != codeNoJob && f.Gone != codeJobGone:
			return fmt.Errorf("job fault %+v: a job is gone with code %d or %d", f, codeNoJob, codeJobGone)
		case f.Type != "" && !knownJobType(f.Type):
			return fmt.Errorf("job fault: there are no jobs of type %q", f.Type)
		}
		o.jobFaults = append(o.jobFaults, &armedJobFault{JobFault: f})
		return nil
	}
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
