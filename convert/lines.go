package convert

import (
	"cmp"
	"fmt"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// chargeLine is a part of a document before its price is split: a product with its money.
type chargeLine struct {
	kind     string
	product  catalog.Product
	created  bool
	source   *order.Line // nil for services
	quantity money.Quantity
	share    charge
	rate     money.VATRate
	// rateStated reports that the rate follows from the tax which the source states.
	rateStated bool
}

// service is a charge that stands in the document as a line of its own. A product with this SKU in
// products.csv gives it a name, an id of 1C and a VAT rate; without one it is known to 1C by the SKU,
// as loaders of site orders know ORDER_DELIVERY.
type service struct{ kind, sku, name string }

var services = struct{ shipping, wrap, cod, other service }{
	service{"shipping", "ORDER_DELIVERY", "Доставка заказа"},
	service{"gift-wrap", "ORDER_GIFT_WRAP", "Подарочная упаковка"},
	service{"cod", "ORDER_COD_FEE", "Сбор за наложенный платёж"},
	service{"other", "ORDER_OTHER", "Прочие услуги по заказу"},
}

const goods = "goods"

// chargeLines lays an order's money out over products and services. Charges of all lines for shipping come
// together in one service, and so do gift wrap and the others; what comes to nothing is left out.
func (m *matcher) chargeLines(o *order.Order, p *proven, r *taxTreatment, products []found) ([]chargeLine, *Hold) {
	list := make([]chargeLine, 0, len(o.Lines)+1) // and the shipping
	var sum charges
	homeless := money.Zero
	sum.shipping = r.withoutWithheld(p.shipping)
	for i := range o.Lines {
		l, s := &o.Lines[i], p.lines[i]
		g := r.withoutWithheld(s.goods)
		sum.shipping = sum.shipping.plus(r.withoutWithheld(s.shipping))
		sum.wrap = sum.wrap.plus(r.withoutWithheld(s.wrap))
		sum.cod = sum.cod.plus(r.withoutWithheld(s.cod))
		sum.other = sum.other.plus(r.withoutWithheld(s.other))
		if ordersNothing(l) {
			if !g.amount.IsZero() {
				return nil, &Hold{
					Code:     AmountNoQuantity,
					Sentence: fmt.Sprintf("%s: the line has an amount of %s and a quantity of 0", l.Origin, g.amount.Text(o.Currency.Places())),
					Cure:     compareOrder,
				}
			}
			homeless = homeless.Plus(g.tax)
			continue
		}
		var hold *Hold
		if list, hold = appendComponents(list, l, g, &products[i], documentPlaces(o.Currency)); hold != nil {
			return nil, hold
		}
	}
	list, hold := discountGoods(o, list, p.discount)
	if hold != nil {
		return nil, hold
	}
	for _, s := range []struct {
		service
		charge
	}{{services.shipping, sum.shipping}, {services.wrap, sum.wrap}, {services.cod, sum.cod}, {services.other, sum.other}} {
		if !s.amount.IsZero() {
			list = append(list, m.serviceLine(s.service, s.charge))
		} else {
			homeless = homeless.Plus(s.tax)
		}
	}
	allocateUnallocatedTax(list, homeless)
	return list, refuseNegative(list, o)
}

// allocateUnallocatedTax returns the tax that a source states for a charge of 0.00 to the largest line, so that
// what the buyer paid stays whole.
func allocateUnallocatedTax(list []chargeLine, tax money.Amount) {
	if tax.IsZero() || len(list) == 0 {
		return
	}
	largest := 0
	for i := range list {
		if list[largest].share.amount.Less(list[i].share.amount) {
			largest = i
		}
	}
	list[largest].share.tax = list[largest].share.tax.Plus(tax)
}

// appendComponents adds the products that one sold unit stands for to a list, and shares the line's money over them.
func appendComponents(list []chargeLine, l *order.Line, s charge, f *found, places int) ([]chargeLine, *Hold) {
	weights := make([]money.Decimal, len(f.components))
	for i := range f.components {
		c := &f.components[i]
		weights[i] = c.Quantity
		if c.Share.Known {
			weights[i] = c.Share.Value
		}
	}
	amounts, ok := money.Allocate(s.amount, weights, places)
	taxes, ok2 := money.Allocate(s.tax, weights, places)
	if !ok || !ok2 {
		if isExact(s.amount, places) {
			return nil, tooFine(l.Origin, taxWord, s.tax, places)
		}
		return nil, tooFine(l.Origin, amountWord, s.amount, places)
	}
	for i := range f.components {
		c := &f.components[i]
		list = append(list, chargeLine{
			kind: goods, product: c.Product, created: f.created, source: l,
			quantity: l.Ordered.Times(c.Quantity), share: charge{amounts[i], taxes[i], s.unstated},
		})
	}
	return list, nil
}

func isExact(a money.Amount, places int) bool {
	_, ok := a.Units(places)
	return ok
}

// discountGoods takes the discount of a whole order off its goods, in proportion to their amounts.
func discountGoods(o *order.Order, list []chargeLine, discount money.Amount) ([]chargeLine, *Hold) {
	places := documentPlaces(o.Currency)
	switch {
	case discount.IsZero():
		return list, nil
	case !isExact(discount, places):
		return nil, tooFine(o.Origin, "discount", discount, places)
	}
	weights := make([]money.Decimal, len(list))
	for i := range list {
		weights[i] = list[i].share.amount
	}
	parts, ok := money.Allocate(discount, weights, places)
	if !ok {
		return nil, &Hold{
			Code:     NegativeLine,
			Sentence: fmt.Sprintf("a discount of %s on the order has no goods to be taken from", discount.Text(places)),
			Cure:     compareOrder,
		}
	}
	for i := range list {
		list[i].share.amount = list[i].share.amount.Minus(parts[i])
	}
	return list, nil
}

func (m *matcher) serviceLine(s service, sum charge) chargeLine {
	product, ok := m.cat.Product(s.sku)
	if !ok {
		product = catalog.Product{SKU: s.sku, Name: s.name}
	}
	product.Service = true
	return chargeLine{kind: s.kind, product: product, created: !ok, quantity: money.One, share: sum}
}

func refuseNegative(list []chargeLine, o *order.Order) *Hold {
	for i := range list {
		if list[i].share.amount.Sign() < 0 {
			return &Hold{
				Code: NegativeLine,
				Sentence: fmt.Sprintf("%s comes to %s: a discount is larger than what it is taken from",
					cmp.Or(list[i].product.SKU, list[i].kind), list[i].share.amount.Text(o.Currency.Places())),
				Cure: compareOrder + "; if it is right, enter it in 1C by hand",
			}
		}
	}
	return nil
}

// compareOrder is the cure of amounts that cannot be right.
const compareOrder = "compare the order with what the marketplace or shop shows"

// mostPlaces is how many decimal places prices and sums of 1C's documents have.
const mostPlaces = 2

// documentPlaces are the decimal places of a document's amounts.
func documentPlaces(c money.Currency) int { return min(c.Places(), mostPlaces) }

// What may have too many places.
const amountWord, taxWord = "amount", "tax"

func tooFine(at order.Origin, what string, amount money.Amount, places int) *Hold {
	return &Hold{
		Code:     TooManyPlaces,
		Sentence: fmt.Sprintf("%s: the %s %s has more than the %d decimal places that a document of 1C keeps in this currency", at, what, amount, places),
		Cure:     compareOrder + "; if it is right, enter it in 1C by hand, rounded as your accounting rules say",
	}
}

// appendLines adds a piece to document lines so that price × quantity is the amount on each.
func appendLines(lines []document.Line, pc *chargeLine, o *order.Order) ([]document.Line, *Hold) {
	places := documentPlaces(o.Currency)
	if !isExact(pc.share.amount, places) {
		return nil, tooFine(originOf(pc, o), amountWord, pc.share.amount, places)
	}
	parts, ok := money.Split(pc.share.amount, pc.quantity, places)
	if !ok {
		return nil, &Hold{
			Code:     NotDivisible,
			Sentence: fmt.Sprintf("%s: no price × %s gives %s exactly", originOf(pc, o), pc.quantity, pc.share.amount.Text(places)),
			Cure:     "enter the order in 1C by hand",
		}
	}
	for _, part := range parts {
		lines = append(lines, newLine(pc, part))
	}
	return lines, nil
}

func originOf(pc *chargeLine, o *order.Order) order.Origin {
	if pc.source != nil {
		return pc.source.Origin
	}
	return o.Origin
}

func newLine(pc *chargeLine, part money.Part) document.Line {
	p := &pc.product
	l := document.Line{
		Kind: pc.kind, Service: pc.kind != goods || p.Service,
		Product: document.Product{
			ProductID: p.ID, Characteristic: p.Characteristic, Code: p.Code, SKU: p.SKU, Name: oneLine(cmp.Or(p.Name, p.SKU)),
			Unit: cmp.Or(p.Unit, "шт"), Barcode: p.Barcode, NewProduct: pc.created,
		},
		LineAmounts: document.LineAmounts{Quantity: part.Quantity, Price: part.Price, Amount: part.Amount, VATRate: pc.rate},
	}
	if s := pc.source; s != nil {
		l.SourceSKU, l.ASIN, l.ItemID, l.Title = s.SKU, s.ASIN, s.ID, oneLine(s.Title)
	}
	return l
}
