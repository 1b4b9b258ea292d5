package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pythonCheck reads every entry of every archive in a folder.
const pythonCheck = `
import sys, zipfile
for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as z:
        bad = z.testzip()
        assert bad is None, (path, bad)
        print(len(z.infolist()), path)
`

// checkWithOtherPrograms has Python's zipfile and Info-ZIP's unzip read all packages in a folder, those that there are.
func checkWithOtherPrograms(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.twbx"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no packages: %v", err)
	}
	python, pythonErr := exec.LookPath("python3")
	if pythonErr == nil {
		out, err := exec.Command(python, append([]string{"-c", pythonCheck}, paths...)...).CombinedOutput()
		if err != nil || strings.Count(string(out), "\n") != len(paths) {
			t.Errorf("python3 zipfile: %v\n%s", err, out)
		}
	}
	unzip, unzipErr := exec.LookPath("unzip")
	for _, path := range paths {
		if unzipErr != nil {
			break
		}
		if out, err := exec.Command(unzip, "-tqq", path).CombinedOutput(); err != nil {
			t.Errorf("unzip -t %s: %v\n%s", filepath.Base(path), err, out)
		}
	}
	if pythonErr != nil && unzipErr != nil {
		t.Skip("neither python3 nor unzip is on this machine")
	}
}

// TestOtherProgramsReadWhatIsWritten changes every archive in several ways, and has other programs read the results.
func TestOtherProgramsReadWhatIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := archives()
	delete(files, "method nobody knows")         // to them either
	delete(files, "rubbish in the extra fields") // unzip complains of it, changed or not
	for name, in := range files {
		p := openBytes(t, in)
		doc := p.Document().Name
		base := NewBase([]byte(strings.Repeat(workbook, 3000)))
		for kind, changes := range map[string][]Change{
			"replaced": {{Name: doc, Content: Bytes([]byte("<workbook/>"))}},
			"spliced":  {{Name: doc, Content: base.With(Splice{70_000, 70_010, []byte("new")}, Splice{200_000, 200_000, []byte("new")})}},
			"renamed":  {{Name: doc, NewName: "Büch.twb"}},
			"added":    {{Name: "Data/neu ü.hyper", Add: true, Content: Bytes([]byte("hyper"))}},
		} {
			path := filepath.Join(dir, name+" "+kind+".twbx")
			if err := os.WriteFile(path, written(t, p, changes...), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkWithOtherPrograms(t, dir)
}
