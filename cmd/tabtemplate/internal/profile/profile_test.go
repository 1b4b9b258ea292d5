package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zalando/go-keyring"
)

// The keyring is that of the process, so no test here runs beside another.

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.TempDir() + "/config")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t *testing.T, s *Store, p Profile, secret string) (inFile error) {
	t.Helper()
	inFile, err := s.Save(p, secret)
	if err != nil {
		t.Fatal(err)
	}
	return inFile
}

func TestStore(t *testing.T) {
	for _, c := range []struct {
		name   string
		broken error // of the keyring
	}{{"in the keyring", nil}, {"in the file", errors.New("no such service")}} {
		t.Run(c.name, func(t *testing.T) {
			keyring.MockInit()
			if c.broken != nil {
				keyring.MockInitWithError(c.broken)
			}
			s, elsewhere := opened(t), opened(t)
			one := Profile{Name: "one", Server: "https://a.example", Site: "x", User: "ana"}
			two := Profile{Name: "two", Server: "https://b.example", TokenName: "ci"}
			for p, secret := range map[Profile]string{one: "s3cret-1", two: "s3cret-2"} {
				if inFile := save(t, s, p, secret); !errors.Is(inFile, c.broken) {
					t.Errorf("saving %s: in the file: %v, want %v", p.Name, inFile, c.broken)
				}
			}
			save(t, elsewhere, Profile{Name: "one", Server: "https://c.example", User: "eve"}, "s3cret-3")
			save(t, s, two, "s3cret-4") // over the one that is there
			for name, want := range map[string]string{"one": "s3cret-1", "two": "s3cret-4", "": "s3cret-4"} {
				if got, err := s.Secret(name); got != want || err != nil {
					t.Errorf("the secret of %q is %q, %v; want %q", name, got, err, want)
				}
			}
			want := []Listed{{one, false, c.broken != nil}, {two, true, c.broken != nil}}
			if got, err := s.All(); !slices.Equal(got, want) || err != nil {
				t.Errorf("All: %+v, %v\nwant %+v", got, err, want)
			}
			text, err := os.ReadFile(s.Path())
			if err != nil || strings.Contains(string(text), "s3cret") != (c.broken != nil) {
				t.Errorf("the file, %v:\n%s", err, text)
			}
			if name, err := s.Remove(""); name != "two" || err != nil {
				t.Errorf("removing the default one: %q, %v", name, err)
			}
			if _, err := keyring.Get(keyringService, s.account("two")); err == nil {
				t.Error("its secret is still in the keyring")
			}
			if got, err := elsewhere.Secret("one"); got != "s3cret-3" || err != nil {
				t.Errorf("the secret of another folder is %q, %v", got, err)
			}
			_, err = s.Find("two")
			if missing, ok := errors.AsType[*NotFoundError](err); !ok || !slices.Equal(missing.Names, []string{"one"}) {
				t.Errorf("finding what is gone: %v", err)
			}
		})
	}
}

// A keyring that is locked later neither gives a secret nor loses the profile.
func TestKeyringFailsLater(t *testing.T) {
	keyring.MockInit()
	s := opened(t)
	save(t, s, Profile{Name: "one", User: "ana"}, "s3cret")
	locked := errors.New("locked")
	keyring.MockInitWithError(locked)
	if _, err := s.Secret("one"); !errors.Is(err, ErrNoSecret) || !errors.Is(err, locked) {
		t.Errorf("reading: %v", err)
	}
	if _, err := s.Remove("one"); !errors.Is(err, locked) {
		t.Errorf("removing: %v", err)
	}
	if _, err := s.Find("one"); err != nil {
		t.Errorf("after that: %v", err)
	}
	keyring.MockInit() // in which nothing is
	if _, err := s.Remove("one"); err != nil {
		t.Errorf("removing what the keyring has lost: %v", err)
	}
}

// A secret that went into the file leaves a former one in the keyring, which goes with the profile.
func TestRemoveFormerSecret(t *testing.T) {
	keyring.MockInitWithError(errors.New("locked"))
	s := opened(t)
	save(t, s, Profile{Name: "one", User: "ana"}, "s3cret")
	if _, err := s.Remove("one"); err != nil {
		t.Errorf("without a keyring: %v", err)
	}
	save(t, s, Profile{Name: "one", User: "ana"}, "s3cret")
	keyring.MockInit()
	if err := keyring.Set(keyringService, s.account("one"), "former"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Remove("one"); err != nil {
		t.Error(err)
	}
	if _, err := keyring.Get(keyringService, s.account("one")); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("the former secret: %v", err)
	}
}

func TestOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permissions of this kind")
	}
	keyring.MockInitWithError(errors.New("no such service"))
	s := opened(t)
	save(t, s, Profile{Name: "one", User: "ana"}, "s3cret")
	if about, err := os.Stat(s.Path()); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", about.Mode(), err)
	}
	if about, err := os.Stat(s.dir); err != nil || about.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", about.Mode(), err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(s.Path(), mode); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Secret("one"); !errors.Is(err, ErrExposed) {
			t.Errorf("%v: reading: %v", mode, err)
		}
		if _, err := s.Save(Profile{Name: "two", User: "ana"}, "s3cret"); !errors.Is(err, ErrExposed) {
			t.Errorf("%v: saving: %v", mode, err)
		}
	}
}

// Of logins at the same time none is lost.
func TestSaveAtOnce(t *testing.T) {
	keyring.MockInitWithError(errors.New("no such service"))
	s := opened(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := s.Save(Profile{Name: fmt.Sprint("p", i), User: "ana"}, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := s.All(); len(got) != 20 || err != nil {
		t.Errorf("%d profiles, %v", len(got), err)
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{"prod": true, "ü-1.x_y": true, "": false, "-x": false, "a b": false, "a\tb": false, "a\x00": false} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestUnwritable(t *testing.T) {
	keyring.MockInit()
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(Profile{Name: "one", User: "ana"}, "s3cret"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("saving into a folder that is a file: %v", err)
	}
}
