package main

import (
	"bytes"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A colour says what text is about. Everything that is coloured says the same without.
type colour string

// The colours, as terminals know them.
const (
	good     colour = "32" // green: what is added, or went well
	bad      colour = "31" // red: what is removed, or failed
	doubtful colour = "33" // yellow: what is to be looked at
	advice   colour = "36" // cyan: what to do
	faint    colour = "2"  // what did not happen
)

// colours are those of the words that verbs print of what they found and did, and of the labels of their messages.
var colours = map[string]colour{
	"error:": bad, "warning:": doubtful, "hint:": advice,
	"error": bad, "warning": doubtful, "info": advice,

	"create": good, "created": good, "overwrite": good, "overwritten": good, "update": good, "updated": good, "added": good,
	"done": good, "ended": good, "success": good, "completed": good, "same": good, "written": good, "copied": good, "active": good,
	"different": doubtful, "changed": doubtful, "missing": doubtful, "unfinished": doubtful, "cancelled": doubtful, "suspended": doubtful,
	"failed": bad, "skipped": bad, "removed": bad, "deleted": bad,
	"unchanged": faint, "left out": faint,
}

// paint colours text, if what it is written to shows colours.
func paint(to io.Writer, c colour, text string) string {
	if text == "" || !showsColours(to) {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// paintWord colours a word that says what was found or done, or the label of a message; any other stays as it is.
func paintWord[W ~string](to io.Writer, word W) string {
	if c, known := colours[strings.ToLower(string(word))]; known {
		return paint(to, c, string(word))
	}
	return string(word)
}

func showsColours(to io.Writer) bool {
	w, ok := to.(interface{ showsColours() bool })
	return ok && w.showsColours()
}

func (o *output) showsColours() bool { return showsColours(o.w) }

func (o *oneAtATime) showsColours() bool {
	if o.colour == nil {
		return false
	}
	file, isFile := o.w.(*os.File)
	isTerminal := isFile && term.IsTerminal(int(file.Fd()))
	return wantsColours(*o.colour, isTerminal, os.Getenv) && (!isTerminal || canShowColours(file))
}

// A paintedBuffer is for text that is written later on.
type paintedBuffer struct {
	bytes.Buffer
	to io.Writer // what it will be written to
}

func (b *paintedBuffer) showsColours() bool { return showsColours(b.to) }

// The values of --color.
const (
	colourAuto   = "auto"
	colourAlways = "always"
	colourNever  = "never"
)

// wantsColours goes by the flag, then by the variables that people set for all programs (https://no-color.org,
// https://bixense.com/clicolors, https://force-color.org), and then by whether somebody looks on.
func wantsColours(flag string, isTerminal bool, getenv func(string) string) bool {
	forced := func(variable string) bool { return getenv(variable) != "" && getenv(variable) != "0" }
	switch {
	case flag == colourAlways || flag == colourNever:
		return flag == colourAlways
	case getenv("NO_COLOR") != "":
		return false
	case forced("CLICOLOR_FORCE") || forced("FORCE_COLOR"):
		return true
	}
	return isTerminal && getenv("TERM") != "dumb" && getenv("CLICOLOR") != "0"
}
