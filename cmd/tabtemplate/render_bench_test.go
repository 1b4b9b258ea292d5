package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/templates"
)

// growWorkbook puts a workbook of real size in the place of the demo's: 25 worksheets with a copy of the parameter each, a
// document of about 500 kB, and an extract of 100 kB that does not deflate.
func growWorkbook(b *testing.B, path string) {
	b.Helper()
	folder := filepath.Join(filepath.Dir(path), "sales")
	document, err := os.ReadFile(filepath.Join(folder, "Sales.twb"))
	if err != nil {
		b.Fatal(err)
	}
	image, err := os.ReadFile(filepath.Join(folder, "Image", "logo.png"))
	if err != nil {
		b.Fatal(err)
	}
	begin, end := bytes.Index(document, []byte("    <worksheet name='Orders by Region'>")), bytes.Index(document, []byte("    <worksheet name='Facts'>"))
	sheet := string(document[begin:end])
	random := rand.New(rand.NewPCG(1, 2))
	var sheets bytes.Buffer
	for i := range 25 {
		var fields strings.Builder
		for j := range 80 {
			fmt.Fprintf(&fields, "            <column caption='Field %d of %d' datatype='real' name='[Calculation_%019d]' role='measure' type='quantitative'>\r\n"+
				"              <calculation class='tableau' formula='SUM([f%d]) / %d &gt; 0.%d' />\r\n            </column>\r\n",
				j, i, random.Int64(), random.IntN(1000), random.IntN(1000), random.IntN(1000))
		}
		const last = "            <column-instance "
		grown := strings.Replace(sheet, last, fields.String()+last, 1)
		sheets.WriteString(strings.Replace(grown, "Orders by Region", fmt.Sprintf("Orders %d", i), 1))
	}
	extract := make([]byte, 100_000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(extract)
	pkg, err := packaging.Create(
		packaging.Change{Name: "Sales.twb", Content: packaging.Bytes(bytes.Join([][]byte{document[:end], sheets.Bytes(), document[end:]}, nil))},
		packaging.Change{Name: "Image/logo.png", Content: packaging.Bytes(image)},
		packaging.Change{Name: "Data/Extracts/sales.hyper", Content: packaging.Bytes(extract)},
	)
	if err != nil {
		b.Fatal(err)
	}
	if err := packaging.WriteFile(filepath.Join(filepath.Dir(path), "sales.twbx"), pkg, packaging.Overwrite()); err != nil {
		b.Fatal(err)
	}
}

// lastLine looks at the heap when the last site has been told of and the renderer is still open.
type lastLine struct {
	lines int // that are still to come
	heap  uint64
}

func (l *lastLine) Write(p []byte) (int, error) {
	if l.lines -= bytes.Count(p, []byte("\n")); l.lines == 0 {
		l.heap = liveHeap()
	}
	return len(p), nil
}

func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// BenchmarkRenderSites renders two templates, a package of real size and a data source that it uses, for many sites into
// folders. It tells what a site costs, that cost in terms of what it is with 100 sites, what a site leaves on the heap beside
// the manifest, and the time in terms of what cp takes for the same files.
func BenchmarkRenderSites(b *testing.B) {
	var first float64 // cost of a site with the fewest
	for _, sites := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(sites), func(b *testing.B) {
			path := manySites(b, sites, strings.NewReplacer())
			growWorkbook(b, path)
			m, err := templates.Load(path)
			if err != nil {
				b.Fatal(err)
			}
			var own, cp time.Duration
			var left int64
			for b.Loop() {
				out := filepath.Join(b.TempDir(), "out")
				last := &lastLine{lines: 2 * sites}
				r := &renderer{
					app: &app{stdout: &output{w: last}, stderr: io.Discard}, manifest: m, out: out, jobs: runtime.GOMAXPROCS(0),
				}
				if err := r.open(nil); err != nil {
					b.Fatal(err)
				}
				before := liveHeap()
				start := time.Now()
				if err := r.each(b.Context(), m.Sites()); err != nil {
					b.Fatal(err)
				}
				own += time.Since(start)
				left += int64(last.heap) - int64(before)
				b.StopTimer()
				if err := r.templates.Close(); err != nil {
					b.Fatal(err)
				}
				cp += copyFolder(b, out)
				b.StartTimer()
			}
			cost := float64(own.Nanoseconds()) / float64(b.N*sites)
			if first == 0 {
				first = cost
			}
			b.ReportMetric(cost, "ns/site")
			b.ReportMetric(cost/first, "times-100")
			b.ReportMetric(float64(left)/float64(b.N*sites), "B/site")
			b.ReportMetric(float64(own)/float64(cp), "times-cp")
		})
	}
}

// copyFolder copies a folder with cp, removes both, and tells how long the copying took.
func copyFolder(b *testing.B, folder string) time.Duration {
	b.Helper()
	start := time.Now()
	if text, err := exec.Command("cp", "-r", folder, folder+"-copy").CombinedOutput(); err != nil {
		b.Skipf("cp: %v %s", err, text)
	}
	took := time.Since(start)
	for _, dir := range []string{folder, folder + "-copy"} {
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
	}
	return took
}
