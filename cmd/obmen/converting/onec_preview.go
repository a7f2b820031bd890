package converting

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/templates/readers"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// mostPreviewed is how large a file a preview reads: far more than a set of orders, and it is read whole.
const mostPreviewed = 64 << 20

type previewOnecOptions struct {
	File, Target, Config, Catalogs string
	Currencies                     []string
}

func onecPreviewCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "preview",
		Usage:     "show what a configuration of 1C would hold after reading a file",
		ArgsUsage: "FILE",
		Description: "FILE is one of the layouts commerceml or enterprisedata. A model of the configuration reads it once and once more, by rules\n" +
			"learned from its public releases; none of it was tried on a live base. Products and customers of the catalogs count as known to 1C.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "target", Usage: "the `CONFIGURATION`: " + strings.Join(readerTargets(), ", "), Value: "ut"},
			&cli.StringSliceFlag{Name: "currency", Usage: "`NAME` of a currency that 1C has beside RUB, may be given again (default: all that the file names)"},
			&cli.PathFlag{Name: "catalogs", Usage: "`DIR` with products.csv and its companions"},
			setup.ConfigFlag(),
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Usage("obmen 1c preview outbox/orders.xml --target unf", "name one file")
			}
			return runOnecPreview(c.Context, previewOnecOptions{
				File: c.Args().First(), Target: c.String("target"), Config: c.Path("config"), Catalogs: c.Path("catalogs"), Currencies: c.StringSlice("currency"),
			}, s)
		},
	}
}

func readerTargets() (names []string) {
	for _, t := range readers.Targets() {
		names = append(names, t.Name)
	}
	return names
}

func runOnecPreview(_ context.Context, opt previewOnecOptions, s ui.Streams) error {
	target, err := readers.LookUp(opt.Target)
	if err != nil {
		return ui.Usage("choose one of "+strings.Join(readerTargets(), ", "), "%v", err)
	}
	file, err := drop.ReadFile(drop.OS{}, opt.File, mostPreviewed)
	if err != nil {
		return err
	}
	reader := target.ReaderOf(file[:min(len(file), 4096)], readers.Node{})
	if reader == nil {
		return ui.Usage("name a file of the layout commerceml or enterprisedata", "%s: neither КоммерческаяИнформация nor a message of EnterpriseData", opt.File)
	}
	base, err := previewBase(opt, file)
	if err != nil {
		return err
	}
	items, buyers := len(base.Items), len(base.Buyers)
	report := reader.Read(base, file)
	readers.Describe(s.Out, base, items, buyers, s.Words().Phrase)
	PrintMessages(s.Out, target.Title, &report, s.Words())
	s.PrintPhrase(s.Out, "%s: %d created, %d updated, %d skipped\n", target.Title, report.Created, report.Updated, report.Skipped)
	again := reader.Read(base, file)
	s.PrintPhrase(s.Out, "read again: %d created, %d updated, %d skipped\n", again.Created, again.Updated, again.Skipped)
	return nil
}

// PrintMessages prints what a configuration says of a file, what it passes over, and what its settings decide.
func PrintMessages(w io.Writer, title string, report *readers.Report, say *words.Words) {
	for _, text := range report.Messages {
		fmt.Fprintln(w, say.Phrase(fmt.Sprintf("%s says: %s", title, text)))
	}
	for _, text := range together(report.Silent) {
		fmt.Fprintln(w, say.Phrase(fmt.Sprintf("%s does not say: %s", title, text)))
	}
	for _, text := range report.Depends {
		fmt.Fprintln(w, say.Phrase(fmt.Sprintf("%s, by its settings: %s", title, text)))
	}
}

// mostTogether is how many orders a remark names that is about more of them.
const mostTogether = 3

// together makes one remark of those that are the same about many orders.
func together(remarks []string) (list []string) {
	orders := map[string][]string{} // by what is remarked
	for _, text := range remarks {
		if order, what, found := strings.Cut(text, ": "); found && strings.HasPrefix(order, "order ") {
			orders[what] = append(orders[what], strings.TrimPrefix(order, "order "))
		}
	}
	told := map[string]bool{}
	for _, text := range remarks {
		_, what, _ := strings.Cut(text, ": ")
		numbers := orders[what]
		switch {
		case len(numbers) <= mostTogether:
			list = append(list, text)
		case !told[what]:
			told[what] = true
			list = append(list, fmt.Sprintf("orders %s and %d more: %s", strings.Join(numbers[:mostTogether], ", "), len(numbers)-mostTogether, what))
		}
	}
	return list
}

// previewBase is a base that knows what the catalogs have of the file, and the currencies that are named.
func previewBase(opt previewOnecOptions, file []byte) (*readers.Base, error) {
	cfg, err := config.Load(opt.Config)
	if err != nil {
		return nil, err
	}
	given := Options{Catalogs: opt.Catalogs}
	set := settings{Config: cfg}
	if err := set.readCatalogs(&given); err != nil {
		return nil, err
	}
	return KnownBase(cfg, set.cat, opt.Currencies, file), nil
}

// KnownBase is a base that knows the organisations and warehouses of the settings, what the catalogs have of a file,
// and the currencies that are named; nil for all of the file's.
func KnownBase(cfg *config.Config, cat *catalog.Snapshot, currencies []string, file []byte) *readers.Base {
	mentioned := readers.Mentions(file)
	b := &readers.Base{Currency: document.HomeCurrency, Rates: []string{"0", "10", "18", "20"}, Currencies: currencies}
	if currencies == nil {
		b.Currencies = mentioned.Currencies
	}
	for i := range cfg.Options.Accounts {
		a := &cfg.Options.Accounts[i]
		b.Organisations = append(b.Organisations, readers.Named{ID: a.Constants["СсылкаОрганизации"], Name: a.Organisation, TaxID: a.Constants["ИНН"]})
		for _, name := range a.Warehouses {
			b.Warehouses = append(b.Warehouses, readers.Named{ID: a.Constants["СсылкаСклада"], Name: name})
		}
	}
	slices.SortFunc(b.Warehouses, func(x, y readers.Named) int { return strings.Compare(x.Name, y.Name) })
	knownToCatalogs(b, &mentioned, cat)
	return b
}

// knownToCatalogs puts what the catalogs have of a file into a base.
func knownToCatalogs(b *readers.Base, m *readers.Mentioned, cat *catalog.Snapshot) {
	for _, item := range m.Items {
		if p, ok := cat.Product(item.Article); ok && p.ID != "" {
			known := readers.Item{ID: p.ID, Article: p.SKU, Name: p.Name, Service: p.Service, Rate: strings.TrimSuffix(p.VAT.String(), "%")}
			if p.Characteristic != "" {
				known.Variants = []string{p.Characteristic}
			}
			if at := slices.IndexFunc(b.Items, func(i readers.Item) bool { return i.ID == p.ID }); at >= 0 {
				b.Items[at].Variants = append(b.Items[at].Variants, known.Variants...)
			} else {
				b.Items = append(b.Items, known)
			}
		}
	}
	for _, buyer := range m.Buyers {
		c, ok := cat.CustomerByRef(buyer.ID)
		if !ok || slices.ContainsFunc(b.Buyers, func(x readers.Buyer) bool { return x.ID == c.ID }) {
			continue
		}
		kind := readers.Person
		if c.Kind == catalog.KindCompany {
			kind = readers.Company
		}
		b.Buyers = append(b.Buyers, readers.Buyer{ID: c.ID, Name: document.FitName(c.Name, 100), TaxID: c.TaxID, KPP: c.KPP, Kind: kind, Email: c.Email, Phone: c.Phone, Country: c.Country})
	}
}
