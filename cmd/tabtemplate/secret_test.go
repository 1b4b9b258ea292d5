package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// What `secret set` puts into the keyring is what secret(NAME) returns, until `secret delete`. The keyring is that of the
// process, so this is the one test that has secrets in it.
func TestSecretInKeyring(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	manifest := filepath.Join(dir, "tabtemplate.yaml")
	orders, err := filepath.Abs("../../testdata/demo/orders.tds")
	if err != nil {
		t.Fatal(err)
	}
	text := `version: 1
server: {url: emulator}
sites: {acme: }
templates:
  orders: {file: '` + filepath.ToSlash(orders) + `', publish: {as: Orders}, edits: [{connection: {}, set: {dbname: '${secret("orders db")}'}}]}
`
	if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(stdin string, args ...string) int {
		var shown strings.Builder
		code := run(t.Context(), args, strings.NewReader(stdin), &shown, &shown)
		if strings.Contains(shown.String(), "s3cret") {
			t.Errorf("%q shows the secret: %s", args, &shown)
		}
		return code
	}
	render := func() string {
		if code := command("", "render", "--all", "-f", manifest, "--out", dir); code != exitOK {
			return ""
		}
		written, err := os.ReadFile(filepath.Join(dir, "acme", "Orders.tds"))
		if err != nil {
			t.Fatal(err)
		}
		return string(written)
	}
	for _, c := range []struct{ typed, want string }{
		{"first s3cret\n", "dbname='first s3cret'"},
		{" second s3cret ", "dbname=' second s3cret '"},
		{"windows s3cret\r\n", "dbname='windows s3cret'"},
	} {
		if code := command(c.typed, "secret", "set", "orders db"); code != exitOK {
			t.Errorf("set %q: exit code %d", c.typed, code)
		}
		if got := render(); !strings.Contains(got, c.want) {
			t.Errorf("after set %q there is no %s in\n%s", c.typed, c.want, got)
		}
	}
	if code := command(strings.Repeat("s3cret", maxSecret), "secret", "set", "orders db"); code != exitFailed {
		t.Errorf("a secret that is too long: exit code %d", code)
	}
	if code := command("", "secret", "delete", "orders db"); code != exitOK {
		t.Errorf("delete: exit code %d", code)
	}
	if render() != "" {
		t.Error("it is still there")
	}
}
