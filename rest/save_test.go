package rest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func downloading(name, content string, err error) func(io.Writer) (DownloadInfo, error) {
	return func(w io.Writer) (DownloadInfo, error) {
		n, _ := io.WriteString(w, content)
		return DownloadInfo{FileName: name, Size: int64(n)}, err
	}
}

// filesIn are the names and contents of a folder's files, temporary ones too.
func filesIn(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry.Name()+"="+string(content))
	}
	return strings.Join(all, " ")
}

func TestSaveFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("after 3 bytes: connection reset")
	for name, test := range map[string]struct {
		path     string // below the folder
		download func(io.Writer) (DownloadInfo, error)
		saved    string
		files    string
		err      string
	}{
		"the server's name":   {"", downloading("Sales.twbx", "PK", nil), "Sales.twbx", "Sales.twbx=PK old.twb=old", ""},
		"a name of one's own": {"mine.twbx", downloading("Sales.twbx", "PK", nil), "mine.twbx", "mine.twbx=PK old.twb=old", ""},
		"in place of another": {"old.twb", downloading("Sales.twbx", "new", nil), "old.twb", "old.twb=new", ""},
		"broken off":          {"old.twb", downloading("Sales.twbx", "new", broken), "", "old.twb=old", "connection reset"},
		"no name":             {"", downloading("", "new", nil), "", "old.twb=old", "no name"},
		"no folder":           {"none/", downloading("a", "new", nil), "", "old.twb=old", "none"},
		"a hostile name":      {"", downloading(`CON.twb`, "x", nil), "_CON.twb", "_CON.twb=x old.twb=old", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "old.twb"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			saved, _, err := SaveFile(folder+string(filepath.Separator)+test.path, test.download)
			if test.err == "" {
				errorIs(t, err, nil)
			} else {
				errorHas(t, err, test.err)
			}
			if test.saved != "" && saved != filepath.Join(folder, test.saved) || test.saved == "" && saved != "" {
				t.Errorf("saved as %s", saved)
			}
			if info, err := os.Stat(saved); saved != "" && (err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
				t.Errorf("%v, %v", info, err)
			}
			if got := filesIn(t, folder); got != test.files {
				t.Errorf("the folder holds %s, want %s", got, test.files)
			}
		})
	}
}

func TestSafeFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Sales & Zürich, 日本.twbx":         "Sales & Zürich, 日本.twbx",
		`a<b>c:d"e|f?g*h.twb`:             "a_b_c_d_e_f_g_h.twb",
		"dots... ":                        "dots",
		"..":                              "",
		"com1.twb":                        "_com1.twb",
		"COM10.twb":                       "COM10.twb",
		strings.Repeat("é", 200) + ".twb": strings.Repeat("é", 118) + ".twb",
	} {
		if got := safeFileName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
