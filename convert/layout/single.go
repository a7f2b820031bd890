package layout

import "text/template/parse"

// single says whether the template is one action, or one action inside {{if}}: its value is then a
// cell's own, with its kind. It compiles anew what compile has found to be right.
func (c *compiler) single(dot expr) (e expr, holds func(*state) bool, ok bool) {
	tree, ok := c.parse()
	if !ok || len(tree.Root.Nodes) != 1 {
		return expr{}, nil, false
	}
	sc := &scope{dot: dot, root: loop(batchLoop, batchRecord), loops: firstFreeLoop}
	node := tree.Root.Nodes[0]
	if branch, isIf := node.(*parse.IfNode); isIf && branch.ElseList == nil && len(branch.List.Nodes) == 1 {
		condition, ok := c.pipe(branch.Pipe, sc)
		if !ok || len(branch.Pipe.Decl) > 0 {
			return expr{}, nil, false
		}
		holds, _ = condition.truth()
		node = branch.List.Nodes[0]
	}
	action, ok := node.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 {
		return expr{}, nil, false
	}
	e, ok = c.pipe(action.Pipe, sc)
	return e, holds, ok
}
