package packaging

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkName refuses names that leave the folder they are extracted to, or that mean different files to different readers.
func checkName(name string) error {
	switch {
	case name == "":
		return refuse("", ErrName, "an entry has an empty name")
	case strings.IndexByte(name, 0) >= 0:
		return refuse(name, ErrName, "name holds a NUL byte")
	case strings.IndexByte(name, '\\') >= 0:
		return refuse(name, ErrName, "name holds a backslash")
	case name[0] == '/':
		return refuse(name, ErrName, "name is an absolute path")
	case len(name) > 1 && name[1] == ':' && isLetter(name[0]):
		return refuse(name, ErrName, "name begins with a drive letter")
	}
	for element := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		switch element {
		case "..":
			return refuse(name, ErrName, "name leads out of the package")
		case ".", "":
			return refuse(name, ErrName, "name has an empty path element or a single dot")
		}
	}
	return nil
}

// checkNewName is checkName for a name that is going to be written.
func checkNewName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return refuse(name, ErrName, "name is not valid UTF-8")
	case len(name) > max16:
		return refuse(name[:32]+"…", ErrName, "name is longer than %d bytes", max16)
	case strings.HasSuffix(name, "/"):
		return refuse(name, ErrName, "name is that of a folder")
	}
	return checkName(name)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// foldName gives one key for all names that a file system without case sensitivity takes for the same file. A folder and
// a file of one name share it too. Bytes that are not UTF-8 stand for themselves: only their ASCII letters are folded.
func foldName(name string) string {
	name = strings.TrimSuffix(name, "/")
	if utf8.ValidString(name) {
		return strings.Map(foldRune, name)
	}
	folded := []byte(name)
	for i, c := range folded {
		if isLetter(c) {
			folded[i] = c | 0x20
		}
	}
	return string(folded)
}

// foldRune gives the same rune for all that strings.EqualFold takes for equal.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return unicode.ToLower(r)
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least < utf8.RuneSelf {
		return unicode.ToLower(least)
	}
	return least
}

// isDocumentName reports whether an entry of this name is meant to be the package's document: a .twb or .tds at the root,
// in any case. AppleDouble companions ("._Book.twb") are not.
func isDocumentName(name string) bool {
	return !strings.Contains(name, "/") && hasDocumentSuffix(name)
}

func hasDocumentSuffix(name string) bool {
	if strings.HasPrefix(path.Base(name), "._") {
		return false
	}
	ext := path.Ext(name)
	return strings.EqualFold(ext, ".twb") || strings.EqualFold(ext, ".tds")
}

// needsUTF8Flag reports whether the name can be read only when the UTF-8 flag is set.
func needsUTF8Flag(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf })
}
