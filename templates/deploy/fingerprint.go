package deploy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/tabtemplate/tabtemplate/templates"
)

// A Fingerprint tells what is published from what was published before, without holding any of it: keyed hashes in hexadecimal
// digits.
type Fingerprint struct {
	// Content is that of the file, and of what can only be set by publishing it: its name and project, tabs, hidden views and
	// credentials.
	Content string `json:"content,omitempty"`
	// Settings is that of what is set afterwards: tags, owner, description, permissions and schedules.
	Settings string `json:"settings,omitempty"`
}

// A fingerprinter makes the fingerprints of one run, with the key of its store.
type fingerprinter struct {
	key      []byte
	renderer *templates.Renderer

	mu    sync.Mutex
	files map[*templates.Template]func() (string, error) // hashes of their files
}

// of is the fingerprint of a rendering.
func (f *fingerprinter) of(r *templates.Rendering) (Fingerprint, error) {
	file, err := f.file(r.Template)
	if err != nil {
		return Fingerprint{}, err
	}
	content := hmac.New(sha256.New, f.key)
	fmt.Fprintf(content, "%s %q %q %t %q\n", file, r.Name, r.Project, r.ShowTabs, r.HideViews)
	for _, c := range r.Credentials {
		fmt.Fprintf(content, "%q %q %q %q %t %t\n", c.Server, c.Port, c.User, string(c.Password), c.Embed, c.OAuth)
	}
	if err := r.File.WriteEdits(content); err != nil {
		return Fingerprint{}, err
	}
	settings := hmac.New(sha256.New, f.key)
	err = json.NewEncoder(settings).Encode([]any{r.Description, r.Tags, r.Owner, r.Permissions, r.Schedules})
	if err != nil {
		return Fingerprint{}, err
	}
	return Fingerprint{hex.EncodeToString(content.Sum(nil)), hex.EncodeToString(settings.Sum(nil))}, nil
}

// file is the hash of a template's file as it was opened, which is read once.
func (f *fingerprinter) file(t *templates.Template) (string, error) {
	f.mu.Lock()
	once := f.files[t]
	if once == nil {
		once = sync.OnceValues(func() (string, error) {
			hash := sha256.New()
			err := f.renderer.WriteTemplate(t, hash)
			return hex.EncodeToString(hash.Sum(nil)), err
		})
		if f.files == nil {
			f.files = map[*templates.Template]func() (string, error){}
		}
		f.files[t] = once
	}
	f.mu.Unlock()
	return once()
}
