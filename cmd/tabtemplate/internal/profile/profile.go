// Package profile keeps where people sign in to, and with what, so that they need not say it again.
//
// A [Store] is a file, profiles.json, in a folder that only its owner can read. The secrets are in the keyring of the system;
// where there is none that takes them they are in the file, which is why it is not read when others can read it.
package profile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/gofrs/flock"
	"github.com/zalando/go-keyring"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// Default is the name of a profile for which nobody has said another one.
const Default = "default"

// keyringService is what the secrets in the system's keyring belong to.
const keyringService = "tabtemplate profiles"

// version is that of the file.
const version = 1

// A Profile says where to sign in to, and as whom.
type Profile struct {
	Name      string `json:"name"`
	Server    string `json:"server"`
	Site      string `json:"site"`       // content URL
	User      string `json:"user"`       // or TokenName
	TokenName string `json:"token_name"` // of a personal access token
}

// entry is a profile as the file has it.
type entry struct {
	Profile
	Secret string `json:"secret,omitempty"` // "" when it is in the keyring
}

// contents are what the file says.
type contents struct {
	Version  int     `json:"version"`
	Default  string  `json:"default"`  // the one of the last login, "" for none
	Profiles []entry `json:"profiles"` // by name
}

// Listed is a profile and what is known of it besides.
type Listed struct {
	Profile
	Default bool `json:"default"` // it is taken where none is named
	InFile  bool `json:"in_file"` // its secret is in the file, not in the keyring
}

// A Store keeps profiles.
type Store struct{ dir string }

// Open is the store in a folder, which is made when something is saved.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir) // the keyring is that of all folders
	return &Store{dir}, err
}

// Path is that of the file.
func (s *Store) Path() string { return filepath.Join(s.dir, "profiles.json") }

// A NotFoundError is a profile that is not there.
type NotFoundError struct {
	Name  string   // "" for the default one
	Names []string // of those that are there
}

func (e *NotFoundError) Error() string {
	if e.Name == "" && len(e.Names) > 0 {
		return "no profile is the default one; there is " + strings.Join(e.Names, ", ")
	}
	text := "there is no profile"
	if e.Name != "" {
		text = fmt.Sprintf("there is no profile %q", e.Name)
	}
	if len(e.Names) > 0 {
		return text + "; there is " + strings.Join(e.Names, ", ")
	}
	return text
}

// ErrNoSecret is a profile whose secret is no longer in the keyring.
var ErrNoSecret = errors.New("its secret is not in the keyring")

// ErrExposed is a file that others than its owner can read.
var ErrExposed = errors.New("others can read it")

// All lists the profiles by name.
func (s *Store) All() ([]Listed, error) {
	c, err := s.read()
	if err != nil {
		return nil, err
	}
	list := make([]Listed, len(c.Profiles))
	for i, e := range c.Profiles {
		list[i] = Listed{e.Profile, e.Name == c.Default, e.Secret != ""}
	}
	return list, nil
}

// Find finds a profile by name, or with "" the default one. The error is a [*NotFoundError] when it is not there.
func (s *Store) Find(name string) (Profile, error) {
	e, err := s.find(name)
	return e.Profile, err
}

// Secret is the password of the profile's user, or the secret of its token.
func (s *Store) Secret(name string) (string, error) {
	e, err := s.find(name)
	if err != nil || e.Secret != "" {
		return e.Secret, err
	}
	secret, err := keyring.Get(keyringService, s.account(e.Name))
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return "", fmt.Errorf("profile %q: %w", e.Name, ErrNoSecret)
	case err != nil:
		return "", fmt.Errorf("profile %q: %w: %w", e.Name, ErrNoSecret, err)
	}
	return secret, nil
}

// Save keeps a profile, over one that has its name, and makes it the default one. Where the keyring does not take the secret
// it goes into the file, and the error of the keyring is returned as inFile.
func (s *Store) Save(p Profile, secret string) (inFile, err error) {
	if err := CheckName(p.Name); err != nil {
		return nil, err
	}
	err = s.change(func(c *contents) error {
		e := entry{Profile: p}
		if inFile = keyring.Set(keyringService, s.account(p.Name), secret); inFile != nil {
			e.Secret = secret
		}
		c.remove(p.Name)
		c.Profiles = append(c.Profiles, e)
		c.Default = p.Name
		return nil
	})
	return inFile, err
}

// Remove takes a profile out, with its secret; "" stands for the default one. It returns its name.
func (s *Store) Remove(name string) (string, error) {
	if _, err := s.find(name); err != nil { // nor is the folder made
		return name, err
	}
	err := s.change(func(c *contents) error {
		e, err := c.find(name)
		if err != nil {
			return err
		}
		name = e.Name
		err = keyring.Delete(keyringService, s.account(name)) // of a secret in the file a former one, from when there was a keyring
		if err != nil && e.Secret == "" && !errors.Is(err, keyring.ErrNotFound) {
			return fmt.Errorf("taking the secret of profile %q out of the keyring: %w", name, err)
		}
		c.remove(name)
		if c.Default == name {
			c.Default = ""
		}
		return nil
	})
	return name, err
}

// CheckName refuses what cannot be the name of a profile.
func CheckName(name string) error {
	if strings.Contains(name, "://") {
		return fmt.Errorf("%q cannot be the name of a profile: --server says where a server is", name)
	}
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return fmt.Errorf("%q cannot be the name of a profile: it begins with a hyphen, has blanks, or is empty", name)
	}
	return nil
}

// account is what the keyring calls a profile of this store.
func (s *Store) account(name string) string { return filepath.Join(s.dir, name) }

func (s *Store) find(name string) (entry, error) {
	c, err := s.read()
	if err != nil {
		return entry{}, err
	}
	return c.find(name)
}

func (c *contents) find(name string) (entry, error) {
	wanted := cmp.Or(name, c.Default)
	i := slices.IndexFunc(c.Profiles, func(e entry) bool { return e.Name == wanted })
	if i < 0 {
		e := &NotFoundError{Name: name}
		for _, p := range c.Profiles {
			e.Names = append(e.Names, p.Name)
		}
		return entry{}, e
	}
	return c.Profiles[i], nil
}

func (c *contents) remove(name string) {
	c.Profiles = slices.DeleteFunc(c.Profiles, func(e entry) bool { return e.Name == name })
}

// read reads the file. One that is not there has no profiles.
func (s *Store) read() (*contents, error) {
	text, err := s.readPrivate()
	if errors.Is(err, fs.ErrNotExist) {
		return &contents{}, nil
	}
	c := &contents{}
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err == nil && c.Version != version {
		err = fmt.Errorf("it is of version %d, this program knows version %d", c.Version, version)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the profiles in %s: %w", s.Path(), err)
	}
	return c, nil
}

// readPrivate reads the file if nobody else can. Windows has no permissions of this kind: there a user's folder is their own.
func (s *Store) readPrivate() ([]byte, error) {
	f, err := os.Open(s.Path())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	about, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case runtime.GOOS != "windows" && about.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%w (its permissions are %04o)", ErrExposed, about.Mode().Perm())
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(f)
	return text.Bytes(), err
}

// change reads the file, changes what it says and writes it again, one process at a time.
func (s *Store) change(change func(*contents) error) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(s.Path()+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("locking the profiles: %w", err)
	}
	defer lock.Close() // the lock has no contents that closing could lose
	c, err := s.read()
	if err != nil {
		return err
	}
	if err := change(c); err != nil {
		return err
	}
	c.Version = version
	slices.SortFunc(c.Profiles, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return packaging.WriteFile(s.Path(), bytes.NewReader(append(text, '\n')), packaging.Private(), packaging.Overwrite())
}
