package iati

import (
	"fmt"

	"github.com/google/go-cmp/cmp"
)

type plainNode struct {
	Name, Text string
	Attrs      []string
	Children   []plainNode
}

func (t *tree) plain(n int32) plainNode {
	nd := t.nodes[n]
	p := plainNode{Name: string(nd.name), Text: string(nd.text)}
	for _, a := range t.attrs[nd.from:nd.to] {
		p.Attrs = append(p.Attrs, string(a.name)+"="+string(a.value))
	}
	t.children(n, "", func(c int32) { p.Children = append(p.Children, t.plain(c)) })
	return p
}

// diffTrees compares what two decoders made of the same bytes.
func diffTrees(a, b *tree, errA, errB error) string {
	if errA != nil || errB != nil {
		return cmp.Diff(fmt.Sprint(errB), fmt.Sprint(errA))
	}
	if a.unbound != b.unbound {
		return fmt.Sprintf("unbound prefixes %q and %q", a.unbound, b.unbound)
	}
	return cmp.Diff(b.plain(0), a.plain(0))
}
