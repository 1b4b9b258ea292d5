package state

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// The folder of a store has one file of rows and a folder with a file for each piece. The rows are in buckets: one says
// which format this is, one has a row for each piece that is kept, and one for each table has a row for each record,
// under its number in the table's order.
const (
	rowsFile     = "state.db"
	piecesFolder = "blobs"

	formatBucket = "format"
	formatKey    = "version"
	formatNumber = "1"
	piecesBucket = "pieces"
	tablePrefix  = "tables/"
)

// lockWait is how long Open waits for another process to let go of the folder: as long as one that was told to stop may
// take.
const lockWait = time.Second

// disk is the rows of a store on disk.
type disk struct {
	db     *bbolt.DB
	update func(func(*bbolt.Tx) error) error // of db
}

// pieceRow is the row of a piece that is kept.
type pieceRow struct {
	Bytes   int64 `json:"bytes"`
	Records int   `json:"records"` // how many hold it
}

// batch is what of the rows is another after a transaction, by bucket and key. A row that is no more is nil.
type batch map[string]map[string][]byte

func (b batch) set(bucket, key string, row []byte) {
	if b[bucket] == nil {
		b[bucket] = make(map[string][]byte)
	}
	b[bucket][key] = row
}

// Open returns the store in a folder, which it makes when it is not there. Everything that was in the folder when the
// last transaction ended is in the store, and pieces that no record held are gone. It is an error when the folder holds
// something else, when another process has it open, when another version wrote it in a format this one does not know, and
// when the file of a piece is missing. What is made is for the owner's eyes only.
func Open(dir string) (*Store, error) {
	s, err := open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the state in %q: %w", dir, err)
	}
	return s, nil
}

func open(dir string) (*Store, error) {
	if err := prepare(dir); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(filepath.Join(dir, rowsFile), 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType})
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, errors.New("another process has it open")
	case err != nil:
		return nil, fmt.Errorf("%s: %w", rowsFile, err)
	}
	blobs := filepath.Join(dir, piecesFolder)
	s := &Store{tables: make(map[string]table), pieces: newPieces(folder(blobs)), disk: &disk{db: db, update: db.Update}}
	if err := errors.Join(s.load(blobs), syncFolder(dir)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepare makes the folder, or looks whether it is one of a store.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var others []string
	for _, e := range entries {
		if e.Name() == rowsFile {
			return nil
		}
		others = append(others, e.Name())
	}
	if len(others) > 0 {
		return fmt.Errorf("the folder holds something else: %s", strings.Join(others[:min(len(others), 3)], ", "))
	}
	return nil
}

// load reads all rows, and makes the folder of pieces have what they tell.
func (s *Store) load(blobs string) error {
	if err := s.disk.checkFormat(); err != nil {
		return err
	}
	if err := os.MkdirAll(blobs, 0o700); err != nil {
		return err
	}
	files, err := filesIn(blobs)
	if err != nil {
		return err
	}
	err = s.disk.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, rows *bbolt.Bucket) error {
			if table, is := strings.CutPrefix(string(name), tablePrefix); is {
				return s.loadTable(table, rows)
			}
			if string(name) == piecesBucket {
				return s.loadPieces(rows, files)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	for id := range files {
		if s.pieces.known[id] == nil {
			s.pieces.shelf.remove(id)
		}
	}
	return nil
}

// checkFormat looks whether the rows are in the format written here, and makes a new file one.
func (d *disk) checkFormat() error {
	isNew := false
	err := d.db.View(func(tx *bbolt.Tx) error {
		about := tx.Bucket([]byte(formatBucket))
		if about != nil {
			if format := string(about.Get([]byte(formatKey))); format != formatNumber {
				return fmt.Errorf("%s is in format %q, this version knows format %q", rowsFile, format, formatNumber)
			}
			return nil
		}
		if first, _ := tx.Cursor().First(); first != nil {
			return fmt.Errorf("%s is not the state of an emulator", rowsFile)
		}
		isNew = true
		return nil
	})
	if err != nil || !isNew {
		return err
	}
	return d.write(batch{formatBucket: {formatKey: []byte(formatNumber)}})
}

// loadTable makes a table of rows as they are. NewTable reads them: it knows of what type they are.
func (s *Store) loadTable(name string, rows *bbolt.Bucket) error {
	t := &Table[json.RawMessage]{store: s, name: name}
	s.tables[name] = t
	return rows.ForEach(func(key, row []byte) error {
		if len(key) != 8 {
			return fmt.Errorf("table %q has a row %x", name, key)
		}
		record := json.RawMessage(slices.Clone(row))
		t.list = append(t.list, &record)
		t.rows = append(t.rows, binary.BigEndian.Uint64(key))
		return nil
	})
}

// loadPieces learns which pieces are kept. What is there of each is looked up in the sizes of the files.
func (s *Store) loadPieces(rows *bbolt.Bucket, files map[string]int64) error {
	return rows.ForEach(func(key, value []byte) error {
		var row pieceRow
		if err := json.Unmarshal(value, &row); err != nil {
			return fmt.Errorf("piece %q: %w", key, err)
		}
		size, there := files[string(key)]
		if !there {
			return fmt.Errorf("the file %s/%s is missing", piecesFolder, key)
		}
		if size != row.Bytes {
			return fmt.Errorf("the file %s/%s has %d bytes, not %d", piecesFolder, key, size, row.Bytes)
		}
		s.pieces.learn(string(key), &piece{bytes: row.Bytes, records: row.Records})
		return nil
	})
}

// filesIn returns the sizes of the files in a folder.
func filesIn(dir string) (map[string]int64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := make(map[string]int64)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			files[e.Name()] = info.Size()
		}
	}
	return files, nil
}

// batch makes the rows of the changes of the transaction. What was changed more than once is one row, as it is now.
func (s *Store) batch() (batch, error) {
	b := make(batch)
	for _, c := range s.changes {
		switch {
		case c.piece != "":
			row, err := s.pieces.row(c.piece)
			if err != nil {
				return nil, err
			}
			b.set(piecesBucket, c.piece, row)
		case c.table != "":
			key := binary.BigEndian.AppendUint64(nil, c.row)
			if _, done := b[tablePrefix+c.table][string(key)]; done {
				continue
			}
			var row []byte
			if t := s.tables[c.table]; t != nil {
				var err error
				if row, err = t.encode(c.row); err != nil {
					return nil, fmt.Errorf("writing a record of table %q: %w", c.table, err)
				}
			}
			b.set(tablePrefix+c.table, string(key), row)
		}
	}
	return b, nil
}

// write makes the rows what a batch tells, all of them or none. Only where the error is an [uncertain] one it is not
// known which.
func (d *disk) write(b batch) error {
	var written int
	err := d.update(func(tx *bbolt.Tx) error {
		written = tx.ID()
		for _, bucket := range slices.Sorted(maps.Keys(b)) {
			if err := writeBucket(tx, []byte(bucket), b[bucket]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	err = fmt.Errorf("writing %s: %w", rowsFile, err)
	var last int
	seen := d.db.View(func(tx *bbolt.Tx) error {
		last = tx.ID()
		return nil
	})
	if seen != nil || last >= written {
		return &uncertain{err}
	}
	return err
}

// uncertain is the error of a transaction that may be on disk although it failed: all that was left was to hear from the
// disk that it is.
type uncertain struct{ cause error }

func (u *uncertain) Error() string {
	return u.cause.Error() + "; nothing can be changed until the state is opened anew"
}

func (u *uncertain) Unwrap() error { return u.cause }

func writeBucket(tx *bbolt.Tx, name []byte, rows map[string][]byte) error {
	bucket, err := tx.CreateBucketIfNotExists(name)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		if row := rows[key]; row == nil {
			err = bucket.Delete([]byte(key))
		} else {
			err = bucket.Put([]byte(key), row)
		}
		if err != nil {
			return err
		}
	}
	if first, _ := bucket.Cursor().First(); first == nil {
		return tx.DeleteBucket(name)
	}
	return nil
}

// syncFolder makes durable which files a folder has. Windows has no such call and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
