package report

import (
	"io"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/money"
)

// Result is the object that --json prints, and its parts. It is a promise: fields are added, never renamed or removed.
type (
	Result struct {
		Orders  []Order  `json:"orders"`
		Outputs []Output `json:"outputs"`
		Files   []File   `json:"files"`
	}
	Order struct {
		ID      string `json:"id"`
		Account string `json:"account"`
		Source  string `json:"source"`  // source format
		Origin  string `json:"origin"`  // file and place
		Outcome string `json:"outcome"` // exported, held or skipped
		Refusal
		Currency string   `json:"currency"`
		Total    string   `json:"total"` // proven, of a held or skipped order as stated; empty when unknown
		Excluded string   `json:"excluded,omitempty"`
		Proof    string   `json:"proof,omitempty"`
		Document string   `json:"document,omitempty"` // id in 1C
		Output   []string `json:"output,omitempty"`   // paths of the files the order is in
	}
	Output struct {
		Path   string            `json:"path"`
		Layout string            `json:"layout"`
		SHA256 string            `json:"sha256"`
		Orders int               `json:"orders"`
		Sums   map[string]string `json:"sums"` // by currency, of the documents' totals

		Template string `json:"template"` // hash of the layout: a changed template has another
	}
	File struct {
		Name    string `json:"name"`
		Format  string `json:"format"`
		Outcome string `json:"outcome"` // read or refused
		Orders  int    `json:"orders"`
		Reason  string `json:"reason,omitempty"`
		Hint    string `json:"hint,omitempty"`
	}
)

// Refusal is why an order was not exported, and what cures it.
type Refusal struct {
	Code     string   `json:"code,omitempty"`
	Sentence string   `json:"sentence,omitempty"`
	Cure     string   `json:"cure,omitempty"`
	Add      []string `json:"add,omitempty"`
}

func (r *Report) json(w io.Writer) error {
	return ui.PrintJSON(w, Result{r.jsonOrders(), r.JSONOutputs(), r.jsonFiles()})
}

func (r *Report) jsonOrders() []Order {
	paths := map[string][]string{} // by the document's id: two shops have an order 1001 each
	for _, out := range r.Outputs {
		for _, id := range out.Documents {
			paths[id] = append(paths[id], out.Path)
		}
	}
	list := make([]Order, 0, len(r.Orders))
	for i := range r.Orders {
		list = append(list, OrderOf(&r.Orders[i], paths))
	}
	return list
}

// OrderOf returns an order as --json prints it; paths are the outputs of its document, by the document's id.
func OrderOf(o *convert.Outcome, paths map[string][]string) Order {
	j := Order{
		ID: o.Order, Account: o.Account, Source: o.Source, Origin: o.Origin.String(),
		Outcome: o.State(), Refusal: Refusal{Code: o.Code()}, Currency: string(o.Currency),
	}
	if o.Total.Known {
		j.Total = o.Total.Value.Text(o.Currency.Places())
	}
	if h := o.Hold; h != nil {
		j.Sentence, j.Cure, j.Add = h.Sentence, h.Cure, h.Add
	}
	if o.Rule != "" {
		j.Sentence = o.Rule.Meaning()
	}
	if d := o.Document; d != nil {
		j.Proof, j.Document, j.Output = d.Proof.Name, d.ID, paths[d.ID]
		if !d.Proof.Excluded.IsZero() {
			j.Excluded = d.Proof.Excluded.Text(o.Currency.Places())
		}
	}
	return j
}

// JSONOutputs returns the outputs as --json prints them.
func (r *Report) JSONOutputs() []Output {
	list := make([]Output, 0, len(r.Outputs))
	for _, out := range r.Outputs {
		j := Output{out.Path, out.Layout, out.SHA256, out.Count, map[string]string{}, out.Template}
		for _, s := range out.Sums {
			j.Sums[string(s.Currency)] = amountText(s.Amount, s.Currency)
		}
		list = append(list, j)
	}
	return list
}

func amountText(a money.Amount, c money.Currency) string { return a.Text(c.Places()) }

func (r *Report) jsonFiles() []File {
	list := make([]File, 0, len(r.Files))
	for _, f := range r.Files {
		j := File{Name: f.Name, Format: f.Format, Outcome: "read", Orders: f.Orders}
		if f.Err != nil {
			j.Outcome, j.Reason, j.Hint = "refused", f.Err.Error(), f.Err.Advice
		}
		list = append(list, j)
	}
	return list
}
