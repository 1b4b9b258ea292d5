package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// A destination is where the files go that a command gets from a server.
type destination struct {
	out       string // -o
	overwrite bool
	saved     []fs.FileInfo // by this command
}

func (d *destination) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&d.out, "output", "o", "", "the `FILE` or the folder to write to, - for the output (default the current folder)")
	cmd.Flags().BoolVar(&d.overwrite, "overwrite", false, "write over a file that is there")
}

// toStdout says that the file is the output of the command.
func (d *destination) toStdout() bool { return d.out == "-" }

// isFolder says that files take their own names there.
func (d *destination) isFolder() bool {
	if d.out == "" || os.IsPathSeparator(d.out[len(d.out)-1]) {
		return true
	}
	info, err := os.Stat(d.out)
	return err == nil && info.IsDir()
}

// save gets a file, whole or not at all, and returns its path. In a folder it takes the name, or with "" the one that the server
// gives it.
func (d *destination) save(a *app, name string, get func(io.Writer) (rest.DownloadInfo, error)) (path string, bytes int64, err error) {
	if d.toStdout() {
		info, err := get(a.stdout)
		return "", info.Size, err
	}
	folder := filepath.Dir(d.out)
	if d.isFolder() {
		folder = filepath.Clean(d.out)
	} else {
		name = filepath.Base(d.out)
	}
	if name != "" {
		if err := d.free(filepath.Join(folder, name)); err != nil {
			return "", 0, err
		}
	}
	made, err := existingFolder(folder)
	if err != nil {
		return "", 0, fmt.Errorf("making the folder of the file: %w", err)
	}
	path, bytes, err = d.saveIn(folder, name, get)
	if err != nil {
		for _, dir := range made {
			_ = os.Remove(dir) // which spares what is not empty
		}
	}
	return path, bytes, err
}

// existingFolder makes a folder where there is none.
func existingFolder(folder string) (made []string, err error) {
	if _, err := os.Stat(folder); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return makeFolder(folder)
}

// saveIn saves a file in a folder of its own, from where it goes to its place once its name is known.
func (d *destination) saveIn(folder, name string, get func(io.Writer) (rest.DownloadInfo, error)) (path string, bytes int64, err error) {
	temp, err := os.MkdirTemp(folder, ".tabtemplate-*")
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	saved, info, err := rest.SaveFile(temp+string(filepath.Separator)+name, get)
	if err != nil {
		return "", 0, errors.Unwrap(err) // without the path of the folder that is gone then
	}
	path = filepath.Join(folder, filepath.Base(saved))
	if err := d.free(path); err != nil {
		return "", 0, err
	}
	if err := os.Rename(saved, path); err != nil {
		return "", 0, err
	}
	there, err := os.Lstat(path)
	d.saved = append(d.saved, there)
	return path, info.Size, err
}

// free refuses to write over what is there, and in any case over what the same command has saved.
func (d *destination) free(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case slices.ContainsFunc(d.saved, func(saved fs.FileInfo) bool { return os.SameFile(saved, info) }):
		return withAdvice(fmt.Errorf("%s is what was saved just now, of the same name", path), "download each to a folder of its own, with -o FOLDER/")
	case d.overwrite:
		return nil
	}
	return withAdvice(fmt.Errorf("%s is there already", path), "--overwrite writes over it")
}
