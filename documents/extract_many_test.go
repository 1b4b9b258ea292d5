package documents_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// TestManyExtracts renders one template with fifty extracts at the same time.
func TestManyExtracts(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{"packaged": archive(t, "Book.twb", extracted(t, "Data/t.hyper"), "Data/t.hyper", "old"), "bare": doctest.FX1} {
		template := doctest.Open(t, in)
		shared := newExtract("of all", "shared.hyper")
		render := func(f *documents.File, n int) ([]byte, error) {
			ds, err := f.Datasource("Orders")
			if err != nil {
				return nil, err
			}
			x := newExtract(fmt.Sprintf("of tenant %d", n), fmt.Sprintf("tenant%d.hyper", n))
			if n%2 > 0 {
				x = shared
			}
			if ds.HasExtract() {
				err = f.ReplaceExtract(ds, x)
			} else {
				err = f.AttachExtract(ds, x)
			}
			var b bytes.Buffer
			if err == nil {
				_, err = f.WriteTo(&b)
			}
			return b.Bytes(), err
		}
		got, errs := make([][]byte, 50), make([]error, 50)
		var wg sync.WaitGroup
		for n := range got {
			wg.Go(func() { got[n], errs[n] = render(template.Clone(), n) })
		}
		wg.Wait()
		for n := range got {
			alone, err := render(doctest.Open(t, in), n)
			if err := errors.Join(errs[n], err); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got[n], alone) {
				t.Errorf("%s: tenant %d differs from a run of its own", name, n)
			}
		}
		if bytes.Equal(got[0], got[2]) || !bytes.Equal(got[1], got[3]) {
			t.Errorf("%s: the extracts are mixed up", name)
		}
		if doctest.Written(t, template) != in {
			t.Errorf("%s: the template changed", name)
		}
	}
}

// sparse is a large .hyper without rows, which is nowhere.
type sparse struct{}

const sparseSize = 64 << 20

func (sparse) ReadAt(b []byte, at int64) (int, error) {
	clear(b)
	if at < int64(len(hyperHead)) {
		copy(b, hyperHead[at:])
	}
	return len(b), nil
}

// TestLargeExtract packs a file that is far larger than the memory it takes (case 26).
func TestLargeExtract(t *testing.T) {
	f := doctest.Open(t, archive(t, "Book.twb", extracted(t, "Data/t.hyper"), "Data/t.hyper", "old"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := f.ReplaceExtract(orders(t, f), documents.NewExtract{Content: packaging.Reader(sparse{}, sparseSize)}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteTo(io.Discard); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > sparseSize/8 {
		t.Errorf("%d bytes were allocated for a file of %d", got, sparseSize)
	}
	for e := range f.Entries() {
		if e.Name == "Data/t.hyper" && e.Size != sparseSize {
			t.Errorf("its size is %d", e.Size)
		}
	}
}

// TestExtractFileOfAnEditedDocument: where the file is, is told without working out all the
// changes of the document.
func TestExtractFileOfAnEditedDocument(t *testing.T) {
	const edited = 2000
	in := strings.Replace(extracted(t, "Data/t.hyper"), "      <column ", strings.Repeat("      <column caption='c' name='[c]' />\n", edited)+"      <column ", 1)
	f := doctest.Open(t, archive(t, "Book.twb", in, "Data/t.hyper", "old"))
	columns, err := f.Elements("//column[@caption]")
	if err != nil || len(columns) != edited {
		t.Fatal(len(columns), err)
	}
	for _, c := range columns {
		if err := c.SetAttr("caption", "changed"); err != nil {
			t.Fatal(err)
		}
	}
	ds := orders(t, f)
	if allocated := testing.AllocsPerRun(3, func() { f.ExtractFile(ds) }); allocated > edited {
		t.Errorf("%v allocations", allocated)
	}
	if x, _ := f.ExtractFile(ds); x.Entry != "Data/t.hyper" || x.Size != 3 {
		t.Errorf("%+v", x)
	}
}
