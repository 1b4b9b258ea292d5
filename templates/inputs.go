package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// An inputter is a verb that reads files.
type inputter interface {
	// inputs are the paths of the files, in an order that stays the same. What is different for each site is not in it.
	inputs() []string
}

// Inputs returns a hash, in hexadecimal digits, of what renderings are made of: the manifest, its files with sites and the
// sites of [WithSites], the files of the templates, the tables that translate them, and the files that edits take for all
// sites. While it stays the same, so does what is rendered, but for what env, file and secret return, for files whose
// paths have expressions in them, and for other versions of this package. Of what Load read it has what Load read; it
// reads the other files at each call. No secret is in it.
func (m *Manifest) Inputs() (string, error) {
	hash := sha256.New()
	for _, src := range m.sources {
		fmt.Fprintf(hash, "%q %d\n%s", src.name, len(src.text), src.text)
	}
	encoder := json.NewEncoder(hash)
	for _, s := range m.given {
		if err := encoder.Encode(s); err != nil {
			return "", fmt.Errorf("hashing site %q: %w", s.Key, err)
		}
	}
	for _, t := range m.templates {
		paths := []string{t.Path}
		for _, e := range t.edits {
			if reads, ok := e.verb.(inputter); ok {
				paths = append(paths, reads.inputs()...)
			}
		}
		for _, path := range paths {
			if err := hashInto(hash, path); err != nil {
				return "", fmt.Errorf("hashing the inputs: %w", err)
			}
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// hashInto hashes the size and the content of a file.
func hashInto(hash io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(hash, "%d\n", info.Size()); err != nil {
		return err
	}
	_, err = io.Copy(hash, f)
	return err
}
