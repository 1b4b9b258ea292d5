package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/strictyaml"
)

// maxSeed is how many bytes a seed file may have.
const maxSeed = 4 * mebibyte

// seedSource is the file that a seed was read from.
type seedSource struct {
	name string
	file *strictyaml.File
}

// LoadSeed reads a seed from a YAML file. The files it names to publish are relative to the folder of the seed file. A
// secret may be written as '${env("NAME")}': it is then what lookup, which may be [os.LookupEnv], gives for the name. With
// nil for lookup that is an error. Where the file is wrong the error is [SeedProblems], which has all that is wrong.
func LoadSeed(path string, lookup func(name string) (string, bool)) (Seed, error) {
	f, err := os.Open(path)
	if err != nil {
		return Seed{}, fmt.Errorf("reading the seed: %w", err)
	}
	defer f.Close()
	limited := &io.LimitedReader{R: f, N: maxSeed + 1}
	seed := Seed{Files: folder(filepath.Dir(path))}
	file, found := strictyaml.Decode(limited, &seed)
	if limited.N == 0 {
		return Seed{}, fmt.Errorf("reading the seed: %s has more than %d bytes", path, maxSeed)
	}
	seed.source = &seedSource{path, file}
	var problems SeedProblems
	for _, p := range found {
		problems = append(problems, &SeedProblem{File: path, Line: p.Line, Col: p.Col, Message: p.Message, Hint: p.Hint})
	}
	for at, secret := range seed.secrets() {
		if err := secret.resolve(lookup); err != nil {
			problems = append(problems, seed.problem(at, "", err.Error()))
		}
	}
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b *SeedProblem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return Seed{}, problems
	}
	return seed, nil
}

// problem is one at a path of the seed.
func (seed *Seed) problem(path, hint, message string) *SeedProblem {
	p := &SeedProblem{Path: path, Message: message, Hint: hint}
	if seed.source != nil {
		at := seed.source.file.Place(path)
		p.File, p.Line, p.Col = seed.source.name, at.Line, at.Col
	}
	return p
}

// secrets are all secrets of the seed, by their paths.
func (seed *Seed) secrets() map[string]*Secret {
	all := make(map[string]*Secret)
	for i := range seed.Sites {
		site, at := &seed.Sites[i], fmt.Sprintf("sites[%d]", i)
		for j := range site.Users {
			u, at := &site.Users[j], fmt.Sprintf("%s.users[%d]", at, j)
			all[at+".password"] = &u.Password
			for k := range u.Tokens {
				all[fmt.Sprintf("%s.tokens[%d].secret", at, k)] = &u.Tokens[k].Secret
			}
		}
		for _, k := range kinds {
			published := *site.content(k)
			for j := range published {
				for n := range published[j].Connections {
					all[fmt.Sprintf("%s.%s[%d].connections[%d].password", at, k.collection, j, n)] = &published[j].Connections[n].Password
				}
			}
		}
	}
	return all
}

// content is what of a kind is to be published.
func (site *SeedSite) content(k *kind) *[]SeedContent {
	switch k {
	case workbooks:
		return &site.Workbooks
	case datasources:
		return &site.Datasources
	}
	return &site.Flows
}

var secretOfEnv = regexp.MustCompile(`^\$\{\s*env\(\s*(?:"([^"]*)"|'([^']*)')\s*\)\s*\}$`)

// resolve replaces a secret that says where it is by what is there.
func (s *Secret) resolve(lookup func(string) (string, bool)) error {
	if !strings.Contains(string(*s), "${") {
		return nil
	}
	match := secretOfEnv.FindStringSubmatch(string(*s))
	if match == nil {
		return errors.New(`a secret with ${ in it is ${env("NAME")}, and nothing beside it`)
	}
	name := match[1] + match[2]
	if lookup == nil {
		return errors.New("env is not available here")
	}
	value, known := lookup(name)
	if !known || value == "" {
		return fmt.Errorf("the environment variable %s is not set", name)
	}
	*s = Secret(value)
	return nil
}

// folder is the file system as it is seen from a folder: names may be absolute, and lead above it.
type folder string

// Open implements [fs.FS].
func (f folder) Open(name string) (fs.File, error) {
	if path := filepath.FromSlash(name); !filepath.IsAbs(path) {
		return os.Open(filepath.Join(string(f), path))
	}
	return os.Open(name)
}
