"""The job of obmen convert as a script with Debian's python3-lxml and python3-openpyxl.

orders.py ORDERS CATALOGS OUT reads Orders API JSON or an All Orders report, looks products and buyers up,
checks every total, and writes one CommerceML file and one workbook with the columns of obmen's. It does no
more than these orders need: no other formats, no places in errors, no memory of what went out before.
"""

import csv
import json
import os
import sys
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree
from openpyxl import Workbook

ZERO = Decimal(0)
CENT = Decimal("0.01")
RATES = {"DE": 19, "FR": 20, "IT": 22, "ES": 21}
COUNTRIES = {"Amazon." + c.lower(): c for c in RATES}
COLUMNS = [
    "Номер заказа", "Дата", "Статус", "Отменён", "Контрагент", "Код контрагента", "ИНН", "№ строки", "Вид", "Артикул",
    "Код номенклатуры", "Номенклатура", "Штрихкод", "Количество", "Единица", "Цена", "Сумма", "Ставка НДС", "Сумма НДС",
    "НДС в сумме", "Валюта", "Сумма документа", "Организация", "Склад", "Площадка", "Кто отгружает", "Способ доставки",
    "Страна доставки", "Номер по данным клиента", "SKU площадки", "ASIN", "Ид позиции", "Комментарий",
    "Сумма на площадке", "Не входит в сумму", "Проверка суммы",
]


def load(path, key):
    with open(path, encoding="utf-8-sig", newline="") as f:
        return {row[key]: row for row in csv.DictReader(f, delimiter=";")}


def bodies(path):
    """The pages of a file of responses, one after another."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        body, at = decoder.raw_decode(text, at)
        yield body
        while at < len(text) and text[at].isspace():
            at += 1


def from_json(path):
    for body in bodies(path):
        for o in body["orders"]:
            items = []
            for it in o["orderItems"]:
                sums = {"ITEM": ZERO, "SHIPPING": ZERO, "DISCOUNT": ZERO}
                for b in it["proceeds"]["breakdowns"]:
                    sums[b["type"]] = Decimal(b["subtotal"]["amount"])
                    if b["type"] == "DISCOUNT":
                        for d in b["detailedBreakdowns"]:
                            sums["DISCOUNT " + d["subtype"]] = Decimal(d["value"]["amount"])
                items.append({
                    "id": it["orderItemId"], "sku": it["product"]["sellerSku"], "asin": it["product"]["asin"],
                    "quantity": it["quantityOrdered"], "price": sums["ITEM"] + sums.get("DISCOUNT ITEM", ZERO),
                    "shipping": sums["SHIPPING"] + sums.get("DISCOUNT SHIPPING", ZERO),
                })
            yield {
                "id": o["orderId"], "date": o["createdTime"], "updated": o["lastUpdatedTime"],
                "status": o["fulfillment"]["fulfillmentStatus"], "site": o["salesChannel"]["marketplaceName"],
                "amazon": o["fulfillment"]["fulfilledBy"] == "AMAZON", "service": o["fulfillment"]["fulfillmentServiceLevel"],
                "name": o["buyer"]["buyerName"], "email": o["buyer"]["buyerEmail"],
                "country": o["recipient"]["deliveryAddress"]["countryCode"],
                "total": Decimal(o["proceeds"]["grandTotal"]["amount"]), "items": items,
            }


def from_report(path):
    orders = {}
    with open(path, encoding="utf-8-sig", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            o = orders.get(row["amazon-order-id"])
            if o is None:
                o = orders[row["amazon-order-id"]] = {
                    "id": row["amazon-order-id"], "date": row["purchase-date"], "updated": row["last-updated-date"],
                    "status": row["order-status"], "site": row["sales-channel"], "amazon": row["fulfillment-channel"] == "Amazon",
                    "service": row["ship-service-level"], "name": "", "email": "", "country": row["ship-country"],
                    "total": None, "items": [],
                }
            o["items"].append({
                "id": row["order-item-id"], "sku": row["sku"], "asin": row["asin"], "quantity": int(row["quantity"]),
                "price": Decimal(row["item-price"]) - Decimal(row["item-promotion-discount"] or 0),
                "shipping": Decimal(row["shipping-price"] or 0) - Decimal(row["ship-promotion-discount"] or 0),
            })
    return orders.values()


def lines_of(o, products):
    """Lines with their VAT, or None when a product is unknown."""
    rate, lines = RATES[COUNTRIES[o["site"]]], []
    for it in o["items"]:
        product = products.get(it["sku"])
        if product is None:
            return None
        lines.append(line(it, product, "Товар", it["quantity"], it["price"], rate))
        if it["shipping"]:
            lines.append(line(it, {"id": "ORDER_DELIVERY", "sku": "", "code": "", "name": "Доставка", "barcode": ""}, "Услуга", 1, it["shipping"], rate))
    return lines


def line(it, product, kind, quantity, amount, rate):
    price = (amount / quantity).quantize(CENT, ROUND_HALF_UP)
    vat = (amount * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
    return {"item": it, "product": product, "kind": kind, "quantity": quantity, "price": price, "amount": amount, "vat": vat, "rate": rate}


def add(parent, tag, text=None):
    e = etree.SubElement(parent, tag)
    if text is not None:
        e.text = str(text)
    return e


def details(parent, tag, pairs):
    box = add(parent, tag)
    for name, value in pairs:
        if value:
            d = add(box, "ЗначениеРеквизита")
            add(d, "Наименование", name)
            add(d, "Значение", value)


def vat(parent, amount, rate=None):
    tax = add(add(parent, "Налоги"), "Налог")
    add(tax, "Наименование", "НДС")
    add(tax, "УчтеноВСумме", "true")
    add(tax, "Сумма", amount)
    if rate is not None:
        add(tax, "Ставка", rate)


def document(o, lines, customer):
    d = etree.Element("Документ")
    add(d, "Ид", o["id"])
    add(d, "Номер", o["id"])
    add(d, "Дата", o["date"][:10])
    add(d, "ХозОперация", "Заказ товара")
    add(d, "Роль", "Продавец")
    add(d, "Валюта", "EUR")
    add(d, "Курс", "1")
    add(d, "Сумма", sum(x["amount"] for x in lines))
    c = add(add(d, "Контрагенты"), "Контрагент")
    if customer["id"]:
        add(c, "Ид", customer["id"])
    add(c, "Наименование", customer["name"])
    add(c, "ПолноеНаименование", customer["name"])
    if customer["email"]:
        contact = add(add(c, "Контакты"), "Контакт")
        add(contact, "Тип", "Почта")
        add(contact, "Значение", customer["email"])
    add(c, "Роль", "Покупатель")
    add(d, "Время", o["date"][11:19])
    add(d, "Комментарий", comment(o))
    vat(d, sum(x["vat"] for x in lines))
    goods = add(d, "Товары")
    for x in lines:
        goods_line(goods, x)
    details(d, "ЗначенияРеквизитов", [
        ("Статус заказа", o["status"]), ("Отменен", "false"), ("Дата изменения статуса", o["updated"][:19].replace("T", " ")),
        ("Способ доставки", o["service"]), ("Организация", "ООО «Северный берег»"), ("Склад", warehouse(o)), ("Сайт", o["site"]),
        ("Номер заказа на сайте", o["id"]), ("Дата заказа на сайте", o["date"][:19].replace("T", " ")),
        ("Отгружает", "amazon" if o["amazon"] else "merchant"), ("Код контрагента", customer["code"]),
        ("Проверка суммы", "налог включён в цену"), ("Сумма заказа на сайте", o["total"]),
    ])
    return d


def goods_line(goods, x):
    p, it = x["product"], x["item"]
    g = add(goods, "Товар")
    add(g, "Ид", p["id"])
    add(g, "Штрихкод", p["barcode"])
    add(g, "Артикул", p["sku"])
    add(g, "Наименование", p["name"])
    unit = add(g, "БазоваяЕдиница", "шт")
    unit.set("Код", "796")
    unit.set("НаименованиеПолное", "Штука")
    unit.set("МеждународноеСокращение", "PCE")
    rates = add(add(g, "СтавкиНалогов"), "СтавкаНалога")
    add(rates, "Наименование", "НДС")
    add(rates, "Ставка", x["rate"])
    details(g, "ЗначенияРеквизитов", [("ВидНоменклатуры", x["kind"]), ("ТипНоменклатуры", x["kind"]), ("ASIN", it["asin"])])
    add(g, "ЦенаЗаЕдиницу", x["price"])
    add(g, "Количество", x["quantity"])
    add(g, "Сумма", x["amount"])
    add(g, "Единица", "796")
    add(g, "Коэффициент", "1")
    vat(g, x["vat"], x["rate"])
    details(g, "ДополнительныеЗначенияРеквизитов", [("SKU на сайте", it["sku"]), ("Ид позиции на сайте", it["id"])])


def comment(o):
    return o["site"] + " " + o["id"] + "; отгружает " + ("Amazon" if o["amazon"] else "продавец")


def warehouse(o):
    return "Склад Amazon Европа" if o["amazon"] else "Основной склад"


def rows(o, lines, customer):
    total = sum(x["amount"] for x in lines)
    date = o["date"][:19].replace("T", " ")
    for n, x in enumerate(lines, 1):
        p, it = x["product"], x["item"]
        yield [
            o["id"], date, "Отгружен", "Нет", customer["name"], customer["code"], None, n, x["kind"], p["sku"], p["code"], p["name"],
            p["barcode"], x["quantity"], "шт", x["price"], x["amount"], str(x["rate"]) + "%", x["vat"], "Да", "EUR", total,
            "ООО «Северный берег»", warehouse(o), o["site"], "Amazon" if o["amazon"] else "Продавец", o["service"], o["country"], None,
            it["sku"], it["asin"], it["id"], comment(o), o["total"], None, "налог включён в цену",
        ]


def main(path, catalogs, out):
    products = load(os.path.join(catalogs, "products.csv"), "sku")
    customers = load(os.path.join(catalogs, "customers.csv"), "email")
    os.makedirs(out, exist_ok=True)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Заказы")
    sheet.append(COLUMNS)
    exported, held, total = 0, 0, ZERO
    orders = from_json(path) if path.endswith(".json") else from_report(path)
    with etree.xmlfile(os.path.join(out, "orders.xml"), encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("КоммерческаяИнформация", ВерсияСхемы="2.10", ДатаФормирования="2026-11-20T10:00:00"):
            for o in orders:
                lines = lines_of(o, products)
                if lines is None or o["total"] is not None and o["total"] != sum(x["amount"] for x in lines):
                    held += 1
                    continue
                customer = customers.get(o["email"]) or {"id": "", "code": "", "name": o["name"] or "Розничный покупатель " + o["site"], "email": o["email"]}
                xml.write(document(o, lines, customer), pretty_print=True)
                for row in rows(o, lines, customer):
                    sheet.append(row)
                exported += 1
                total += sum(x["amount"] for x in lines)
    book.save(os.path.join(out, "orders.xlsx"))
    for name in ("orders.xml", "orders.xlsx"):
        with open(os.path.join(out, name), "rb") as f:
            os.fsync(f.fileno())
    print(f"{exported} exported, {held} held, {total}")


main(*sys.argv[1:])
