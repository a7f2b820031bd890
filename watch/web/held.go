package web

import (
	"bytes"
	"slices"
	"strconv"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// heldPage is the page of held orders: their causes, or the orders of one cause with its cure.
type heldPage struct {
	Act, Wait []causeCard // what a person must do, and what ends without anyone
	Cause     *causeCard  // whose orders are listed; nil for the list of causes
	Orders    []heldOrder
	All       int
	Pages     pager
	Cure      *cureForm // nil where no line of a catalog cures it
	Dismissed []desk.Dismissal
	AllGone   int // dismissed orders
	ShowGone  bool
	Written   []desk.Written // lines of catalogs that can be taken back
}

// shownWritten is how many of them are shown.
const shownWritten = 10

// causeCard holds what orders wait for, in words.
type causeCard struct {
	desk.Cause
	Why, Do string
	Link    string // to its orders
	Sums    []string
}

type heldOrder struct {
	desk.Hold
	Amount string
}

// heldOnPage is how many orders a page lists.
const heldOnPage = 50

// endAlone are the codes of holds that end when the marketplace or another file says more: nothing is to be done.
var endAlone = []string{"pending", "items-missing", "order-missing"}

var _ = addPage(page{Name: "held", Place: 30, Role: roles.Look, Fill: func(v *visit) (any, error) {
	p := &heldPage{ShowGone: v.field("gone") != ""}
	if v.field("code") != "" {
		return p, v.fillCause(p)
	}
	return p, v.fillCauses(p)
}})

func (v *visit) fillCauses(p *heldPage) error {
	causes, err := v.desk.HeldCauses(v.ctx(), desk.HeldOptions{})
	if err != nil {
		return err
	}
	act := make([]*desk.Cause, 0, len(causes))
	for i := range causes {
		if slices.Contains(endAlone, causes[i].Code) {
			p.Wait = append(p.Wait, v.cardOf(&causes[i]))
			continue
		}
		act = append(act, &causes[i])
	}
	p.Pages = pagerOf(v, "/held?causes=all", len(act), heldOnPage)
	for _, c := range act[p.Pages.offset():min(p.Pages.offset()+heldOnPage, len(act))] {
		p.Act = append(p.Act, v.cardOf(c))
	}
	opt := desk.HeldOptions{Page: desk.Page{Limit: 1}}
	if p.ShowGone {
		opt.Page.Limit = heldOnPage
	}
	list, err := v.desk.Held(v.ctx(), opt)
	if err != nil {
		return err
	}
	if v.mayWork() {
		if p.Written, err = v.desk.WrittenLines(shownWritten); err != nil {
			return err
		}
	}
	p.AllGone = list.AllDismissed
	if p.ShowGone {
		p.Dismissed = list.Dismissed
	}
	return nil
}

func (v *visit) cardOf(c *desk.Cause) causeCard {
	card := causeCard{Cause: *c, Link: causeLink(c.Code, c.File, c.Line)}
	card.Why, card.Do = v.words.HoldCode(c.Code, c.File)
	for _, sum := range c.Sums {
		card.Sums = append(card.Sums, v.words.Amount(sum.Amount, sum.Currency))
	}
	return card
}

func (v *visit) fillCause(p *heldPage) error {
	opt := desk.HeldOptions{Code: v.field("code"), File: v.field("file"), Line: v.field("line")}
	causes, err := v.desk.HeldCauses(v.ctx(), opt)
	if err != nil {
		return err
	}
	causes = slices.DeleteFunc(causes, func(c desk.Cause) bool { return c.Line != opt.Line }) // without a line: those of no line
	if len(causes) == 0 {                                                                     // it was cured meanwhile
		return v.fillCauses(p)
	}
	card := v.cardOf(&causes[0])
	p.Cause, p.All = &card, card.Orders
	p.Pages = pagerOf(v, card.Link, p.All, heldOnPage)
	opt.Page = desk.Page{Offset: p.Pages.offset(), Limit: heldOnPage}
	list, err := v.desk.Held(v.ctx(), opt)
	if err != nil {
		return err
	}
	for _, h := range list.Held {
		o := heldOrder{Hold: h}
		if h.Total != "" {
			o.Amount = v.words.Amount(h.Total, h.Currency)
		}
		p.Orders = append(p.Orders, o)
	}
	p.Cure, err = v.cureOf(&causes[0], list.Held)
	return err
}

// pager leads through the pages of a list.
type pager struct {
	Page, Last     int // from 1
	Before, Behind string
	size           int
}

func pagerOf(v *visit, link string, all, size int) pager {
	p := pager{Page: 1, Last: max(1, (all+size-1)/size), size: size}
	if n, err := strconv.Atoi(v.field("page")); err == nil {
		p.Page = min(max(n, 1), p.Last)
	}
	if p.Page > 1 {
		p.Before = link + "&page=" + strconv.Itoa(p.Page-1)
	}
	if p.Page < p.Last {
		p.Behind = link + "&page=" + strconv.Itoa(p.Page+1)
	}
	return p
}

func (p *pager) offset() int { return (p.Page - 1) * p.size }

// chosenOrders are the orders that a form is about: those that are ticked, or all of the cause.
func (v *visit) chosenOrders() (orders []string, err error) {
	if v.field("all") == "" {
		orders = v.r.PostForm["order"]
	} else {
		list, err := v.desk.Held(v.ctx(), desk.HeldOptions{Code: v.field("code"), File: v.field("file"), Line: v.field("line")})
		if err != nil {
			return nil, err
		}
		for i := range list.Held {
			orders = append(orders, list.Held[i].Order)
		}
	}
	if len(orders) == 0 {
		return nil, words.Refuse(words.New("web.held.none-chosen"), words.New("web.held.choose"))
	}
	return orders, nil
}

// backToCause is the page that a form of it stood on.
func (v *visit) backToCause() string {
	if v.field("code") == "" {
		return "/held"
	}
	return causeLink(v.field("code"), v.field("file"), v.field("line"))
}

var _ = addAction(action{Path: "held/retry", Role: roles.Work, Do: func(v *visit) (string, error) {
	orders, err := v.chosenOrders()
	if err != nil {
		return v.backToCause(), err
	}
	done, err := v.desk.Retry(v.ctx(), orders)
	if err == nil {
		v.tell(words.Count("web.held.tried", len(done.Orders)))
	}
	return v.backToCause(), err
}})

var _ = addAction(action{Path: "held/dismiss", Role: roles.Work, Do: func(v *visit) (string, error) {
	orders, err := v.chosenOrders()
	if err != nil {
		return v.backToCause(), err
	}
	if v.field("why") == "" {
		return v.backToCause(), words.Refuse(words.New("web.held.no-why"), words.New("web.held.say-why"))
	}
	done, err := v.desk.Dismiss(v.ctx(), desk.DismissOptions{Orders: orders, Why: v.field("why")})
	if err == nil {
		v.tell(words.Count("web.held.dismissed", len(done.Dismissed)))
	}
	return v.backToCause(), err
}})

var _ = addAction(action{Path: "held/undo", Role: roles.Work, Do: func(v *visit) (string, error) {
	orders := v.r.PostForm["order"]
	if len(orders) == 0 {
		return "/held?gone=1", words.Refuse(words.New("web.held.none-chosen"), words.New("web.held.choose"))
	}
	done, err := v.desk.UndoDismiss(v.ctx(), desk.DismissOptions{Orders: orders})
	if err == nil {
		v.tell(words.Count("web.held.undone", len(done.Held)))
	}
	return "/held", err
}})

var _ = addAction(action{Path: "held/takeback", Role: roles.Work, Do: func(v *visit) (string, error) {
	done, err := v.desk.TakeBack(v.ctx(), desk.TakeBackOptions{ID: v.field("id")})
	if err == nil {
		v.tell(words.Count("takeback.done", done.Out, "File", done.File))
	}
	v.server.Changed()
	return "/held", err
}})

// A key typed into the search is answered with the products alone.
var _ = addFile(action{Path: "held/found", Role: roles.Work, Do: func(v *visit) (string, error) {
	if err := v.r.ParseForm(); err != nil {
		return "", err
	}
	f := &cureForm{Link: causeLink(v.field("code"), v.field("file"), v.field("line")), Query: v.field("q")}
	if err := v.fillParts(f); err != nil {
		return "", err
	}
	var part bytes.Buffer
	if err := templateOf(v.words.Language, "held").ExecuteTemplate(&part, "found", f); err != nil {
		return "", err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = v.w.Write(part.Bytes()) // who left sees nothing
	return "", nil
}})
