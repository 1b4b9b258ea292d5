package rest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// SaveFile saves a download on disk: it calls download with a writer to a temporary file, and gives that its name when all of
// it has arrived. Nothing is left behind when it fails, and a file of the name is replaced only when it does not.
//
// With a path to a folder, or one that ends in a slash, the file takes the name that the server gives it, without any path and
// without what the file systems of the common computers do not allow; a server that gives no name is an error. The folder has
// to exist. A new file can be read by its owner alone. SaveFile returns the path of the file.
//
//	path, info, err := rest.SaveFile("backup/", func(w io.Writer) (rest.DownloadInfo, error) {
//		return s.Workbooks.Download(ctx, luid, w, rest.DownloadOptions{})
//	})
func SaveFile(path string, download func(io.Writer) (DownloadInfo, error)) (saved string, info DownloadInfo, err error) {
	folder, name := filepath.Dir(path), filepath.Base(path)
	if isFolder(path) {
		folder, name = path, ""
	}
	saved, info, err = saveFile(folder, name, download)
	if err != nil {
		return "", info, fmt.Errorf("saving %s: %w", path, err)
	}
	return saved, info, nil
}

func isFolder(path string) bool {
	if path == "" || os.IsPathSeparator(path[len(path)-1]) {
		return true
	}
	found, err := os.Stat(path)
	return err == nil && found.IsDir()
}

func saveFile(folder, name string, download func(io.Writer) (DownloadInfo, error)) (saved string, info DownloadInfo, err error) {
	if folder == "" {
		folder = "."
	}
	f, err := os.CreateTemp(folder, ".download-*")
	if err != nil {
		return "", info, err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // it is thrown away, and may be closed
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if info, err = download(f); err != nil {
		return "", info, err
	}
	if name == "" {
		if name = safeFileName(info.FileName); name == "" {
			return "", info, errors.New("the server gave the file no name; give it one")
		}
	}
	saved = filepath.Join(folder, name)
	return saved, info, keepAs(f, saved)
}

// keepAs gives a temporary file its name, and the mode of the file it replaces. A new one is for its owner alone: it may hold
// data that not everybody on the machine may see.
func keepAs(f *os.File, path string) error {
	mode := os.FileMode(0o600)
	if old, err := os.Stat(path); err == nil {
		mode = old.Mode().Perm()
	}
	if err := errors.Join(f.Chmod(mode), f.Sync()); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// safeFileName is a name that the file systems of Windows, macOS and Linux take, as like the given one as can be; "" if nothing
// is left of it.
func safeFileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/\|?*`, r) || r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(name, " .")
	stem, _, _ := strings.Cut(name, ".")
	if isDevice(strings.ToUpper(strings.TrimSpace(stem))) {
		name = "_" + name
	}
	return shortName(name)
}

// isDevice says that Windows takes a name for a device, whatever its extension.
func isDevice(stem string) bool {
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

// maxFileName is how many bytes a name may have on the common file systems, less the room for a suffix.
const maxFileName = 240

// shortName cuts a name that is too long before its extension.
func shortName(name string) string {
	extension := filepath.Ext(name)
	if len(name) <= maxFileName || len(extension) > 20 {
		return name[:min(len(name), maxFileName)]
	}
	return strings.ToValidUTF8(name[:maxFileName-len(extension)], "") + extension
}
