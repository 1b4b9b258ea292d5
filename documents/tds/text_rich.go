package tds

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// blankMark stands before white space that is a whole run: Tableau's mark, without which
// XML readers would drop it (format 13).
const blankMark = "Æ"

// run is a stretch of text in one formatting, as an element.
type run struct {
	el     xmledit.Element
	text   string // without the mark
	format string // of any two runs, the same if they look the same
}

// runs are the runs of a <formatted-text>.
func runs(formatted xmledit.Element) []run {
	var all []run
	for el := range formatted.Children("run") {
		var format []string
		for a := range el.Attrs() {
			format = append(format, a.Name+"="+strconv.Quote(a.Value))
		}
		slices.Sort(format)
		text := el.Text()
		if rest, ok := strings.CutPrefix(text, blankMark); ok && strings.TrimSpace(rest) == "" {
			text = rest
		}
		all = append(all, run{el, text, strings.Join(format, " ")})
	}
	return all
}

// span is a part of the text of a run.
type span struct {
	run      int
	from, to int
}

// stretch is a part of a line in one formatting. Several runs can look the same: older
// files have the signs around a reference in runs of their own.
type stretch struct {
	text  string
	spans []span
}

// lines takes runs apart at line ends and tabs.
func lines(all []run) [][]stretch {
	var out [][]stretch
	var line []stretch
	end := func() {
		for i := range line {
			line[i].text = read(all, line[i].spans)
		}
		if line = trimmed(line); len(line) > 0 {
			out = append(out, line)
		}
		line = nil
	}
	format := ""
	for i, r := range all {
		for from := 0; from < len(r.text); {
			n := strings.IndexAny(r.text[from:], "\n\r\t")
			if n == 0 {
				end()
				from++
				continue
			}
			if n < 0 {
				n = len(r.text) - from
			}
			if len(line) == 0 || format != r.format {
				line = append(line, stretch{})
				format = r.format
			}
			last := &line[len(line)-1]
			last.spans = append(last.spans, span{i, from, from + n})
			from += n
		}
	}
	end()
	return out
}

// read is the text of parts of runs.
func read(all []run, spans []span) string {
	var out strings.Builder
	for _, p := range spans {
		out.WriteString(all[p.run].text[p.from:p.to])
	}
	return out.String()
}

// trimmed is a line without the white space around it.
func trimmed(line []stretch) []stretch {
	for len(line) > 0 {
		n, _ := around(line[0].text)
		if line[0].cut(n, len(line[0].text)); line[0].text != "" {
			break
		}
		line = line[1:]
	}
	for len(line) > 0 {
		last := &line[len(line)-1]
		_, n := around(last.text)
		if last.cut(0, n); last.text != "" {
			break
		}
		line = line[:len(line)-1]
	}
	return line
}

// cut leaves of a stretch what is from one place to another.
func (s *stretch) cut(from, to int) {
	var left []span
	at := 0
	for _, p := range s.spans {
		n := p.to - p.from
		first, last := max(from-at, 0), min(to-at, n)
		if first < last {
			left = append(left, span{p.run, p.from + first, p.from + last})
		}
		at += n
	}
	s.text, s.spans = s.text[from:max(from, to)], left
}

// joined is a line as people read and translate it, with the sign that stands where the
// formatting changes. A line that has no words, or all signs in its text, is none.
func joined(texts []string) (line, sign string, ok bool) {
	if len(texts) > 1 {
		for _, sign = range []string{"¦", "‖"} {
			if !slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, sign) }) {
				break
			}
			sign = ""
		}
		if sign == "" {
			return "", "", false
		}
	}
	line = strings.Join(texts, sign)
	return line, sign, hasWords(line)
}

// splice is what becomes of a part of the text of a run.
type splice struct {
	span
	text string
}

// rewriting is what becomes of the runs of a <formatted-text>, by their places.
type rewriting struct {
	splices map[int][]splice
	parts   map[int]map[string]string // what rules want of parts of them
}

// rewrite asks about the lines of runs.
func (w *TextWalk) rewrite(kind TextKind, all []run) (rewriting, error) {
	out := rewriting{map[int][]splice{}, map[int]map[string]string{}}
	for _, line := range lines(all) {
		var texts []string
		for _, s := range line {
			texts = append(texts, s.text)
		}
		text, sign, ok := joined(texts)
		if !ok {
			continue
		}
		wants, ok, err := w.ask(kind, all[line[0].spans[0].run].el, text)
		if err != nil {
			return out, err
		}
		if !ok {
			continue
		}
		became, err := divide(text, wants.to, sign, len(line))
		if err != nil {
			return out, w.fail(err)
		}
		for i, s := range line {
			out.add(s, became[i], wants)
		}
	}
	return out, nil
}

// add notes what becomes of a stretch. What looks the same comes to stand in one run.
func (r rewriting) add(s stretch, became string, wants wording) {
	for i, p := range s.spans {
		if r.parts[p.run] == nil {
			r.parts[p.run] = map[string]string{}
		}
		r.parts[p.run][wants.part] = wants.want
		switch {
		case became == s.text:
		case i == 0:
			r.splices[p.run] = append(r.splices[p.run], splice{p, became})
		default:
			r.splices[p.run] = append(r.splices[p.run], splice{p, ""})
		}
	}
}

// divide takes a line apart again at the signs where the formatting changes.
func divide(from, to, sign string, n int) ([]string, error) {
	texts := []string{to}
	if sign != "" {
		texts = strings.Split(to, sign)
	}
	fail := func(why string) ([]string, error) {
		return nil, fmt.Errorf("%s is to be %s, which %s", strconv.Quote(from), strconv.Quote(to), why)
	}
	again, _, ok := joined(texts)
	switch {
	case len(texts) != n:
		return fail(fmt.Sprintf("has %d %s, not %d: they stand where the formatting changes", len(texts)-1, sign, n-1))
	case slices.Contains(texts, ""):
		return fail("has nothing beside a " + sign)
	case strings.ContainsAny(to, "\n\r\t"):
		return fail("has a line end or tab, and what it is for ends at one")
	case !ok:
		return fail("has no words")
	case again != to:
		return fail("has a ¦ or ‖ that would not be told from those where the formatting changes")
	}
	return texts, nil
}

// write gives runs what becomes of them. A run that nothing is left of goes.
func (r rewriting) write(all []run) error {
	for _, i := range slices.Sorted(maps.Keys(r.parts)) {
		old, text, from := all[i].text, "", 0
		for _, s := range r.splices[i] {
			text += old[from:s.from] + s.text
			from = s.to
		}
		text += old[from:]
		switch {
		case text == old:
			text = all[i].el.Text() // with its mark
		case text == "":
			if err := all[i].el.Remove(); err != nil {
				return err
			}
			continue
		case strings.TrimSpace(text) == "":
			text = blankMark + text
		}
		if err := all[i].el.SetTextParts(text, r.parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// Rich asks about the lines of a <formatted-text>, and writes what becomes of them.
func (w *TextWalk) Rich(kind TextKind, formatted xmledit.Element) error {
	all := runs(formatted)
	r, err := w.rewrite(kind, all)
	if err != nil {
		return err
	}
	return r.write(all)
}

// descriptions is [TextWalk.Rich] for the comment on a column and its copies, which follow
// where they are alike.
func (w *TextWalk) descriptions(master xmledit.Element, copies []xmledit.Element) error {
	of := func(column xmledit.Element) []run { return runs(column.Find("desc", "formatted-text")) }
	old := of(master)
	r, err := w.rewrite(DescriptionTexts, old)
	if err != nil || len(r.parts) == 0 {
		return err
	}
	if err := r.write(old); err != nil {
		return err
	}
	became := readText(of(master))
	for _, c := range copies {
		switch is := of(c); {
		case len(is) == 0 || readText(is) == became && !alike(is, old):
		case alike(is, old):
			if err := r.write(is); err != nil {
				return err
			}
		default:
			c.Note("the description of this copy stays %q: it was not that of the data source", readText(is))
		}
	}
	return nil
}

// alike tells whether runs have the same text in the same formatting.
func alike(a, b []run) bool {
	return slices.EqualFunc(a, b, func(a, b run) bool { return a.text == b.text && a.format == b.format })
}

func readText(all []run) string {
	var out strings.Builder
	for _, r := range all {
		out.WriteString(r.text)
	}
	return out.String()
}
