package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tabtemplate/tabtemplate/templates"
)

// errOnePlace says that two templates would be written to one file.
var errOnePlace = errors.New("which is the place of template")

// paths is where the renderings of a site go; two in one place, or one in the place
// of a template, are an error.
func (r *renderer) paths(s *templates.Site, renderings []*templates.Rendering) ([]string, error) {
	taken := map[string]string{}
	var paths []string
	for _, rendering := range renderings {
		path := filepath.Join(r.out, s.Key, fileName(rendering.Name)+rendering.File.Kind().Ext())
		folded := strings.ToLower(path) // some file systems do not tell case apart
		if by := taken[folded]; by != "" {
			return nil, fmt.Errorf("template %q on site %q would be written to %s, %w %q",
				rendering.Template.Name, s.Key, path, errOnePlace, by)
		}
		if t := r.templateAt(path); t != nil {
			return nil, fmt.Errorf("template %q on site %q would be written to %s, which is the file of template %q itself",
				rendering.Template.Name, s.Key, path, t.Name)
		}
		taken[folded] = rendering.Template.Name
		paths = append(paths, path)
	}
	return paths, nil
}

// templateAt is the template whose file a path leads to, over whatever links, or nil.
func (r *renderer) templateAt(path string) *templates.Template {
	there, err := os.Stat(path)
	if err != nil {
		return nil // nothing can be overwritten there
	}
	for _, t := range r.manifest.Templates() {
		if own, err := os.Stat(t.Path); err == nil && os.SameFile(own, there) {
			return t
		}
	}
	return nil
}

// fileName is a published name as the name of a file on any system.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
}

// write writes the files of a site, all or none. What is at a place is replaced, a symbolic link too and not what it leads
// to.
func (r *renderer) write(s *templates.Site, renderings []*templates.Rendering, paths []string) error {
	folder := filepath.Join(r.out, s.Key)
	made, err := makeFolder(folder)
	if err != nil {
		err = fmt.Errorf("making the folder of site %q: %w", s.Key, err)
	} else if err = writeAll(folder, renderings, paths); err != nil {
		err = fmt.Errorf("writing the files of site %q: %w", s.Key, err)
	}
	if err != nil {
		for _, dir := range made {
			_ = os.Remove(dir) // which spares what is not empty
		}
	}
	return err
}

// writeAll writes files into a folder inside the one they belong to, and moves them from there when all are complete.
func writeAll(folder string, renderings []*templates.Rendering, paths []string) (err error) {
	old, err := lookAt(paths)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(folder, ".tabtemplate-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	for i, rendering := range renderings {
		if err := save(rendering, filepath.Join(temp, filepath.Base(paths[i])), old[i]); err != nil {
			return err
		}
	}
	return moveAll(temp, paths, old)
}

// makeFolder makes a folder and returns those that were not there, the innermost first. A symbolic link is refused:
// through it the folders of two sites could be one.
func makeFolder(folder string) (made []string, err error) {
	if info, err := os.Lstat(folder); err == nil && info.Mode().Type() == fs.ModeSymlink {
		return nil, fmt.Errorf("%s is a symbolic link", folder)
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return made, os.MkdirAll(folder, 0o755)
		}
		made = append(made, dir)
	}
}

// lookAt tells what is at each of the paths, nil for nothing. What is neither a file nor a symbolic link is an error.
func lookAt(paths []string) ([]fs.FileInfo, error) {
	found := make([]fs.FileInfo, len(paths))
	for i, path := range paths {
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeSymlink:
			return nil, fmt.Errorf("%s is there and is no file", path)
		}
		found[i] = info
	}
	return found, nil
}

// save writes one file to a path where nothing is, with the permissions of the one that it is to replace.
func save(r *templates.Rendering, path string, old fs.FileInfo) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := r.File.WriteTo(f); err != nil {
		return err
	}
	if old != nil && old.Mode().IsRegular() {
		return f.Chmod(old.Mode().Perm())
	}
	return nil
}

// moveAll moves files from a folder to their paths. Should one fail, those before it are gone where nothing was before.
func moveAll(from string, paths []string, old []fs.FileInfo) error {
	for i, path := range paths {
		err := os.Rename(filepath.Join(from, filepath.Base(path)), path)
		if err == nil {
			continue
		}
		for j, moved := range paths[:i] {
			if old[j] == nil {
				err = errors.Join(err, os.Remove(moved))
			}
		}
		return err
	}
	return nil
}
