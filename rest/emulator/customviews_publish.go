package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// maxCustomView is how many bytes the definition of a custom view may have: it holds settings, no data.
const maxCustomView = 16 * mebibyte

// readCustomView reads the body of a request to publish a custom view.
func readCustomView(c *call) error {
	f, err := readForm(c, "tableau_customview", maxCustomView)
	if err != nil {
		return err
	}
	c.body = f.payload
	if f.file != nil {
		c.block = f.file
	}
	return nil
}

// publishCustomView answers POST customviews, one of the experimental methods: a definition that was downloaded before,
// for a workbook that has a view of the same name.
func publishCustomView(c *call) (*reply, error) {
	body := c.body.child("customView")
	if body.attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no customView with a name.")
	}
	workbook := c.site.workbooks.Get(body.child("workbook").attr("id"))
	if workbook == nil {
		return nil, refuse(codeNoWorkbook, "Workbook '%s' could not be found.", body.child("workbook").attr("id"))
	}
	shared, err := body.flag("shared")
	if err != nil {
		return nil, err
	}
	v := &customView{
		Name: body.attr("name"), Workbook: workbook.LUID, Owner: c.user.LUID, Shared: shared,
		CreatedAt: stamp(c.now), UpdatedAt: stamp(c.now), LastAccessedAt: stamp(c.now),
	}
	if owner := body.child("owner").attr("id"); owner != "" {
		v.Owner = owner
	}
	if v.Owner != c.user.LUID && !c.user.isAdministrator() {
		return nil, refuse(codeCustomView, "User '%s' may not publish a custom view for user '%s'.", c.user.LUID, v.Owner)
	}
	if v.Data, err = c.customViewFile(); err != nil {
		return nil, err
	}
	if v.View, err = c.customizedView(workbook, v); err != nil {
		return nil, err
	}
	if err := v.check(c.site); err != nil {
		return nil, err
	}
	v.LUID = c.server.newID()
	c.server.store.Keep(v.Data)
	c.site.customViews.Put(v)
	return created(c.path("customviews", v.LUID), v.render(c.site)), nil
}

// customViewFile returns the definition: from the body, or from the upload session, which it uses up.
func (c *call) customViewFile() (state.Blob, error) {
	session := c.query["uploadSessionId"]
	switch {
	case c.block != nil && session == "":
		return state.Blob{c.block.data}, nil
	case c.block != nil || session == "":
		return nil, refuse(codeMalformed, "The custom view must be in a part tableau_customview or in the upload session of the parameter uploadSessionId, and not in both.")
	}
	u, err := c.upload(session)
	if err != nil {
		return nil, err
	}
	file, err := u.file()
	if err != nil {
		return nil, err
	}
	if file.Size() > maxCustomView {
		return nil, unreadable(&http.MaxBytesError{Limit: maxCustomView})
	}
	c.server.uploads.Delete(u.ID)
	c.server.store.Release(u.pieces())
	return file, nil
}

// customizedSheet is what a definition tells of one sheet of the workbook.
type customizedSheet struct {
	IsSourceView bool   `json:"isSourceView"`
	ViewName     string `json:"viewName"`
}

// customizedView returns the LUID of the view that a definition is of: that of its source view in the workbook.
func (c *call) customizedView(workbook *asset, v *customView) (string, error) {
	data, err := c.server.store.OpenBlob(v.Data)
	if err != nil {
		return "", err
	}
	defer data.Close()
	var sheets []customizedSheet
	err = json.NewDecoder(io.NewSectionReader(data, 0, data.Size())).Decode(&sheets)
	if err != nil || len(sheets) == 0 {
		return "", refuse(codeMalformed, "The definition of custom view '%s' is no list of views: %v.", v.Name, err)
	}
	source := sheets[max(0, slices.IndexFunc(sheets, func(s customizedSheet) bool { return s.IsSourceView }))].ViewName
	for _, on := range c.site.viewsOf(workbook) {
		if on.Name != source {
			continue
		}
		if !c.mayOnView("Read", on) {
			return "", refuse(codeCustomView, "User '%s' may not see view '%s'.", c.user.LUID, on.LUID)
		}
		return on.LUID, nil
	}
	return "", refuse(codeNoView, "View '%s' could not be found in workbook '%s'.", source, workbook.LUID)
}

// downloadCustomView answers GET customviews/{id}/content: the definition as it was published.
func downloadCustomView(c *call) (*reply, error) {
	v, err := c.customView("Read")
	if err != nil {
		return nil, err
	}
	data, err := c.server.store.OpenBlob(v.Data)
	if err != nil {
		return nil, err
	}
	answer := ok()
	answer.file = &file{data, "application/json", disposition("tableau_customview", v.Name+".json")}
	return answer, nil
}
