package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

// node is a line of a tree, with what belongs to it below.
type node struct {
	kind     string // what it is counted as where it is folded; what has none is always shown
	text     string
	brief    string // in place of the text where nothing below is shown
	colour   colour // of the text; empty for none
	children []*node
}

// add adds a line below n that is always shown.
func (n *node) add(text string) *node { return n.addKind("", text) }

func (n *node) addKind(kind, text string) *node {
	child := &node{kind: kind, text: text}
	n.children = append(n.children, child)
	return child
}

func (n *node) lines() int {
	lines := 1
	for _, c := range n.children {
		lines += c.lines()
	}
	return lines
}

// screenLines is how many lines a tree has at most before more of it is folded.
const screenLines = 45

// folding is how many of a kind are shown at the first level of a tree, and below.
type folding struct{ first, below int }

// foldings are in the order in which they are tried; the last one is taken where none fits a screen.
var foldings = []folding{{40, 12}, {30, 6}, {20, 4}, {16, 3}, {16, 2}, {16, 1}, {16, 0}, {12, 0}, {9, 0}, {6, 0}, {4, 0}}

// atLeast is how many are shown of what matters most, however little room there is.
var atLeast = map[string]int{"data source": 6, "view": 6, "connection": 2, "table": 1, "custom SQL query": 1, "stored procedure": 1}

// calculation is a kind whose number another line tells.
const calculation = "calculation"

// fit folds a tree until it fits a screen, as far as that goes.
func (n *node) fit() (folded *node) {
	for _, f := range foldings {
		folded = &node{text: n.text}
		for rest := n.children; len(rest) > 0; { // what is left out of a kind is told where it would stand
			end := slices.IndexFunc(rest, func(c *node) bool { return c.kind != rest[0].kind })
			if end < 0 {
				end = len(rest)
			}
			folded.fold(rest[:end], f.first, f.below)
			rest = rest[end:]
		}
		if folded.lines() <= screenLines {
			break
		}
	}
	return folded
}

// fold adds so many of each kind to n, and so many of each kind below those.
func (n *node) fold(children []*node, most, below int) {
	var kinds []string // in order
	all, shown := map[string]int{}, map[string]int{}
	for _, c := range children {
		if all[c.kind]++; all[c.kind] == 1 {
			kinds = append(kinds, c.kind)
		}
		if c.kind != "" && shown[c.kind] >= max(most, atLeast[c.kind]) {
			continue
		}
		shown[c.kind]++
		folded := &node{text: c.text, colour: c.colour}
		if below == 0 && c.brief != "" {
			folded.text = c.brief
		} else {
			folded.fold(c.children, below, below)
		}
		n.children = append(n.children, folded)
	}
	var more []string
	for _, kind := range kinds {
		switch left := all[kind] - shown[kind]; {
		case left == 0, kind == calculation && shown[kind] == 0:
		case shown[kind] == 0:
			more = append(more, count(left, kind))
		default:
			more = append(more, count(left, "more "+kind))
		}
	}
	if len(more) > 0 {
		n.add("… " + strings.Join(more, ", ")).colour = faint
	}
}

// draw writes a tree, its lines cut to a width unless that is 0.
func (n *node) draw(w io.Writer, width int) { n.drawBelow(w, width, "", "") }

func (n *node) drawBelow(w io.Writer, width int, first, rest string) {
	line := printable(n.text)
	if width > 0 {
		line = text.Snip(line, max(width-text.StringWidthWithoutEscSequences(first), 2), "…")
	}
	if n.colour != "" {
		line = paint(w, n.colour, line)
	}
	fmt.Fprintln(w, first+line)
	for i, c := range n.children {
		if i+1 < len(n.children) {
			c.drawBelow(w, width, rest+"├─ ", rest+"│  ")
		} else {
			c.drawBelow(w, width, rest+"└─ ", rest+"   ")
		}
	}
}

// printable is text whose line breaks are shown, and which does nothing to a terminal.
func printable(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	s = strings.NewReplacer("\r\n", " ⏎ ", "\n", " ⏎ ", "\r", " ⏎ ", "\t", " ").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
