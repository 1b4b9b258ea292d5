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
	tags := slices.Clone(a.tags)
	for tag := range c.body.child("tags").each("tag") {
		label := tag.attr("label")
		if label == "" {
			return nil, refuse(codeMalformed, "A tag has no label.")
		}
		if !slices.Contains(tags, label) {
			tags = append(tags, label)
		}
	}
	a.tags = tags
	return ok(renderTags(tags)), nil
}

// deleteTag answers DELETE tags/{tag}. Everything after tags/ is the tag, slashes too.
func (k *kind) deleteTag(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	i := slices.Index(a.tags, c.vars["tag"])
	if i < 0 {
		return nil, refuse(codeNoTag, "The %s '%s' has no tag '%s'.", k.element, a.luid, c.vars["tag"])
	}
	a.tags = slices.Delete(slices.Clone(a.tags), i, i+1)
	return noContent(), nil
}
