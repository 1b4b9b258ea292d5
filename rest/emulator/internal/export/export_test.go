package export_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

// kinds makes a file of each kind.
var kinds = map[string]func(export.View) ([]byte, error){
	"PNG":        func(v export.View) ([]byte, error) { return export.PNG(v, export.Size{}) },
	"preview":    export.Preview,
	"PDF":        func(v export.View) ([]byte, error) { return export.PDF([]export.View{v, v}, export.Page{}) },
	"PowerPoint": func(v export.View) ([]byte, error) { return export.PowerPoint([]export.View{v, v}) },
	"CSV":        export.CSV,
	"Excel":      export.Excel,
}

// The same view makes the same bytes, on many goroutines at once too, and is left as it was.
func TestFilesAreDeterministic(t *testing.T) {
	t.Parallel()
	for name, export := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := sales()
			v.Name = "销售 \x00 Ä"
			before := v
			first := must(t)(export(v))
			files := make([][]byte, 8)
			errs := make([]error, len(files))
			var wait sync.WaitGroup
			for i := range files {
				wait.Go(func() { files[i], errs[i] = export(v) })
			}
			wait.Wait()
			for i, file := range files {
				if errs[i] != nil || !bytes.Equal(file, first) {
					t.Errorf("file %d is another one: %v", i, errs[i])
				}
			}
			if diff := cmp.Diff(before, v); diff != "" {
				t.Errorf("the view was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// The bytes do not hang on the time.
func TestFilesHaveNoTime(t *testing.T) {
	t.Parallel()
	for name, export := range kinds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := must(t)(export(sales()))
				time.Sleep(400 * 24 * time.Hour)
				if !bytes.Equal(must(t)(export(sales())), first) {
					t.Error("a year later the file is another one")
				}
			})
		})
	}
}

// Any text makes files that readers open and that name it.
func FuzzNames(f *testing.F) {
	for i := 0; i+1 < len(names); i += 4 {
		f.Add(names[i], names[i+1], uint16(20*i), uint16(800-20*i))
	}
	f.Fuzz(func(t *testing.T, name, field string, width, height uint16) {
		v := export.View{
			Workbook: field, Name: name, SheetType: field,
			Fields:  []export.Field{{Caption: field}, {Caption: name, Measure: true}},
			Filters: []export.Filter{{Field: name, Values: []string{field, name}}, {Field: field, Parameter: true}},
		}
		size := parseSize(t, fmt.Sprint(1+width%900), fmt.Sprint(1+height%900), "")
		picture := must(t)(export.PNG(v, size))
		decodePNG(t, picture)
		want := readable(name)
		if got := pngTexts(t, picture)["Title"]; got != want {
			t.Errorf("the picture is titled %q", got)
		}
		page := parsePage(t, "letter", "")
		page.View = size
		if got := readPDF(t, must(t)(export.PDF([]export.View{v}, page))).title; got != want {
			t.Errorf("the PDF is titled %q", got)
		}
		if got := openPPTX(t, must(t)(export.PowerPoint([]export.View{v}))).slides(t)[0].Title; got != want {
			t.Errorf("the slide is titled %q", got)
		}
		rows := readCSV(t, must(t)(export.CSV(v)))
		if last := rows[len(rows)-1]; last[len(last)-1] != want {
			t.Errorf("the rows are of the view %q", last)
		}
		readExcel(t, must(t)(export.Excel(v)))
	})
}

func Benchmark(b *testing.B) {
	v := sales()
	for name, export := range kinds {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b)(export(v))
			}
		})
	}
	high := parseSize(b, "", "", "high")
	b.Run("PNG in high resolution", func(b *testing.B) {
		for b.Loop() {
			must(b)(export.PNG(v, high))
		}
	})
}
