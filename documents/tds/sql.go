package tds

import (
	"regexp"
	"strings"
)

// placeholder is where a custom SQL query takes the value of a parameter.
var placeholder = regexp.MustCompile(`<\[Parameters\]\.\[(?:[^\]]|\]\])+\]>`)

// decodeSQL gives the text of a custom SQL relation as people write it: angle brackets,
// which documents double, are single; the placeholders of parameters stay (format 6.5).
func decodeSQL(text string) string {
	return outside(text, strings.NewReplacer("<<", "<", ">>", ">").Replace)
}

// encodeSQL gives SQL as the text of a relation: angle brackets doubled but for those of
// placeholders.
func encodeSQL(sql string) string {
	return outside(sql, strings.NewReplacer("<", "<<", ">", ">>").Replace)
}

// outside changes what stands outside placeholders.
func outside(text string, change func(string) string) string {
	var out strings.Builder
	from := 0
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		out.WriteString(change(text[from:at[0]]))
		out.WriteString(text[at[0]:at[1]])
		from = at[1]
	}
	out.WriteString(change(text[from:]))
	return out.String()
}
