package packaging

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// writerTo writes a text, and then fails, if it is to.
type writerTo struct {
	text  string
	err   error
	panic bool
}

func (w writerTo) WriteTo(dst io.Writer) (int64, error) {
	n, err := io.WriteString(dst, w.text)
	if w.panic {
		panic("in WriteTo")
	}
	return int64(n), errors.Join(err, w.err)
}

// contents gives the files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(b)
	}
	return found
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	good := writerTo{text: "new"}
	tests := []struct {
		name string
		old  string // "" for no file
		src  writerTo
		opts []WriteOption
		want string // content of the only file, "" for none
		err  error
	}{
		{"new file", "", good, nil, "new", nil},
		{"new file, durable", "", good, []WriteOption{Sync()}, "new", nil},
		{"new file, although it might be there", "", good, []WriteOption{Overwrite()}, "new", nil},
		{"existing file", "old", good, nil, "old", fs.ErrExist},
		{"overwrite", "old", good, []WriteOption{Overwrite(), Sync()}, "new", nil},
		{"failure", "", writerTo{"half", errBroken, false}, nil, "", errBroken},
		{"failure to overwrite", "old", writerTo{"half", errBroken, false}, []WriteOption{Overwrite()}, "old", errBroken},
	}
	for _, test := range tests {
		dir := t.TempDir()
		path := filepath.Join(dir, "v1.2 out.twbx")
		if test.old != "" {
			if err := os.WriteFile(path, []byte(test.old), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := WriteFile(path, test.src, test.opts...); !errors.Is(err, test.err) {
			t.Errorf("%s: %v", test.name, err)
		}
		got := contents(t, dir)
		if got["v1.2 out.twbx"] != test.want || len(got) > 1 || len(got) == 1 && test.want == "" {
			t.Errorf("%s: the folder holds %q", test.name, got)
		}
	}
}

func TestWriteFileRefusesPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "missing", "x"), writerTo{text: "x"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "folder"), writerTo{text: "x"}, Overwrite()); err == nil {
		t.Error("a folder was overwritten")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteFileLeavesNothingAfterAPanic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = WriteFile(filepath.Join(dir, "x"), writerTo{text: "x", panic: true})
	}()
	if got := contents(t, dir); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestWriteFileWhenAFileAppears: another process makes the file while this one writes.
func TestWriteFileWhenAFileAppears(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	err := WriteFile(path, appearing{path})
	if got := contents(t, dir); !errors.Is(err, fs.ErrExist) || len(got) != 1 || got["x"] != "theirs" {
		t.Errorf("got %v and %q", err, got)
	}
}

type appearing struct{ path string }

func (a appearing) WriteTo(w io.Writer) (int64, error) {
	if err := os.WriteFile(a.path, []byte("theirs"), 0o600); err != nil {
		return 0, err
	}
	return writerTo{text: "ours"}.WriteTo(w)
}

func TestWriteFileKeepsPermissionsAndLinks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither these permissions nor links for everyone")
	}
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o600), os.Chmod(target, 0o640), os.Symlink("target", link)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, writerTo{text: "new"}, Overwrite()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(target)
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("target is %v, %v", info, err)
	}
	if to, err := os.Readlink(link); err != nil || to != "target" || contents(t, dir)["link"] != "new" {
		t.Errorf("link leads to %q, %v; files %q", to, err, contents(t, dir))
	}
}

// looking is written as the permissions that the file has while it is being written.
type looking struct{ t *testing.T }

func (l looking) WriteTo(w io.Writer) (int64, error) {
	info, err := w.(*os.File).Stat()
	if err != nil {
		l.t.Fatal(err)
	}
	n, err := fmt.Fprintf(w, "%o", info.Mode().Perm())
	return int64(n), err
}

// A file that is private is so from the first moment on, a new one and one that is written anew.
func TestWriteFilePrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	path := filepath.Join(t.TempDir(), "key")
	for _, options := range [][]WriteOption{{Private()}, {Overwrite()}} {
		if err := WriteFile(path, looking{t}, options...); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		during, errRead := os.ReadFile(path)
		if err != nil || errRead != nil || info.Mode() != 0o600 || string(during) != "600" {
			t.Errorf("%d: %v in the end and %s on the way, %v, %v", len(options), info.Mode(), during, err, errRead)
		}
	}
}

// TestSaveOverTheSource replaces the file that the package is still read from.
func TestSaveOverTheSource(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not replace an open file")
	}
	path := filepath.Join(t.TempDir(), "book.twbx")
	in := zipOf(item{name: "Data/x", content: "x"}, book())
	if err := os.WriteFile(path, in, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := Open(f, int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.With(Change{Name: "Book.twb", Content: Bytes([]byte("<workbook/>"))})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the source is still what it was
		if err := WriteFile(path, a, Overwrite()); err != nil {
			t.Fatal(err)
		}
	}
	out, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, openBytes(t, out), "Book.twb"); got != "<workbook/>" || read(t, openBytes(t, out), "Data/x") != "x" {
		t.Errorf("document reads %q", got)
	}
	if !bytes.Equal(written(t, p), in) {
		t.Error("the open source was changed")
	}
}

// A folder that is not there is told by its name, and not by that of a temporary file.
func TestWriteFileInNoFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nowhere")
	err := WriteFile(filepath.Join(dir, "a.html"), strings.NewReader("a"))
	if wrong, ok := errors.AsType[*fs.PathError](err); !ok || wrong.Path != dir || strings.Contains(err.Error(), ".packaging-") {
		t.Error(err)
	}
}
