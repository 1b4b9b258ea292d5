package packaging_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// salesPackage makes a package to work on. One on disk is opened with os.Open and the size from its Stat.
func salesPackage() *packaging.Package {
	assembly, err := packaging.Create(
		packaging.Change{Name: "Sales.twb", Content: packaging.Bytes([]byte("<workbook><!-- server --></workbook>"))},
		packaging.Change{Name: "Data/orders.csv", Content: packaging.Bytes([]byte("id,amount\n"))},
	)
	if err != nil {
		log.Fatal(err)
	}
	p, err := packaging.Open(assembly, assembly.Size())
	if err != nil {
		log.Fatal(err)
	}
	return p
}

func ExampleOpen() {
	p := salesPackage()
	for e := range p.Entries() {
		fmt.Println(e.Name, e.Size)
	}
	doc, err := p.ReadEntry(p.Document().Name, 64<<20)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", doc)
	// Output:
	// Sales.twb 36
	// Data/orders.csv 10
	// <workbook><!-- server --></workbook>
}

func ExamplePackage_With() {
	p := salesPackage()
	assembly, err := p.With(
		packaging.Change{Name: "Sales.twb", NewName: "Sales for Acme.twb", Content: packaging.Bytes([]byte("<workbook/>"))},
		packaging.Change{Name: "Data/orders.csv", Remove: true},
		packaging.Change{Name: "Image/logo.png", Content: packaging.Bytes([]byte("…")), Add: true},
	)
	if err != nil {
		log.Fatal(err)
	}
	defer assembly.Close()
	acme, err := packaging.Open(assembly, assembly.Size())
	if err != nil {
		log.Fatal(err)
	}
	for e := range acme.Entries() {
		fmt.Println(e.Name)
	}
	// Output:
	// Sales for Acme.twb
	// Image/logo.png
}

// Many sites are rendered from one package; only what an edit touches is deflated again.
func ExampleBase() {
	p := salesPackage()
	document := p.Document().Name
	content, err := p.ReadEntry(document, 64<<20)
	if err != nil {
		log.Fatal(err)
	}
	base := packaging.NewBase(content)
	at := bytes.Index(content, []byte("server"))
	for _, server := range []string{"db.acme", "db.globex"} {
		edit := packaging.Splice{Start: at, End: at + len("server"), New: []byte(server)}
		assembly, err := p.With(packaging.Change{Name: document, Content: base.With(edit)})
		if err != nil {
			log.Fatal(err)
		}
		rendered, err := packaging.Open(assembly, assembly.Size())
		if err != nil {
			log.Fatal(err)
		}
		text, err := rendered.ReadEntry(document, 64<<20)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", text)
		assembly.Close()
	}
	// Output:
	// <workbook><!-- db.acme --></workbook>
	// <workbook><!-- db.globex --></workbook>
}

func ExampleWriteFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "Sales.twbx")
	assembly, err := packaging.Create(packaging.Change{Name: "Sales.twb", Content: packaging.Bytes([]byte("<workbook/>"))})
	if err != nil {
		log.Fatal(err)
	}
	defer assembly.Close()
	fmt.Println(packaging.WriteFile(path, assembly))
	fmt.Println(errors.Is(packaging.WriteFile(path, assembly), os.ErrExist))
	fmt.Println(packaging.WriteFile(path, assembly, packaging.Overwrite()))
	// Output:
	// <nil>
	// true
	// <nil>
}

// A refusal says what is wrong, with which entry, and what to do.
func ExampleError() {
	_, err := salesPackage().With(packaging.Change{Name: "Data/Orders.csv", Content: packaging.Bytes(nil)})
	if refusal, ok := errors.AsType[*packaging.Error](err); ok && errors.Is(err, packaging.ErrNotFound) {
		fmt.Println(refusal)
		fmt.Println("hint:", refusal.Hint())
	}
	// Output:
	// entry "Data/Orders.csv": no such entry, but there is "Data/orders.csv"
	// hint: use a name as it stands in the package; to add an entry, set Add
}
