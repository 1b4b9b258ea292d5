package webpage

import (
	"cmp"
	"slices"
	"strings"
)

// Node is a project for [Tree]: the LUID of its parent is "" at the top.
type Node struct {
	Ref
	Parent   string
	Contents int // in it, not in its subprojects
}

// Tree makes the project tree of a site with the project at open, or with none open for "". The path leads from the top
// to that project. Of many projects in one place the first [MaxWindow] by name are shown, and the one on the path.
func Tree(nodes []Node, at string) (path []Ref, tree Branches) {
	parents := make(map[string]Node, len(nodes))
	under := make(map[string][]Node)
	for _, n := range nodes {
		parents[n.LUID] = n
		under[n.Parent] = append(under[n.Parent], n)
	}
	open := make(map[string]bool)
	for n, ok := parents[at]; ok && !open[n.LUID]; n, ok = parents[n.Parent] {
		open[n.LUID] = true
		path = append([]Ref{n.Ref}, path...)
	}
	if path == nil {
		path = []Ref{}
	}
	return path, branches(under, open, "")
}

func branches(under map[string][]Node, open map[string]bool, parent string) Branches {
	nodes := under[parent]
	slices.SortStableFunc(nodes, func(a, b Node) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
	})
	list := Branches{Total: len(nodes), Items: []Branch{}}
	for i, n := range nodes {
		if i >= MaxWindow && !open[n.LUID] {
			continue
		}
		b := Branch{Ref: n.Ref, Contents: n.Contents, Children: len(under[n.LUID])}
		if open[n.LUID] && b.Children > 0 {
			below := branches(under, open, n.LUID)
			b.Under = &below
		}
		list.Items = append(list.Items, b)
	}
	return list
}
