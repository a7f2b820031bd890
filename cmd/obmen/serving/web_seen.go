package serving

import (
	"bytes"
	"context"
	"sync"

	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/setup"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/templates/readers"
	"obmen/watch/desk/words"
	"obmen/watch/web"
)

// seenIn1C shows what configurations of 1C would hold after reading a document as a file of the layout commerceml.
type seenIn1C struct {
	page    *servedPage
	catalog func() (*catalog.Snapshot, error)

	once   sync.Once
	layout *layout.Layout // nil where it cannot be compiled
}

func (n *seenIn1C) show(ctx context.Context, d *document.Document, say *words.Words) (list []web.Seen) {
	n.once.Do(func() {
		if layouts, err := setup.LoadLayouts(n.page.cfg, []string{siteLayout}); err == nil {
			n.layout = layouts[0]
		}
	})
	cat, err := n.catalog()
	if n.layout == nil || err != nil { // what is wrong stands on the page of the settings
		return nil
	}
	var file bytes.Buffer
	b := document.Batch{Account: d.Account, Constants: d.Constants, Created: d.Updated, Documents: []document.Document{*d}}
	if _, err := n.layout.Parts()[0].Write(ctx, &file, b); err != nil {
		return nil
	}
	for _, target := range readers.Targets() {
		reader := target.ReaderOf(file.Bytes()[:min(file.Len(), 4096)], readers.Node{})
		if reader == nil {
			continue
		}
		var text bytes.Buffer
		base := converting.KnownBase(n.page.cfg, cat, nil, file.Bytes())
		items, buyers := len(base.Items), len(base.Buyers)
		report := reader.Read(base, file.Bytes())
		readers.Describe(&text, base, items, buyers, say.Phrase)
		converting.PrintMessages(&text, target.Title, &report, say)
		list = append(list, web.Seen{Target: target.Title, Text: text.String()})
	}
	return list
}
