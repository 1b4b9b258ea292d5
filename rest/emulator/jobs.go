package emulator

import (
	"cmp"
	"net/http"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// workTables are what the server does for a site, at once and over time.
type workTables struct {
	jobs          *state.Table[job]
	tasks         *state.Table[task]
	linkedTasks   *state.Table[linkedTask]
	subscriptions *state.Table[subscription]
}

func openWork(store *state.Store, path string) workTables {
	return workTables{
		jobs:          state.NewTable(store, path+"jobs", func(j *job) string { return j.LUID }),
		tasks:         state.NewTable(store, path+"tasks", func(t *task) string { return t.LUID }),
		linkedTasks:   state.NewTable(store, path+"linkedTasks", func(t *linkedTask) string { return t.LUID }),
		subscriptions: state.NewTable(store, path+"subscriptions", func(n *subscription) string { return n.LUID }),
	}
}

// job is work that the server does in the background: it waits, runs for a while, and when that is over it is done. What
// it changes is changed then, and a refusal then is its failure.
type job struct {
	LUID      string
	Kind      string // a key of jobKinds
	User      string // LUID of the user it runs for
	Priority  int
	About     object
	Part      string // LUID of what of the object it is about: the run of a flow, a connection; "" for all
	Work      work   // nothing once the job is done
	Fault     JobFault
	Status    string // as the list of jobs words it
	CreatedAt time.Time
	After     string        // LUID of the job that must be done before this one starts; "" for none
	Stops     bool          // those that wait for it are cancelled unless it succeeds
	StartsAt  time.Time     // when it starts at the earliest, and when it did
	Takes     time.Duration // how long it runs
	EndedAt   time.Time     // when it was done
	Notes     string        // what it tells of how it went
	Failure   *failure      // nil unless it failed
}

// The states of a job.
const (
	jobPending    = "Pending"
	jobInProgress = "InProgress"
	jobSuccess    = "Success"
	jobFailed     = "Failed"
	jobCancelled  = "Cancelled"
)

// object is what a job or a task is about, under the name it had when that was made.
type object struct {
	Kind string // the element
	LUID string
	Name string
}

func (a *asset) object() object { return object{a.Kind, a.LUID, a.Name} }

// defaultPriority is the priority of what does not say another, from 1, the most urgent, to 100.
const defaultPriority = 50

// maxJobs is how many jobs of a site are remembered.
const maxJobs = 10_000

// isDone tells whether the job is over.
func (j *job) isDone() bool { return j.Status != jobPending && j.Status != jobInProgress }

// work is what a job does when its end has come: the one member that is there. It is data, because it waits on disk.
type work struct {
	Publish     *publication
	GroupImport *groupImport
	GroupSync   *groupSync
	UserImport  *userImport
	UserDelete  *userDelete
	Refresh     *refresh
	Extract     *extraction
	Hyper       *hyperUpdate
	Thumbnails  *thumbnailRefresh
	Task        *taskRun
	Flow        *flowRun
	Notify      *mailing
}

// chore is work that can be done.
type chore interface {
	// do does the work, at the time the job has as its end. An error undoes it. The notes are what the job tells of it.
	do(s *Server, where *site, j *job) (notes string, err error)
	// drop lets go of what was kept for the work, done or not: the job is over. What the work made has kept it by itself.
	drop(s *Server, where *site, j *job)
}

// starter is a chore that is told when its job starts.
type starter interface {
	started(s *Server, where *site, j *job)
}

// chore returns the member that is there.
func (w work) chore() chore {
	switch {
	case w.GroupImport != nil:
		return w.GroupImport
	case w.GroupSync != nil:
		return w.GroupSync
	case w.UserImport != nil:
		return w.UserImport
	case w.UserDelete != nil:
		return w.UserDelete
	case w.Refresh != nil:
		return w.Refresh
	case w.Extract != nil:
		return w.Extract
	case w.Hyper != nil:
		return w.Hyper
	case w.Thumbnails != nil:
		return w.Thumbnails
	case w.Flow != nil:
		return w.Flow
	case w.Task != nil:
		return w.Task
	case w.Notify != nil:
		return w.Notify
	}
	return w.Publish
}

// failure is a refusal that waits to be told.
type failure struct {
	Code   int
	Detail string
}

func failureOf(err error) *failure {
	refusal := refusalOf(err)
	return &failure{refusal.code, refusal.detail}
}

func (f *failure) err() error { return refuse(f.Code, "%s", f.Detail) }

// queued is a job that is not done yet.
type queued struct{ Job, Site string }

// startJob queues a job of the caller and tells of it as it is before it runs. Its kind, object and work are given.
func (c *call) startJob(j job) *reply {
	j.User = c.user.LUID
	started := c.server.enqueue(c.site, j, c.now)
	return c.accepted(started, started.render(c.now))
}

// accepted answers that a job was queued.
func (c *call) accepted(j *job, body *element) *reply {
	return &reply{status: http.StatusAccepted, location: c.path("jobs", j.LUID), body: []*element{body}}
}

// enqueue queues a job, whose kind, user, object and work are given.
func (s *Server) enqueue(where *site, j job, now time.Time) *job {
	j.LUID, j.Status, j.CreatedAt = s.newID(), jobPending, now
	if j.Work.Flow != nil {
		j.Part = s.newID()
	}
	j.Priority = cmp.Or(j.Priority, defaultPriority)
	j.Fault = s.jobFaultFor(&j)
	j.StartsAt, j.Takes = now.Add(j.Fault.Waits), cmp.Or(j.Fault.Takes, s.jobTime)
	where.jobs.Put(&j)
	s.queue.Put(&queued{j.LUID, where.luid})
	return &j
}

// settle does everything that is due by now, in the order of the times it is due at, and forgets the uploads nobody went
// on with.
func (s *Server) settle(now time.Time) error {
	s.forgetUploads(now)
	for {
		at, some := s.firstDue(now)
		if !some {
			return nil
		}
		s.runDue(at, now)
	}
}

// firstDue returns the time of what is due first by now.
func (s *Server) firstDue(now time.Time) (first time.Time, some bool) {
	consider := func(at time.Time) {
		if !at.After(now) && (!some || at.Before(first)) {
			first, some = at, true
		}
	}
	for _, q := range s.queue.All() {
		if at, known := s.nextStep(q); known {
			consider(at)
		}
	}
	if at, some := s.nextRun(); some {
		consider(at)
	}
	return first, some
}

// nextRun returns when the first of the schedules is due. It looks at them when they are others than the last time.
func (s *Server) nextRun() (at time.Time, some bool) {
	if version := s.schedules.Version(); version != s.nextRuns.version {
		s.nextRuns = nextRuns{version: version}
		for _, h := range s.schedules.All() {
			if !s.nextRuns.some || h.NextRunAt.Before(s.nextRuns.first) {
				s.nextRuns.first, s.nextRuns.some = h.NextRunAt, true
			}
		}
	}
	return s.nextRuns.first, s.nextRuns.some
}

// nextRuns is what is known of the schedules, as of a version of their table.
type nextRuns struct {
	version uint64
	first   time.Time
	some    bool
}

// runDue does what is due at a time: the steps of jobs in the order they were started, and then the runs of schedules.
func (s *Server) runDue(at, now time.Time) {
	for _, q := range s.queue.All() {
		if next, known := s.nextStep(q); known && next.Equal(at) {
			where := s.site(q.Site)
			s.step(where, where.jobs.Get(q.Job))
		}
	}
	for _, h := range s.schedules.All() {
		if h.NextRunAt.Equal(at) {
			s.runSchedule(h, now)
		}
	}
}

// nextStep returns when a job goes on by the clock. Jobs of a site that is gone do not.
func (s *Server) nextStep(q *queued) (at time.Time, known bool) {
	where := s.site(q.Site)
	if where == nil || s.jobsByHand {
		return time.Time{}, false
	}
	j := where.jobs.Get(q.Job)
	start, known := where.startOf(j)
	switch {
	case !known:
		return time.Time{}, false
	case j.Status == jobPending && j.lasts():
		return start.Add(1), true // it is seen waiting for as long as the clock stands
	case j.Fault.Hangs:
		return time.Time{}, false
	}
	return start.Add(j.Takes), true
}

// startOf returns when a job starts or has started, as soon as that is known.
func (where *site) startOf(j *job) (at time.Time, known bool) {
	before := where.jobs.Get(j.After)
	switch {
	case before == nil:
		return j.StartsAt, true
	case !before.isDone():
		return time.Time{}, false
	case before.EndedAt.After(j.StartsAt):
		return before.EndedAt, true
	}
	return j.StartsAt, true
}

// lasts tells whether there is a time in which the job runs.
func (j *job) lasts() bool { return j.Takes > 0 || j.Fault.Hangs }

// step takes a job on, at the times that the clock has for it.
func (s *Server) step(where *site, j *job) {
	start, _ := where.startOf(j)
	if j.Status == jobPending {
		running := s.begin(where, j, start)
		if running == nil || j.lasts() {
			return
		}
		j = running
	}
	s.finish(where, j, start.Add(j.Takes))
}

// StepJobs takes every job that is not done one step on, whatever the clock says: one that waits starts, and one that
// runs is done. It tells how many those were.
func (s *Server) StepJobs() (int, error) {
	steps := 0
	c := &call{server: s}
	err := s.locked(c, func(c *call) error {
		for _, q := range s.queue.All() {
			where := s.site(q.Site)
			if where == nil {
				continue
			}
			j := where.jobs.Get(q.Job)
			_, ready := where.startOf(j)
			switch {
			case !ready:
				continue
			case j.Status == jobPending:
				s.begin(where, j, c.now)
			default:
				s.finish(where, j, c.now)
			}
			steps++
		}
		return nil
	})
	return steps, err
}

// begin starts a job. One that the job before it stops is cancelled instead, and stops those after it; then it returns
// nil.
func (s *Server) begin(where *site, j *job, at time.Time) *job {
	running := *j
	if before := where.jobs.Get(j.After); before != nil && before.Stops && before.Status != jobSuccess {
		running.Stops = true
		s.cancel(where, &running, at)
		return nil
	}
	running.Status, running.StartsAt, running.After = jobInProgress, at, ""
	where.jobs.Put(&running)
	if chore, ok := j.Work.chore().(starter); ok {
		chore.started(s, where, &running)
	}
	return &running
}

// finish ends a job that runs, by doing its work or by what the fault it met makes of it. A job that fails has changed
// nothing else.
func (s *Server) finish(where *site, j *job, at time.Time) {
	if j.Fault.Cancelled {
		s.cancel(where, j, at)
		return
	}
	done := *j
	done.Status, done.EndedAt = jobSuccess, at
	err := s.store.Do(func() (err error) {
		if j.Fault.Fails != "" {
			return refuse(codeInternal, "%s", j.Fault.Fails)
		}
		done.Notes, err = j.Work.chore().do(s, where, &done)
		return err
	})
	if err != nil {
		done.Status, done.Failure = jobFailed, failureOf(err)
		done.Notes = done.Failure.Detail
	}
	s.over(where, &done)
}

// cancel ends a job that has done nothing.
func (s *Server) cancel(where *site, j *job, at time.Time) {
	done := *j
	done.Status, done.EndedAt, done.After = jobCancelled, at, ""
	if j.Status == jobPending {
		done.StartsAt = at
	}
	done.Notes = "The job was cancelled."
	s.over(where, &done)
}

// over keeps a job that is done, and forgets the oldest one when there are too many.
func (s *Server) over(where *site, done *job) {
	done.Work.chore().drop(s, where, done)
	done.Work = work{}
	where.jobs.Put(done)
	s.queue.Delete(done.LUID)
	if where.jobs.Len() <= maxJobs {
		return
	}
	if oldest := where.jobs.All()[0]; oldest.isDone() {
		where.jobs.Delete(oldest.LUID)
	}
}
