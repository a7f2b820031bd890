package web

import (
	"html/template"
	"slices"
	"strconv"
	"time"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// today is the first page: how the exchange stands.
type today struct {
	*desk.Overview
	Act, Rest []desk.Task // what a person can do something about, and what not
	Out       []outRow
	Counted   bool // what went out is known already
	Fetches   []Fetch
	Charts    []chart
}

// outRow holds what went out of an account in a currency, today and this week.
type outRow struct{ Today, Week desk.Sum }

// chart is a picture with the same figures as a table.
type chart struct {
	Title, Head, Value string
	Picture            template.HTML
	Bars               []bar
}

// chartDays is how many days the charts show: two weeks fit on a phone.
const chartDays = 14

var _ = addPage(page{Name: "today", Place: 10, Role: roles.Look, Fill: func(v *visit) (any, error) {
	overview, err := v.desk.Overview(v.ctx(), v.now)
	if err != nil {
		return nil, err
	}
	t := &today{Overview: overview, Fetches: v.server.Outside.Fetches()}
	for _, task := range overview.Tasks {
		if task.Act {
			t.Act = append(t.Act, task)
		} else {
			t.Rest = append(t.Rest, task)
		}
	}
	var days []desk.Day
	if days, t.Counted = v.server.figures.Days(v.now, chartDays); t.Counted {
		t.addOut(days)
		t.addCharts(v.words, days)
	}
	return t, nil
}})

// addOut adds what went out today and since Monday.
func (t *today) addOut(days []desk.Day) {
	last := days[len(days)-1]
	sinceMonday := (int(last.Day.Weekday()) + 6) % 7
	week := days[len(days)-1-sinceMonday:]
	for _, sum := range desk.AddSums(week) {
		row := outRow{Week: sum, Today: desk.Sum{Account: sum.Account, Currency: sum.Currency}}
		if i := slices.IndexFunc(last.Sums, func(s desk.Sum) bool { return s.Account == sum.Account && s.Currency == sum.Currency }); i >= 0 {
			row.Today = last.Sums[i]
		}
		t.Out = append(t.Out, row)
	}
}

func (t *today) addCharts(w *words.Words, days []desk.Day) {
	var orders, hours []bar
	any := false
	for _, d := range days {
		label := dayLabel(w, d.Day)
		orders = append(orders, bar{label, float64(d.Orders), w.Number(d.Orders)})
		hour := bar{Label: label, Text: "—"}
		if d.Hours >= 0 {
			hour.Value, hour.Text = d.Hours, w.Decimal(strconv.FormatFloat(d.Hours, 'f', -1, 64))
		}
		hours = append(hours, hour)
		any = any || d.Orders > 0
	}
	day := w.Say("web.today.day")
	if any {
		t.addColumns(w.Say("web.today.orders-a-day"), day, w.Say("web.today.orders"), orders)
		for _, currency := range mainCurrencies(days) {
			t.addColumns(w.Say("web.today.sums-a-day", "Currency", currency), day, currency, sumBars(w, days, currency))
		}
		t.addColumns(w.Say("web.today.hours"), day, w.Say("web.today.hours-unit"), hours)
	}
	var held []bar
	for _, task := range t.Tasks {
		if task.Kind == desk.HeldTask {
			held = append(held, bar{holdReason(w, task.Code), float64(task.N), w.Number(task.N)})
		}
	}
	if len(held) > 0 {
		slices.SortStableFunc(held, func(a, b bar) int { return int(b.Value - a.Value) })
		title := w.Say("web.today.held-by-reason")
		t.Charts = append(t.Charts, chart{title, w.Say("web.today.reason"), w.Say("web.today.orders"), lines(title, held), held})
	}
}

func (t *today) addColumns(title, head, value string, bars []bar) {
	t.Charts = append(t.Charts, chart{title, head, value, columns(title, bars), bars})
}

// mostCurrencies is how many currencies have a chart of their own; the table above the charts has all.
const mostCurrencies = 2

// mainCurrencies are the currencies with the most orders.
func mainCurrencies(days []desk.Day) (list []string) {
	orders := map[string]int{}
	for _, s := range desk.AddSums(days) {
		if s.Currency != "" {
			if orders[s.Currency] == 0 {
				list = append(list, s.Currency)
			}
			orders[s.Currency] += s.Orders
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return orders[b] - orders[a] })
	return list[:min(len(list), mostCurrencies)]
}

// sumBars are the sums of a currency by day. The heights of columns need no exact amounts; the texts are exact.
func sumBars(w *words.Words, days []desk.Day, currency string) (list []bar) {
	for _, d := range days {
		var all desk.Sum
		for _, s := range d.Sums {
			if s.Currency == currency {
				all.Currency, all.Total = currency, all.Total.Plus(s.Total)
			}
		}
		height, _ := strconv.ParseFloat(all.Text(), 64)
		list = append(list, bar{dayLabel(w, d.Day), max(height, 0), w.Amount(all.Text(), currency)})
	}
	return list
}

// dayLabel is a day without its year.
func dayLabel(w *words.Words, t time.Time) string {
	if w.Language == words.Russian {
		return t.Format("02.01")
	}
	return t.Format("2 Jan")
}

// holdReason is why an order is held, in a few words; the code where there are none.
func holdReason(w *words.Words, code string) string {
	if key := "hold." + code + ".why"; w.Has(key) {
		return w.Say(key)
	}
	return code
}
