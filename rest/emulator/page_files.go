package emulator

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/webpage"
)

// File implements [webpage.Source]: it is what a download by the API is.
func (p pageSource) File(luid string, number int) (webpage.File, bool) {
	return p.file(func(c *call) (*reply, error) {
		a := c.site.anyAsset(luid)
		if a == nil {
			return nil, nil
		}
		r := a.current()
		if number != 0 {
			i := slices.IndexFunc(a.Revisions, func(r revision) bool { return r.Number == number && !r.Deleted })
			if i < 0 {
				return nil, nil
			}
			r = &a.Revisions[i]
		}
		return c.send(a, r)
	})
}

// anyAsset returns content of any kind, nil when it is not on the site.
func (where *site) anyAsset(luid string) *asset {
	for _, k := range kinds {
		if a := k.of(where).Get(luid); a != nil {
			return a
		}
	}
	return nil
}

// Picture implements [webpage.Source]: it is the image of a view that the API answers.
func (p pageSource) Picture(luid string) (webpage.File, bool) {
	return p.file(func(c *call) (*reply, error) {
		v := c.site.views.Get(luid)
		if v == nil {
			return nil, nil
		}
		workbook := c.site.workbooks.Get(v.Workbook)
		picture := func(v export.View) ([]byte, error) { return export.PNG(v, export.Size{}) }
		return c.export(workbook, []*view{v}, v.contentURL(workbook), "png", ofOne(picture))
	})
}

// file hands over the file that an answer of the API has. The question is asked on one site after the other until one
// has an answer.
func (p pageSource) file(ask func(*call) (*reply, error)) (webpage.File, bool) {
	var answer *reply
	p.look(func(now time.Time) {
		for _, where := range p.s.everySite() {
			answer, _ = ask(&call{server: p.s, site: where, now: now}) // a file that cannot be read is not there
			if answer != nil {
				return
			}
		}
	})
	if answer == nil {
		return webpage.File{}, false
	}
	if answer.complete != nil {
		answer.complete(context.Background())
	}
	if answer.file == nil {
		return webpage.File{}, false
	}
	data := answer.file.data
	return webpage.File{
		Type: answer.file.contentType, Disposition: answer.file.disposition, Size: data.Size(),
		Content: answerContent{io.NewSectionReader(data, 0, data.Size()), answer},
	}, true
}

// answerContent reads the file of an answer.
type answerContent struct {
	io.Reader
	answer *reply
}

// Close implements [io.Closer].
func (c answerContent) Close() error {
	c.answer.close()
	return nil
}
