package deploy

import (
	"crypto/rand"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// A Store keeps what runs have published, so that the next one leaves alone what did not change, and what a run that was cut
// short had begun. [Journal] keeps it in a file and [MemoryStore] until the process ends; another kind may keep it in a
// database. It holds no secret. A store is used by one run at a time, and by several goroutines of it.
type Store interface {
	// Key is the key of the fingerprints: random bytes that stay the same and are in no entry, because with them and a file one
	// could try which password it was published with.
	Key() []byte
	// Entries ranges over the entries in the order in which they were appended.
	Entries() iter.Seq2[Entry, error]
	// Append adds entries, in their order, and returns when they can no longer be lost. An error fails the run: of the entries
	// it is for, the first ones may be there.
	Append(entries ...Entry) error
}

// An Entry is one thing that happened. One of its pointers is set.
type Entry struct {
	Time time.Time `json:"time"`
	// Run begins a run.
	Run *Run `json:"run,omitempty"`
	// Intent comes before the request that publishes something.
	Intent *Intent `json:"intent,omitempty"`
	// Outcome is what became of a template on a site.
	Outcome *Outcome `json:"outcome,omitempty"`
	// End says that the run came to its end: what it did not do has failed, and was not cut short.
	End *End `json:"end,omitempty"`
}

// A Run is what one call of [Publish] is to do.
type Run struct {
	ID string `json:"id"`
	// Shard is "2/4" for the second of four, "" for all sites.
	Shard string `json:"shard,omitempty"`
	// Inputs is a hash of the manifest and of all files that it names.
	Inputs string `json:"inputs"`
	// Sites are the keys of the sites, in order.
	Sites []string `json:"sites"`
}

// An End is how a run ended.
type End struct {
	Run string `json:"run"` // its ID
}

// A Target is a template on a site of a server.
type Target struct {
	ServerURL      string `json:"server"`
	SiteContentURL string `json:"content_url"`
	Template       string `json:"template"`
}

// An Intent says that something is about to be published. It is open until there is an [Outcome] of the same target; should the
// run be cut short in between, its checkpoint tells whether the server got it.
type Intent struct {
	Site        string          `json:"site"` // its key
	Target      Target          `json:"target"`
	Name        string          `json:"name"`
	Project     string          `json:"project,omitempty"`
	ProjectLUID string          `json:"project_luid"`
	Fingerprint Fingerprint     `json:"fingerprint"`
	Checkpoint  rest.Checkpoint `json:"checkpoint"`
}

// An Outcome is what became of a template on a site.
type Outcome struct {
	Target      Target      `json:"target"`
	Fingerprint Fingerprint `json:"fingerprint,omitzero"` // of what is on the server, zero if it failed
	// UpdatedAt is when the server last changed it, as it said at the end.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// PublishedAt is when its content was last published.
	PublishedAt time.Time `json:"published_at,omitzero"`
	// Open says that it is not known whether it was published: the intent stays open.
	Open bool `json:"open,omitempty"`
	// Settled says that a run was cut short after it had published this, and that it is not known what it did of the rest, such
	// as the settings: there is an outcome to come.
	Settled bool   `json:"settled,omitempty"`
	Result  Result `json:"result"`

	rendering *templates.Rendering // of a plan, on its way to who asked for it
	verified  *Verified            // of a verification, likewise
}

// A MemoryStore keeps entries until the process ends.
type MemoryStore struct {
	key []byte

	mu      sync.Mutex
	entries []Entry
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore { return &MemoryStore{key: []byte(rand.Text())} }

// Key is random.
func (s *MemoryStore) Key() []byte { return s.key }

// Entries ranges over what was appended.
func (s *MemoryStore) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s.mu.Lock()
		entries := slices.Clip(s.entries)
		s.mu.Unlock()
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Append adds entries.
func (s *MemoryStore) Append(entries ...Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, entries...)
	return nil
}
