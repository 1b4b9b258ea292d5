package main

import (
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A meter shows how far one thing is that takes its time, where a person watches.
type meter struct {
	bar  *mpb.Bar // nil where nobody watches
	over func()
	now  atomic.Value // the text behind the bar
}

// meter begins to show something. With a total of 0 nobody knows how much there is.
func (a *app) meter(what string, total int64) *meter {
	if wantsDrawing(a.quiet, os.Getenv) {
		return a.newMeter(what, total)
	}
	return &meter{over: func() {}}
}

func (a *app) newMeter(what string, total int64) *meter {
	m := &meter{over: func() {}}
	m.now.Store("")
	bars, over := a.drawBelow()
	if bars == nil {
		return m
	}
	style := barStyle()
	if total == 0 {
		style = style.Tip("").Filler(" ")
	}
	m.bar = bars.New(total, style, mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name(what)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + m.now.Load().(string) })))
	m.over = sync.OnceFunc(func() {
		m.bar.Abort(true)
		over()
	})
	return m
}

// show says how far it is, and in words.
func (m *meter) show(done int64, text string) {
	m.now.Store(text)
	if m.bar != nil {
		m.bar.SetCurrent(done)
	}
}

// counting is a writer that shows how many bytes went through it.
func (m *meter) counting(w io.Writer) io.Writer { return &countingWriter{w: w, m: m} }

type countingWriter struct {
	w io.Writer
	m *meter
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.m.show(c.n, bytesText(c.n))
	return n, err
}
