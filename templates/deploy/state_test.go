package deploy

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Shards that begin at once in one folder have one key and a journal each.
func TestOpenState(t *testing.T) {
	t.Parallel()
	const shards = 16
	dir := filepath.Join(t.TempDir(), "new", "state")
	journals := make([]*Journal, shards)
	var opening sync.WaitGroup
	for i := range shards {
		opening.Go(func() {
			j, err := OpenState(dir, Shard{i + 1, shards})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { j.Close() })
			journals[i] = j
		})
	}
	opening.Wait()
	if t.Failed() {
		return
	}
	key := journals[0].Key()
	if len(key) != 32 || bytes.Equal(key, make([]byte, 32)) {
		t.Errorf("the key is %x", key)
	}
	for i, j := range journals {
		if !bytes.Equal(j.Key(), key) {
			t.Errorf("shard %d has another key", i+1)
		}
		if want := filepath.Join(dir, fmt.Sprintf("journal-%d-of-16.jsonl", i+1)); j.path != want {
			t.Errorf("the journal is %s, want %s", j.path, want)
		}
	}
	whole, err := OpenState(dir, Shard{})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	if want := filepath.Join(dir, "journal.jsonl"); whole.path != want || !bytes.Equal(whole.Key(), key) {
		t.Errorf("without shards the journal is %s, want %s with the same key", whole.path, want)
	}
	path := filepath.Join(dir, "key")
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the file of the key is %v, %v", info.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if want := 2*(shards+1) + 1; err != nil || len(files) != want {
		t.Errorf("the folder has %d files, want %d: %v, %v", len(files), want, files, err)
	}
}

// A key that is not whole is not taken for one, and not replaced: with another one everything would be published again.
func TestOpenStateBrokenKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("opening the state in %q: the file key has 5 bytes, not 32: restore it, or delete it, and the next run publishes everything once more", dir)
	if _, err := OpenState(dir, Shard{}); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if left, err := os.ReadFile(filepath.Join(dir, "key")); err != nil || string(left) != "short" {
		t.Errorf("the key is now %q, %v", left, err)
	}
}
