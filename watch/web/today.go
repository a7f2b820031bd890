package web

import "obmen/watch/desk"

// today is the first page: how the exchange stands.
type today struct {
	Health desk.Health
}

var _ = addPage(page{Name: "today", Place: 10, Role: desk.Look, Fill: func(v *visit) (any, error) {
	status, err := v.desk.Status(v.ctx(), desk.StatusOptions{})
	if err != nil {
		return nil, err
	}
	return today{Health: v.desk.Health(status)}, nil
}})
