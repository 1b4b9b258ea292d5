package documents_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// largeWorkbook is about size bytes of a workbook with one live connection.
func largeWorkbook(size int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version='1.0' encoding='utf-8' ?>\r\n\r\n<workbook version='18.1'>\r\n  <datasources>\r\n    <datasource caption='Orders' inline='true' name='federated.a' version='18.1'>\r\n" +
		"      <connection class='federated'>\r\n        <named-connections>\r\n          <named-connection caption='db1' name='postgres.c'>\r\n" +
		"            <connection class='postgres' dbname='dev' port='5432' server='db1' username='svc' />\r\n          </named-connection>\r\n        </named-connections>\r\n      </connection>\r\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "      <column caption='Profit Ratio %d' datatype='real' default-format='p0.0%%' name='[Calculation_%019d]' role='measure' type='quantitative'>\r\n", i, i)
		fmt.Fprintf(&b, "        <calculation class='tableau' formula='SUM([Profit])/SUM([Sales]) &gt; 0.5 // ratio&#13;&#10;' />\r\n      </column>\r\n")
	}
	b.WriteString("    </datasource>\r\n  </datasources>\r\n</workbook>\r\n")
	return b.Bytes()
}

// setDatabase opens a file, changes one attribute and saves it under another name.
func setDatabase(from, to string, opts ...packaging.WriteOption) error {
	f, err := documents.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	ds, err := f.Datasource("Orders")
	if err != nil {
		return err
	}
	c, err := ds.Connection(tds.ConnectionMatch{Class: "postgres"})
	if err != nil {
		return err
	}
	if err := c.Update(tds.ConnectionPatch{DBName: "acme"}); err != nil {
		return err
	}
	return f.Save(to, opts...)
}

// childFrom names, for a process of its own, the file to edit: only such a process
// tells how much memory one edit takes.
const childFrom = "TABTEMPLATE_BENCH_FROM"

func TestMain(m *testing.M) {
	if from := os.Getenv(childFrom); from != "" {
		if err := setDatabase(from, from+".out", packaging.Overwrite()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		status, _ := os.ReadFile("/proc/self/status")
		_, _ = os.Stdout.Write(status)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// residentMiB is the largest resident size of a process that edits the file once; 0
// where it cannot be had.
func residentMiB(b *testing.B, path string) float64 {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFrom+"="+path)
	cmd.Stderr = os.Stderr
	status, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if !found {
		return 0
	}
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}

// copied is how long cp takes for a file, flushed to disk if asked for.
func copied(b *testing.B, from, to string, flush bool) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := exec.Command("cp", from, to).CombinedOutput(); err != nil {
		b.Skipf("cp: %v %s", err, out)
	}
	if flush {
		f, err := os.OpenFile(to, os.O_RDWR, 0)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// benchmarkSave holds opening, one edit and saving against cp of the same file, in
// turns, median against median.
func benchmarkSave(b *testing.B, name string, data func(b *testing.B, path string)) {
	for _, flush := range []bool{false, true} {
		b.Run(fmt.Sprintf("flush=%v", flush), func(b *testing.B) {
			dir := b.TempDir()
			in, out := filepath.Join(dir, name), filepath.Join(dir, "out"+filepath.Ext(name))
			data(b, in)
			var opts []packaging.WriteOption
			if flush {
				opts = append(opts, packaging.Sync())
			}
			copied(b, in, out, true) // the first copy waits for the file that was just made
			var own, cp []time.Duration
			for b.Loop() {
				if err := os.Remove(out); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if err := setDatabase(in, out, opts...); err != nil {
					b.Fatal(err)
				}
				own = append(own, time.Since(start))
				b.StopTimer()
				if err := os.Remove(out); err != nil {
					b.Fatal(err)
				}
				cp = append(cp, copied(b, in, out, flush))
				b.StartTimer()
			}
			b.ReportMetric(float64(median(own))/float64(median(cp)), "times-cp")
			b.ReportMetric(float64(median(own).Milliseconds()), "own-ms")
			b.ReportMetric(float64(median(cp).Milliseconds()), "cp-ms")
			b.ReportMetric(residentMiB(b, in), "resident-MiB")
		})
	}
}

// median is what most runs are like; a disk that is busy for once does not count.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkSave50MB: a bare workbook of 50 MB.
func BenchmarkSave50MB(b *testing.B) {
	benchmarkSave(b, "in.twb", func(b *testing.B, path string) {
		if err := os.WriteFile(path, largeWorkbook(50<<20), 0o600); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkSave500MB: a package of 500 MB with a document of 2 MB.
func BenchmarkSave500MB(b *testing.B) {
	benchmarkSave(b, "in.twbx", func(b *testing.B, path string) { writePackage(b, path, largeWorkbook(2<<20), 498<<20) })
}

// writePackage packs a document with an extract of bytes that do not compress.
func writePackage(b *testing.B, path string, doc []byte, extract int) {
	b.Helper()
	data := filepath.Join(b.TempDir(), "extract.hyper")
	out, err := os.Create(data)
	if err != nil {
		b.Fatal(err)
	}
	random := rand.NewChaCha8([32]byte{1})
	chunk := make([]byte, 1<<20)
	for left := extract; left > 0; left -= len(chunk) {
		chunk = chunk[:min(left, len(chunk))]
		_, _ = random.Read(chunk)
		if _, err := out.Write(chunk); err != nil {
			b.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	pkg, err := packaging.Create(
		packaging.Change{Name: "Book.twb", Content: packaging.Bytes(doc)},
		packaging.Change{Name: "Data/Extracts/extract.hyper", Content: packaging.File(data)},
	)
	if err != nil {
		b.Fatal(err)
	}
	defer pkg.Close()
	if err := packaging.WriteFile(path, pkg); err != nil {
		b.Fatal(err)
	}
}
