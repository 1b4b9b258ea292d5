package emulator

import (
	"slices"
)

// addTags answers PUT tags: it adds to the tags that are there and tells all of them. None at all is no error.
func (k *kind) addTags(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	changed := *a
	changed.Tags = slices.Clone(a.Tags)
	for tag := range c.body.child("tags").each("tag") {
		label := tag.attr("label")
		if label == "" {
			return nil, refuse(codeMalformed, "A tag has no label.")
		}
		if !slices.Contains(changed.Tags, label) {
			changed.Tags = append(changed.Tags, label)
		}
	}
	k.of(c.site).Put(&changed)
	return ok(renderTags(changed.Tags)), nil
}

// deleteTag answers DELETE tags/{tag}. Everything after tags/ is the tag, slashes too.
func (k *kind) deleteTag(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	i := slices.Index(a.Tags, c.vars["tag"])
	if i < 0 {
		return nil, refuse(codeNoTag, "The %s '%s' has no tag '%s'.", k.element, a.LUID, c.vars["tag"])
	}
	changed := *a
	changed.Tags = slices.Delete(slices.Clone(a.Tags), i, i+1)
	k.of(c.site).Put(&changed)
	return noContent(), nil
}
