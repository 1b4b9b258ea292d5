package deploy

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// The files of a folder of state.
const (
	keyFile     = "key"
	journalStem = "journal"
	journalExt  = ".jsonl"
)

// keyLength is the length of a key in bytes: that of the hashes it is for.
const keyLength = 32

// OpenState opens the journal that a shard has in a folder: journal.jsonl, or journal-2-of-4.jsonl of the second of four. The key
// of all journals there is in the file key, which is made once, at random. The key is no secret of the manifest, but who has it
// and a journal can try passwords against the fingerprints: it is not to be handed on with the reports.
func OpenState(dir string, shard Shard) (*Journal, error) {
	key, err := stateKey(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the state in %q: %w", dir, err)
	}
	name := journalStem
	if shard.Count > 0 {
		name += fmt.Sprintf("-%d-of-%d", shard.Index, shard.Count)
	}
	return OpenJournal(filepath.Join(dir, name+journalExt), key)
}

// stateKey reads the key of a folder, or makes it. Of several who make it at once one does, and all have the same.
func stateKey(dir string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, keyFile)
	for {
		key, err := os.ReadFile(path)
		switch {
		case err == nil && len(key) == keyLength:
			return key, nil
		case err == nil:
			return nil, fmt.Errorf("the file %s has %d bytes, not %d: restore it, or delete it, and the next run publishes everything once more", keyFile, len(key), keyLength)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		key = make([]byte, keyLength)
		_, _ = rand.Read(key) // which never fails
		err = packaging.WriteFile(path, bytes.NewReader(key), packaging.Private(), packaging.Sync())
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
}
