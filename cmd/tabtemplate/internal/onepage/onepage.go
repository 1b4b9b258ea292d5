// Package onepage puts web pages together that are one file and need no network: their markup, style and script, of which a
// part is the same for all pages, and a Content-Security-Policy that lets nothing else run or load.
//
// What a page shows stands in it as JSON, which json.Marshal escapes for that, and the script makes text nodes of it.
package onepage

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"
)

// What every page begins with.
var (
	//go:embed base.css
	baseStyle string
	//go:embed base.js
	baseScript string
)

// Parts is what stands before and after the data of a page. The markup has {{policy}}, {{style}}, {{script}} and, where the
// data belongs, {{data}}.
func Parts(markup, style, script string) (head, tail string) {
	style, script = baseStyle+style, baseScript+script
	head, tail, _ = strings.Cut(strings.NewReplacer(
		"{{policy}}", "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src "+hash(style)+"; script-src "+hash(script),
		"{{style}}", style, "{{script}}", script,
	).Replace(markup), "{{data}}")
	return head, tail
}

// hash names a script or a style in a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
