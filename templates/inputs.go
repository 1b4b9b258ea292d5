package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// Inputs returns a hash of the manifest and of the files of its templates, in hexadecimal digits: while it stays the same, so
// does what is rendered, but for what env and file return. It reads the files at each call.
func (m *Manifest) Inputs() (string, error) {
	hash := sha256.New()
	for _, path := range m.inputs() {
		if err := hashInto(hash, path); err != nil {
			return "", fmt.Errorf("hashing the inputs: %w", err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// inputs are the files that make what is rendered.
func (m *Manifest) inputs() []string {
	paths := []string{m.path}
	for _, t := range m.templates {
		paths = append(paths, t.Path)
	}
	return paths
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
