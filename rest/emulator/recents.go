package emulator

import "slices"

var recentOperations = []operation{
	op("GET", "sites/{site}/content/recent", onSite, nil, listRecent).since(3, 5),
}

// recents are what a user looked at last, the latest first.
type recents struct {
	User  string // LUID
	Items []recent
}

type recent struct{ Kind, LUID string }

// maxRecents is how many items the list of a user has.
const maxRecents = 50

// saw notes that the caller looked at something.
func (c *call) saw(kind, luid string) {
	seen := recents{User: c.user.LUID, Items: []recent{{kind, luid}}}
	if before := c.site.recents.Get(c.user.LUID); before != nil {
		for _, item := range before.Items {
			if item.LUID != luid && len(seen.Items) < maxRecents {
				seen.Items = append(seen.Items, item)
			}
		}
	}
	c.site.recents.Put(&seen)
}

// sawRecently tells whether something is in the caller's list.
func (c *call) sawRecently(luid string) bool {
	seen := c.site.recents.Get(c.user.LUID)
	return seen != nil && slices.ContainsFunc(seen.Items, func(item recent) bool { return item.LUID == luid })
}

// listRecent answers GET content/recent: what the caller looked at last and may still read.
func listRecent(c *call) (*reply, error) {
	list := node("recents")
	seen := c.site.recents.Get(c.user.LUID)
	if seen == nil {
		return ok(list), nil
	}
	for _, item := range seen.Items {
		switch v, workbook := c.site.views.Get(item.LUID), c.site.workbooks.Get(item.LUID); {
		case v != nil && c.may("Read", v.securable(c.site.workbooks.Get(v.Workbook))):
			list.add(node("recent", v.renderListed(c)))
		case workbook != nil && c.may("Read", workbook.securable()):
			list.add(node("recent", workbook.renderWorkbook(c)))
		}
	}
	return ok(list), nil
}
