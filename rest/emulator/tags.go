package emulator

import (
	"slices"
	"strings"
)

// The batches are of the site in the path; TSC leaves it out and means that of the token.
var tagOperations = []operation{
	op("PUT", "tags:batchcreate", anyToken, readXML, addTagBatch).since(3, 9),
	op("PUT", "tags:batchdelete", anyToken, readXML, deleteTagBatch).since(3, 9),
	op("PUT", "sites/{site}/tags:batchcreate", onSite, readXML, addTagBatch).since(3, 9),
	op("PUT", "sites/{site}/tags:batchdelete", onSite, readXML, deleteTagBatch).since(3, 9),
}

// tag is a word that people find content by. Whoever added it may take it off again.
type tag struct {
	Label string
	By    string // LUID of a user
}

// labels are the words alone.
func labels(tags []tag) []string {
	var words []string
	for _, t := range tags {
		words = append(words, t.Label)
	}
	return words
}

func renderTags(tags []tag) *element {
	e := node("tags")
	for _, t := range tags {
		e.add(node("tag").with("label", t.Label))
	}
	return e
}

// tagged is something with tags that are about to change: a copy of it.
type tagged struct {
	tags *[]tag
	on   securable
	save func()
}

// tagged returns a copy of an asset, to change its tags.
func (a *asset) tagged(where *site) tagged {
	changed := *a
	changed.Tags = slices.Clone(a.Tags)
	return tagged{&changed.Tags, a.securable(), func() { a.kind().of(where).Put(&changed) }}
}

// tagged returns a copy of a view, to change its tags.
func (v *view) tagged(where *site, workbook *asset) tagged {
	changed := *v
	changed.Tags = slices.Clone(v.Tags)
	return tagged{&changed.Tags, v.securable(workbook), func() { where.views.Put(&changed) }}
}

// addTags answers PUT tags of an asset: it adds to the tags that are there and tells all of them. None at all is no
// error. The body may name the asset.
func (k *kind) addTags(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	if err := c.checkNamed(k.element, a.LUID); err != nil {
		return nil, err
	}
	return a.tagged(c.site).add(c, k.badTag)
}

// addTagsToView answers PUT views/{id}/tags.
func addTagsToView(c *call) (*reply, error) {
	v, workbook, err := c.view(codeNoView, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	if err := c.checkNamed("view", v.LUID); err != nil {
		return nil, err
	}
	return v.tagged(c.site, workbook).add(c, codeTagView)
}

// checkNamed refuses a body that names something else than the path does.
func (c *call) checkNamed(element, luid string) error {
	if named := c.body.child(element).attr("id"); named != "" && named != luid {
		return refuse(codeMismatch, "The request body is about %s '%s', the URI about '%s'.", element, named, luid)
	}
	return nil
}

// add adds the tags of the request and answers with all that are there then.
func (t tagged) add(c *call, badTag int) (*reply, error) {
	if err := c.allow(codeForbidden, "Read", t.on); err != nil {
		return nil, err
	}
	list := c.body.child("tags")
	if list == nil {
		return nil, refuse(codeMalformed, "The request body has no tags.")
	}
	words, err := readTags(list, badTag)
	if err != nil {
		return nil, err
	}
	t.put(c, words)
	return ok(renderTags(*t.tags)), nil
}

// put adds tags that are not there yet.
func (t tagged) put(c *call, words []string) {
	known := make(map[string]bool)
	for _, label := range labels(*t.tags) {
		known[label] = true
	}
	for _, word := range words {
		if !known[word] {
			*t.tags = append(*t.tags, tag{word, c.user.LUID})
			known[word] = true
		}
	}
	t.save()
}

// maxTag is how long a tag may be, in bytes.
const maxTag = 200

// readTags returns the words of a list of tags, and refuses what cannot be one with the code.
func readTags(list *element, badTag int) ([]string, error) {
	var words []string
	for e := range list.each("tag") {
		word := strings.TrimSpace(e.attr("label"))
		if word == "" || len(word) > maxTag {
			return nil, refuse(badTag, "The tag '%.50s' cannot be added: a label has 1 to %d bytes.", word, maxTag)
		}
		words = append(words, word)
	}
	return words, nil
}

// deleteTag answers DELETE tags/{tag} of an asset. Everything after tags/ is the tag, slashes too.
func (k *kind) deleteTag(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return a.tagged(c.site).delete(c)
}

// deleteTagFromView answers DELETE views/{id}/tags/{tag}.
func deleteTagFromView(c *call) (*reply, error) {
	v, workbook, err := c.view(codeNoWorkbook, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	return v.tagged(c.site, workbook).delete(c)
}

// delete takes off the tag in the path.
func (t tagged) delete(c *call) (*reply, error) {
	found, err := t.take(c, c.vars["tag"])
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refuse(codeNoTag, "The %s '%s' has no tag '%s'.", t.on.kind, t.on.luid, c.vars["tag"])
	}
	return noContent(), nil
}

// take takes off a tag, and tells whether it was there. Administrators, the owner and the leaders of the project take off
// any; others what they added themselves.
func (t tagged) take(c *call, word string) (bool, error) {
	i := slices.Index(labels(*t.tags), word)
	if i < 0 {
		return false, nil
	}
	if (*t.tags)[i].By != c.user.LUID && !c.owns(t.on) {
		return false, refuse(codeForbidden, "User '%s' may not take the tag '%s' off %s '%s'.", c.user.LUID, word, t.on.kind, t.on.luid)
	}
	*t.tags = slices.Delete(*t.tags, i, i+1)
	t.save()
	return true, nil
}

// addTagBatch answers PUT tags:batchCreate: the tags are added to all of the contents, or to none.
func addTagBatch(c *call) (*reply, error) {
	return c.tagBatch(func(t tagged, words []string) error {
		t.put(c, words)
		return nil
	})
}

// deleteTagBatch answers PUT tags:batchDelete. A tag that is not there is no error.
func deleteTagBatch(c *call) (*reply, error) {
	return c.tagBatch(func(t tagged, words []string) error {
		for _, word := range words {
			if _, err := t.take(c, word); err != nil {
				return err
			}
		}
		return nil
	})
}

// tagBatch changes the tags of the contents of the request, and answers with the request.
func (c *call) tagBatch(change func(tagged, []string) error) (*reply, error) {
	batch := c.body.child("tagBatch")
	words, err := readTags(batch.child("tags"), codeMalformed)
	if err != nil {
		return nil, err
	}
	tags, contents := node("tags"), node("contents")
	for _, word := range words {
		tags.add(node("tag").with("label", word))
	}
	for content := range batch.child("contents").each("content") {
		luid, contentType := content.attr("id"), content.attr("contentType")
		t, found := c.taggable(contentType, luid)
		if !found {
			return nil, refuse(codeNoContent, "There is no %s '%s' that has tags.", contentType, luid)
		}
		if err := c.allow(codeForbidden, "Read", t.on); err != nil {
			return nil, err
		}
		if err := change(t, words); err != nil {
			return nil, err
		}
		contents.add(node("content").with("id", luid).with("contentType", contentType))
	}
	if len(tags.children) == 0 || len(contents.children) == 0 {
		return nil, refuse(codeMalformed, "The request body has no tagBatch with tags and contents.")
	}
	return ok(node("tagBatch", tags, contents)), nil
}

// taggable finds something with tags by its type, in any case.
func (c *call) taggable(contentType, luid string) (tagged, bool) {
	if strings.EqualFold(contentType, "view") {
		v := c.site.views.Get(luid)
		if v == nil {
			return tagged{}, false
		}
		return v.tagged(c.site, c.site.workbooks.Get(v.Workbook)), true
	}
	if v := c.site.virtualConnections.Get(luid); v != nil && !v.Draft && strings.EqualFold(contentType, virtualConnectionElement) {
		return v.tagged(c.site), true
	}
	for _, k := range kinds {
		if a := k.of(c.site).Get(luid); a != nil && strings.EqualFold(contentType, k.element) {
			return a.tagged(c.site), true
		}
	}
	return tagged{}, false
}
