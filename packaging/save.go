package packaging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

// WriteOption changes how [WriteFile] writes.
type WriteOption func(*writeOptions) error

type writeOptions struct{ overwrite, sync, private bool }

// Overwrite lets WriteFile replace a file that exists. By default it refuses.
func Overwrite() WriteOption {
	return func(o *writeOptions) error { o.overwrite = true; return nil }
}

// Sync makes WriteFile wait until the file and its name are on the disk, so that a power failure cannot take it away. By
// default it does not wait, as cp does not.
func Sync() WriteOption {
	return func(o *writeOptions) error { o.sync = true; return nil }
}

// Private makes a new file one that only its owner can read and write. By default it gets the permissions of any new file.
func Private() WriteOption {
	return func(o *writeOptions) error { o.private = true; return nil }
}

// WriteFile writes all of src to the file with exactly this path, whole or not at all: it writes a temporary file in the
// same directory, which must exist, and gives it the path when it is complete. On failure nothing is left behind, and a
// file that was there is untouched. The file may be the one src reads from; it keeps its permissions, and a symbolic link
// keeps pointing to it.
//
// A file that exists is refused with an error that is fs.ErrExist, unless [Overwrite] is given; what is there and is no
// regular file is always refused.
func WriteFile(path string, src io.WriterTo, opts ...WriteOption) error {
	var o writeOptions
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return err
		}
	}
	if err := o.write(path, src); err != nil {
		return fmt.Errorf("writing %q: %w", path, err)
	}
	return nil
}

func (o *writeOptions) write(path string, src io.WriterTo) (err error) {
	mode, temporary := fs.FileMode(0), fs.FileMode(0o666)
	if o.private {
		temporary = 0o600
	}
	if old, err := os.Stat(path); err == nil {
		if !old.Mode().IsRegular() {
			return errors.New("there is something else than a regular file")
		}
		if !o.overwrite {
			return fs.ErrExist
		}
		mode, temporary = old.Mode().Perm(), 0o600 // until it is complete it is nobody else's
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := createTemp(filepath.Dir(path), temporary)
	if err != nil {
		return err
	}
	published := false
	defer func() {
		if !published { // also when src panics
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := o.fill(f, src, mode); err != nil {
		return err
	}
	if err := o.publish(f.Name(), path); err != nil {
		return err
	}
	published = true
	if o.sync && runtime.GOOS != "windows" { // which has no such call for a directory
		return syncDir(filepath.Dir(path))
	}
	return nil
}

// createTemp makes a file with the permissions that a new file gets, or fewer, under a name that no other has.
func createTemp(dir string, mode fs.FileMode) (*os.File, error) {
	for {
		name := filepath.Join(dir, fmt.Sprintf(".packaging-%016x", rand.Uint64()))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if wrong, ok := errors.AsType[*fs.PathError](err); ok {
			wrong.Path = dir // nobody knows the name of the file
		}
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// fill writes src to the temporary file, gives it the permissions of the file it replaces, and closes it.
func (o *writeOptions) fill(f *os.File, src io.WriterTo, mode fs.FileMode) error {
	if _, err := src.WriteTo(f); err != nil {
		return err
	}
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return err
		}
	}
	if o.sync {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return f.Close()
}

// publish gives the complete file its path. A link cannot replace a file that appeared meanwhile, as a rename would;
// where links are not to be had, the last look before the rename must do.
func (o *writeOptions) publish(temp, path string) error {
	if o.overwrite {
		return os.Rename(temp, path)
	}
	err := os.Link(temp, path)
	if err == nil {
		return os.Remove(temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return fs.ErrExist
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return os.Rename(temp, path)
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
