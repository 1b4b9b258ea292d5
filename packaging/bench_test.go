package packaging

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// realDocument gives a document of about the given size, made of one of the corpus where it is there.
func realDocument(b *testing.B, size int) []byte {
	b.Helper()
	doc, err := os.ReadFile(filepath.Join(corpus, "tableau__community-tableau-server-insights", "ts_users_04.01.twb"))
	if err != nil {
		b.Skip("the corpus of real files is not beside the repository")
	}
	return bytes.Repeat(doc, size/len(doc)+1)[:size]
}

// packageFile writes a package of the document and a stored extract of random bytes, and opens it.
func packageFile(b *testing.B, path string, doc []byte, extract int64) *Package {
	b.Helper()
	random := make(pattern, 1<<20) // so much of it that a copy cannot be compressed on the way
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	src := largePackage(random, extract, 0, item{name: "Book.twb", content: string(doc), method: Deflated, flags: 6})
	if err := WriteFile(path, &Assembly{content: *src}); err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	p, err := Open(f, src.size)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// copyFile is what WriteFile is held against.
func copyFile(b *testing.B, from, to string) time.Duration {
	b.Helper()
	cp, err := exec.LookPath("cp")
	if err != nil {
		b.Skip("there is no cp on this machine to compare with")
	}
	start := time.Now()
	if out, err := exec.Command(cp, from, to).CombinedOutput(); err != nil {
		b.Fatalf("cp: %v %s", err, out)
	}
	return time.Since(start)
}

func save(b *testing.B, p *Package, path string, content Content, opts ...WriteOption) {
	b.Helper()
	a, err := p.With(Change{Name: "Book.twb", Content: content})
	if err == nil {
		err = WriteFile(path, a, opts...)
		a.Close()
	}
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkRender100 renders one package of 2 MB with a document of 500 kB for a hundred sites, each with three edits, on
// all processors, and copies one result a hundred times with one call of cp for each, and with one call for all.
func BenchmarkRender100(b *testing.B) {
	const sites = 100
	doc := realDocument(b, 500_000)
	splices := func(site int) []Splice {
		name := []byte(fmt.Sprintf("site %d", site))
		return []Splice{{1000, 1010, name}, {1200, 1210, name}, {300_000, 300_007, name}}
	}
	base := NewBase(doc)
	for name, content := range map[string]func(site int) Content{
		"base":  func(site int) Content { return base.With(splices(site)...) },
		"bytes": func(site int) Content { return Bytes(apply(doc, splices(site))) },
	} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			p := packageFile(b, filepath.Join(dir, "in.twbx"), doc, 1_900_000)
			var own, each, all time.Duration
			for b.Loop() {
				start := time.Now()
				var group sync.WaitGroup
				for worker := range runtime.GOMAXPROCS(0) {
					group.Go(func() {
						for site := worker; site < sites; site += runtime.GOMAXPROCS(0) {
							save(b, p, filepath.Join(dir, fmt.Sprint(site)), content(site))
						}
					})
				}
				group.Wait()
				own += time.Since(start)
				b.StopTimer()
				from := filepath.Join(dir, "results")
				if err := os.Mkdir(from, 0o700); err != nil {
					b.Fatal(err)
				}
				for site := range sites {
					to := filepath.Join(from, fmt.Sprint(site))
					if err := os.Rename(filepath.Join(dir, fmt.Sprint(site)), to); err != nil {
						b.Fatal(err)
					}
					each += copyFile(b, to, filepath.Join(dir, fmt.Sprint(site)))
					os.Remove(filepath.Join(dir, fmt.Sprint(site)))
				}
				all += copyFolder(b, from, filepath.Join(dir, "copies"))
				os.RemoveAll(from)
				b.StartTimer()
			}
			b.ReportMetric(float64(own)/float64(each), "times-100-cp")
			b.ReportMetric(float64(own)/float64(all), "times-cp-r")
			b.ReportMetric(float64(own.Microseconds())/float64(b.N)/sites, "µs/site")
		})
	}
}

// copyFolder copies a folder with one call of cp, and removes the copy.
func copyFolder(b *testing.B, from, to string) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := exec.Command("cp", "-r", from, to).CombinedOutput(); err != nil {
		b.Fatalf("cp: %v %s", err, out)
	}
	defer os.RemoveAll(to)
	return time.Since(start)
}

// BenchmarkWith shows what a change costs in packages of many entries, apart from the document's own deflating.
func BenchmarkWith(b *testing.B) {
	for _, count := range []int{10, 1_000, 50_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			items := []item{book()}
			for i := range count {
				items = append(items, item{name: fmt.Sprintf("Data/%d", i)})
			}
			p := openBytes(b, zipOf(items...))
			base := NewBase([]byte(workbook))
			for b.Loop() {
				if _, err := p.With(Change{Name: "Book.twb", Content: base.With(Splice{1, 1, []byte(" ")})}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen reads and checks the directory of a package.
func BenchmarkOpen(b *testing.B) {
	items := []item{book()}
	for i := range 1_000 {
		items = append(items, item{name: fmt.Sprintf("TwbxExternalCache/%d", i)})
	}
	in := zipOf(items...)
	b.ReportMetric(float64(len(items)), "entries")
	for b.Loop() {
		openBytes(b, in)
	}
}

// BenchmarkBase compares deflating a document as a whole and as a base, in time and in size.
func BenchmarkBase(b *testing.B) {
	doc := realDocument(b, 2<<20)
	for name, content := range map[string]func() Content{
		"whole": func() Content { return Bytes(doc) },
		"base":  func() Content { return NewBase(doc).With() },
	} {
		b.Run(name, func(b *testing.B) {
			var size int64
			for b.Loop() {
				p, err := content().pack(Deflated)
				if err != nil {
					b.Fatal(err)
				}
				size = p.data.size
			}
			b.SetBytes(int64(len(doc)))
			b.ReportMetric(float64(size)/float64(len(doc)), "of-size")
		})
	}
}

// BenchmarkVerify inflates and checks.
func BenchmarkVerify(b *testing.B) {
	doc := realDocument(b, 2<<20)
	p := openBytes(b, zipOf(item{name: "Book.twb", content: string(doc), method: Deflated}))
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		r, err := p.OpenEntry("Book.twb")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
