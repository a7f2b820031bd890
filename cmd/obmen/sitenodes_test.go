package main

import (
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
)

const twoNodes = `[watch]
settle = "1ms"
deliver = "site"
[[account]]
name = "shop"
currency = "RUB"
[[account]]
name = "outlet"
marketplaces = ["DE"]
currency = "RUB"
[[route]]
name = "shop"
inbox = "inbox"
account = "shop"
[[route]]
name = "outlet"
inbox = "outlet"
account = "outlet"
[site]
listen = "0.0.0.0:0"
behind_proxy = true
batch = 10
[[site.user]]
name = "1c"
account = "shop"
[[site.user]]
name = "second"
account = ["outlet"]
`

// saidBy1C is an order as 1C sends it back, with properties: a name and a value each.
func saidBy1C(number, currency, total string, properties ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Документ><Ид>6a248d17-0bd9-5068-bf19-000000%s</Ид><Номер>%s</Номер><ХозОперация>Заказ товара</ХозОперация><Валюта>%s</Валюта><Сумма>%s</Сумма><ЗначенияРеквизитов>`,
		number, number, currency, total)
	for i := 0; i < len(properties); i += 2 {
		fmt.Fprintf(&b, `<ЗначениеРеквизита><Наименование>%s</Наименование><Значение>%s</Значение></ЗначениеРеквизита>`, properties[i], properties[i+1])
	}
	return b.String() + `</ЗначенияРеквизитов></Документ>`
}

func saidFile(documents ...string) []byte {
	return []byte("\ufeff" + `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.08">` + strings.Join(documents, "") + `</КоммерческаяИнформация>`)
}

// Two nodes of 1C come through a proxy that speaks TLS: each gets the orders of its account, and answers
// for them alone. What it says of them, a person can read.
func TestSiteOfTwoNodes(t *testing.T) {
	s := newSiteScene(t, 6)
	s.write("obmen.toml", twoNodes)
	s.check(os.Mkdir(s.path("outlet"), 0o700))
	s.drop(2)
	s.check(os.Rename(s.path("inbox/orders.json"), s.path("outlet/orders.json")))
	s.run(sitePassword, "site", "user", "set", "--config", s.path("obmen.toml"), "second")
	s.run("", "watch", "--once", "--config", s.path("obmen.toml"))
	s.start()
	s.client.URL = "http://127.0.0.1" + s.client.URL[strings.LastIndex(s.client.URL, ":"):]
	direct, err := url.Parse(s.client.URL)
	s.check(err)
	direct.Path = ""
	proxy := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(direct))
	t.Cleanup(proxy.Close)
	s.client.URL, s.client.HTTP = proxy.URL+"/bitrix/admin/1c_exchange.php", proxy.Client()
	s.fetchAll(t.Context())
	second := siteScene{t: t, client: s.client}
	second.client.User = "second"
	second.fetchAll(t.Context())
	if got := fmt.Sprint(s.base.Numbers(), second.base.Numbers()); got != "[000001 000002 000003 000004 000005 000006] [000007 000008]" {
		t.Errorf("the nodes have %s", got)
	}
	s.check(s.client.Upload(t.Context(), "sale", "orders-6a248d17.xml", saidFile(
		saidBy1C("000001", "руб.", "2250.00", "Номер по 1С", "СА-000001", "Дата по 1С", "2026-11-30T10:00:00", "Проведен", "true", "Статус заказа", "К выполнению",
			"Номер оплаты по 1С", "ПЛ-7", "Дата оплаты по 1С", "2026-12-01T10:00:00", "Номер отгрузки по 1С", "РТ-8", "Дата отгрузки по 1С", "2026-12-02T10:00:00"),
		saidBy1C("000002", "руб.", "2250.00", "Номер по 1С", "СА-000002", "ПометкаУдаления", "true"),
		saidBy1C("000003", "руб.", "2250.00", "Номер по 1С", "СА-000003", "Отменен", "true"),
		saidBy1C("000004", "EUR", "2250.00", "Номер по 1С", "СА-000004"),
		saidBy1C("000005", "руб.", "1 000,00", "Номер по 1С", "СА-000005"),
		saidBy1C("000006", "руб.", "2250.00", "Номер по 1С", "СА-000006"),
		"<Документ><Номер>31</Номер><ХозОперация>Отпуск товара</ХозОперация><Номер1С>РТ-31</Номер1С><Дата1С>2026-12-03</Дата1С><Основание>000006</Основание></Документ>",
		saidBy1C("000007", "руб.", "1.00", "Номер по 1С", "ЧУЖ-000007"),
		saidBy1C("777777", "руб.", "1.00", "Номер по 1С", "СА-777777"),
	), true))
	for order, want := range map[string]string{
		"2000": "СА-000001  posted; state: К выполнению; paid: ПЛ-7 2026-12-01T10:00:00; shipped: РТ-8 2026-12-02T10:00:00",
		"2001": "СА-000002  marked for deletion",
		"2002": "СА-000003  cancelled",
		"2003": `СА-000004  1c-differs: currency "EUR", sent RUB`,
		"2005": "СА-000006  shipped: РТ-31 2026-12-03",
		"2004": "СА-000005  1c-differs: sum 1000.00, sent 2250.00",
	} {
		if out := s.run("", "explain", "--config", s.path("obmen.toml"), order); !strings.Contains(out, "in 1C number "+want+"\n") || strings.Contains(out, "ЧУЖ") {
			t.Errorf("explain %s: %s", order, out)
		}
	}
	if out := s.run("", "status", "--config", s.path("obmen.toml")); strings.Count(out, "1C has fetched all orders of account") != 2 || !strings.Contains(out, "2003 (000004), 2004 (000005); obmen explain") {
		t.Errorf("status: %s", out)
	}
	if out := s.run("", "explain", "--config", s.path("obmen.toml"), "000004"); !strings.Contains(out, "order 2003 ") || !strings.Contains(out, "1C finds it by the number 000004") {
		t.Errorf("explain 000004: %s", out)
	}
	s.kill()
	for _, want := range []string{
		"site 1c: order 2001: 1C has marked it for deletion", "site 1c: order 2002: 1C has cancelled it",
		`site 1c: order 2003, 1c-differs: currency "EUR", sent RUB`, "site 1c: order 2004, 1c-differs: sum 1000.00, sent 2250.00",
		"site 1c: 1C speaks of order 000007, which it did not get here", "site 1c: 1C speaks of order 777777, which it did not get here",
		"site second",
	} {
		if !strings.Contains(s.words.String(), want) {
			t.Errorf("the watcher did not say %q:\n%s", want, s.words.String())
		}
	}
}

// 1C sends its products at each exchange. What cannot be taken is told once.
func TestSiteTellsOfProductsOnce(t *testing.T) {
	s := newSiteScene(t, 1)
	s.start()
	products := []byte(`<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация><Каталог СодержитТолькоИзменения="false"><Товары>` +
		`<Товар><Ид>6a248d17-0bd9-5068-bf19-000000000001</Ид><Артикул>NEW-1</Артикул><Наименование>Чайник</Наименование></Товар>` +
		`<Товар><Ид>6a248d17-0bd9-5068-bf19-000000000002</Ид><Наименование>Без артикула</Наименование></Товар></Товары></Каталог></КоммерческаяИнформация>`)
	for range 3 {
		s.check(s.client.Upload(t.Context(), "catalog", "webdata/import.xml", products, true))
	}
	s.kill()
	for text, want := range map[string]int{"import.xml: 1 product added": 1, "import.xml: 1 product is not in products.csv": 1} {
		if got := strings.Count(s.words.String(), text); got != want {
			t.Errorf("%q was said %d times:\n%s", text, got, s.words.String())
		}
	}
	file, err := os.ReadFile(s.path("catalogs/products.csv"))
	if s.check(err); !strings.Contains(string(file), "NEW-1") || strings.Contains(string(file), "Без артикула") {
		t.Errorf("products.csv: %s", file)
	}
}
