package state

import (
	"bytes"
	"fmt"
	"io"
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
