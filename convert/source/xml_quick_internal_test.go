package source

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/xmltoken"
)

const quickReport = `<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">
<Header><DocumentVersion>1.01</DocumentVersion></Header>
<MessageType>OrderReport</MessageType>
<Message>
	<MessageID>1</MessageID>
	<OrderReport>
		<AmazonOrderID>302-0000001-0000001</AmazonOrderID><OrderDate>2026-11-18T01:12:44-08:00</OrderDate>
		<BillingData><BuyerName>Ana &amp; Bö „Nadie“ &lt;SL&gt; &#39;&apos;&quot;</BuyerName><Empty/><None a="1" b="x"/></BillingData>
		<Item><AmazonOrderItemCode>1</AmazonOrderItemCode><SKU> AB-1 </SKU><Title>A]]b</Title><Quantity>2</Quantity>
		<ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">20.00</Amount></Component></ItemPrice></Item>
	</OrderReport>
</Message>
<Message><Other/></Message>
<Message><OrderReport><AmazonOrderID>302-0000001-0000002</AmazonOrderID><OrderDate>2026-11-18T01:12:44Z</OrderDate></OrderReport></Message>
</AmazonEnvelope>
`

// walked is what one of the two readers makes of a file, and how it ended.
func walked(text string, quick bool) (list []string, err error) {
	in := input.Input{Name: "in.xml", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	r := &xmlReader{envelope: orderReportEnvelope, ctx: context.Background(), file: in.Name, yield: func(o order.Order, err error) bool {
		list = append(list, fmt.Sprintf("%+v %v", o, err))
		return true
	}}
	err = r.readFile(in, input.Charset{}, quick)
	return list, err
}

// checkQuick holds the quick reader to give what encoding/xml gives, as far as it knows.
func checkQuick(t *testing.T, text string) {
	t.Helper()
	quick, gaveUp := walked(text, true)
	standard, err := walked(text, false)
	if gaveUp == nil && (err != nil || len(quick) != len(standard)) {
		t.Fatalf("%q: %d by the quick reader, %d and %v by the standard one", text, len(quick), len(standard), err)
	}
	for i := range quick {
		if i >= len(standard) || quick[i] != standard[i] {
			t.Fatalf("%q: quick %s\nstandard %v", text, quick[i], standard[i:])
		}
	}
}

func FuzzQuickXML(f *testing.F) {
	f.Add(quickReport)
	f.Add(strings.ReplaceAll(quickReport, "\n", "\r\n"))
	f.Add(strings.Replace(quickReport, "A]]b", "<![CDATA[A]]><!-- b -->&#xe9;", 1))
	f.Add(strings.Replace(quickReport, "<Item>", "<x:Item currency='EUR' x:currency=\"USD\">", 1))
	f.Add(strings.Replace(quickReport, `b="x"`, `b="x>y"`, 1))
	f.Fuzz(func(t *testing.T, text string) { checkQuick(t, text) })
}

// One or two mistakes anywhere change nothing about that.
func TestQuickXMLWithMistakes(t *testing.T) {
	bits := []string{
		"<", ">", "/", "&", "&amp;", "&#233;", "]]>", "\xff", "é", "\r", "\r\n", "\x01", "\"", "'", "=", "<!-- c -->", "<![CDATA[x]]>", "<?pi x?>",
		"<!DOCTYPE a>", "<A>", "</A>", "<A/>", "<Message>", "</Message>", ":", "x:", " ", "\n", "\ufffe", "\uffff", "\ufeff", "<Item>", " currency=\"USD\"", "-", "1",
	}
	random := rand.New(rand.NewSource(1))
	for range 4000 {
		text := quickReport
		if random.Intn(4) == 0 {
			text += quickReport
		}
		for range 1 + random.Intn(2) {
			from := random.Intn(len(text) + 1)
			to := min(len(text), from+random.Intn(12))
			switch random.Intn(4) {
			case 0:
				text = text[:from] + text[to:]
			case 1, 2:
				text = text[:from] + bits[random.Intn(len(bits))] + text[from:]
			case 3:
				text = text[:to] + text[from:]
			}
		}
		checkQuick(t, text)
	}
}

// The quick reader knows what Amazon writes, wherever its buffer ends.
func TestQuickXMLKnowsReports(t *testing.T) {
	want, _ := walked(quickReport, false)
	head, rest, _ := strings.Cut(quickReport, "\n")
	filler := "<F>" + strings.Repeat("x", 993) + "</F>"
	for n := 0; n < len(rest)+2; n += 3 {
		size := xmltoken.QuickBufferSize - len(head) - n
		text := head + strings.Repeat(filler, size/len(filler)) + strings.Repeat(" ", size%len(filler)) + rest
		got, err := walked(text, true)
		if len(got) != len(want) || err != nil {
			t.Fatalf("the buffer ends %d bytes before the end: %d of %d, %v", len(rest)-n, len(got), len(want), err)
		}
	}
}
