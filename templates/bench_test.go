package templates_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/templates"
)

// benchWorkbook is about size bytes of a workbook with one live connection and one
// parameter that worksheets have copies of.
func benchWorkbook(size int) []byte {
	var b bytes.Buffer
	parameter := "<column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;x&quot;'>\r\n" +
		"          <calculation class='tableau' formula='&quot;x&quot;' />\r\n        </column>\r\n"
	b.WriteString("<?xml version='1.0' encoding='utf-8' ?>\r\n\r\n<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>\r\n  <datasources>\r\n" +
		"    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>\r\n      " + parameter + "    </datasource>\r\n" +
		"    <datasource caption='Orders' inline='true' name='federated.a' version='18.1'>\r\n      <connection class='federated'>\r\n        <named-connections>\r\n" +
		"          <named-connection caption='db1' name='postgres.c'>\r\n            <connection class='postgres' dbname='dev' port='5432' server='db1' username='svc' />\r\n" +
		"          </named-connection>\r\n        </named-connections>\r\n      </connection>\r\n      <column datatype='string' name='[Tenant]' role='dimension' type='nominal' />\r\n" +
		"    </datasource>\r\n  </datasources>\r\n  <worksheets>\r\n")
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "    <worksheet name='Sheet %d'>\r\n      <table>\r\n      <view>\r\n        <datasource-dependencies datasource='Parameters'>\r\n        %s        </datasource-dependencies>\r\n", i, parameter)
		for j := range 40 {
			fmt.Fprintf(&b, "          <column caption='Field %d of %d' datatype='real' name='[Calculation_%019d]' role='measure' type='quantitative'>\r\n            <calculation class='tableau' formula='SUM([f%d]) / %d &gt; 0.%d' />\r\n          </column>\r\n",
				j, i, random.Int64(), random.IntN(1000), random.IntN(1000), random.IntN(1000))
		}
		b.WriteString("      </view>\r\n      </table>\r\n    </worksheet>\r\n")
	}
	b.WriteString("  </worksheets>\r\n</workbook>\r\n")
	return b.Bytes()
}

// benchManifest writes a template of 2 MB and a manifest for it with as many sites.
func benchManifest(b *testing.B, sites int) *templates.Manifest {
	b.Helper()
	dir := b.TempDir()
	extract := make([]byte, 1_900_000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(extract)
	pkg, err := packaging.Create(
		packaging.Change{Name: "Book.twb", Content: packaging.Bytes(benchWorkbook(500_000))},
		packaging.Change{Name: "Data/Extracts/extract.hyper", Content: packaging.Bytes(extract)},
	)
	if err != nil {
		b.Fatal(err)
	}
	if err := packaging.WriteFile(filepath.Join(dir, "book.twbx"), pkg); err != nil {
		b.Fatal(err)
	}
	var m bytes.Buffer
	m.WriteString("version: 1\nserver: {url: emulator}\ntemplates:\n  book:\n    file: book.twbx\n    publish: {as: Book}\n    edits:\n" +
		"      - connection: {class: postgres}\n        set: {server: '${site.key}.db', dbname: '${site.key}'}\n" +
		"      - filter: Tenant\n        include: ['${site.key}']\n      - parameter: Region\n        value: '${site.key}'\nsites:\n")
	for i := range sites {
		fmt.Fprintf(&m, "  tenant-%d: {}\n", i)
	}
	path := filepath.Join(dir, "tabtemplate.yaml")
	if err := os.WriteFile(path, m.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	manifest, err := templates.Load(path)
	if err != nil {
		b.Fatal(err)
	}
	return manifest
}

// renderAll renders and saves the first template for all sites, on all processors.
func renderAll(b *testing.B, m *templates.Manifest, r *templates.Renderer, out string) {
	b.Helper()
	next := make(chan *templates.Site)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for s := range next {
				rendering, err := r.Render(s, m.Templates()[0], nil)
				if err == nil {
					err = rendering.File.Save(filepath.Join(out, s.Key+".twbx"))
				}
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, s := range m.Sites() {
		next <- s
	}
	close(next)
	group.Wait()
}

// BenchmarkRender renders one opened package of 2 MB, with three edits that reach a
// parameter's copies, for 100 and for 1,000 sites, and copies the results with one
// call of cp.
func BenchmarkRender(b *testing.B) {
	for _, sites := range []int{100, 1000} {
		b.Run(fmt.Sprint(sites), func(b *testing.B) {
			m := benchManifest(b, sites)
			r, err := m.Open()
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = r.Close() })
			dir := b.TempDir()
			out, copies := filepath.Join(dir, "out"), filepath.Join(dir, "copies")
			var own, cp time.Duration
			for b.Loop() {
				if err := os.Mkdir(out, 0o700); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				renderAll(b, m, r, out)
				own += time.Since(start)
				b.StopTimer()
				start = time.Now()
				if text, err := exec.Command("cp", "-r", out, copies).CombinedOutput(); err != nil {
					b.Skipf("cp: %v %s", err, text)
				}
				cp += time.Since(start)
				for _, d := range []string{out, copies} {
					if err := os.RemoveAll(d); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(own)/float64(cp), "times-cp")
			b.ReportMetric(float64(own.Microseconds())/float64(b.N*sites), "µs/site")
		})
	}
}
