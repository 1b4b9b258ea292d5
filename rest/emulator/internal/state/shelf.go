package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// shelf is where the bytes of pieces are. It is used by many goroutines at once.
type shelf interface {
	add(id string, r io.Reader) (int64, error)
	open(id string) (handle, error)
	read(id string) ([]byte, error) // not to be changed
	remove(id string)
}

type handle interface {
	io.ReaderAt
	io.Closer
}

// memory is a shelf in memory.
type memory struct {
	data sync.Map // of []byte
}

func (m *memory) add(id string, r io.Reader) (int64, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	m.data.Store(id, data)
	return int64(len(data)), nil
}

func (m *memory) open(id string) (handle, error) {
	data, err := m.read(id)
	if err != nil {
		return nil, err
	}
	return inMemory{bytes.NewReader(data)}, nil
}

func (m *memory) read(id string) ([]byte, error) {
	data, known := m.data.Load(id)
	if !known {
		return nil, fmt.Errorf("piece %q has no bytes", id)
	}
	return data.([]byte), nil
}

func (m *memory) remove(id string) { m.data.Delete(id) }

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// folder is a shelf on disk, a file for each piece.
type folder string

func (f folder) path(id string) string { return filepath.Join(string(f), id) }

// add writes a file that is durable when it returns. What it leaves when the process ends before is a file of a piece
// that nobody knows, which the next Open removes.
func (f folder) add(id string, r io.Reader) (size int64, err error) {
	file, err := os.OpenFile(f.path(id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	whole := false
	defer func() {
		err = errors.Join(err, file.Close())
		if !whole {
			f.remove(id)
		}
	}()
	if size, err = io.Copy(file, r); err != nil {
		return 0, err
	}
	if err = file.Sync(); err != nil {
		return 0, err
	}
	whole = true
	return size, syncFolder(string(f))
}

func (f folder) open(id string) (handle, error) { return os.Open(f.path(id)) }

func (f folder) read(id string) ([]byte, error) { return os.ReadFile(f.path(id)) }

// remove removes a file if that is possible: where it is not, the next Open does.
func (f folder) remove(id string) { _ = os.Remove(f.path(id)) }
