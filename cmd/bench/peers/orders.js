// The job of obmen convert as a script for Node with exceljs.
//
// orders.js ORDERS CATALOGS OUT reads Orders API JSON or an All Orders report, looks products and buyers
// up, checks every total, and writes one CommerceML file and one workbook with the columns of obmen's. It
// does no more than these orders need: no other formats, no places in errors, no memory of what went out
// before. Amounts are whole cents.
'use strict';

const fs = require('fs');
const path = require('path');
const ExcelJS = require('exceljs');

const rates = { 'Amazon.de': 19, 'Amazon.fr': 20, 'Amazon.it': 22, 'Amazon.es': 21 };
const columns = [
  'Номер заказа', 'Дата', 'Статус', 'Отменён', 'Контрагент', 'Код контрагента', 'ИНН', '№ строки', 'Вид', 'Артикул',
  'Код номенклатуры', 'Номенклатура', 'Штрихкод', 'Количество', 'Единица', 'Цена', 'Сумма', 'Ставка НДС', 'Сумма НДС',
  'НДС в сумме', 'Валюта', 'Сумма документа', 'Организация', 'Склад', 'Площадка', 'Кто отгружает', 'Способ доставки',
  'Страна доставки', 'Номер по данным клиента', 'SKU площадки', 'ASIN', 'Ид позиции', 'Комментарий',
  'Сумма на площадке', 'Не входит в сумму', 'Проверка суммы',
];

const load = (file, key) => {
  const [head, ...lines] = fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '').split('\n');
  const names = head.split(';');
  const found = new Map();
  for (const line of lines) {
    if (!line) continue;
    const cells = line.split(';');
    const row = {};
    names.forEach((n, i) => { row[n] = cells[i]; });
    found.set(row[key], row);
  }
  return found;
};

const cents = (s) => Math.round(Number(s || 0) * 100);
const money = (c) => (c / 100).toFixed(2);
const escape = (s) => String(s).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

// A string has at most half a gigabyte in Node, so that pages are read line by line.
function* lines(file) {
  const fd = fs.openSync(file, 'r');
  const buffer = Buffer.alloc(1 << 20);
  let rest = Buffer.alloc(0);
  for (let n = fs.readSync(fd, buffer); n > 0; n = fs.readSync(fd, buffer)) {
    let chunk = Buffer.concat([rest, buffer.subarray(0, n)]);
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      yield chunk.toString('utf8', 0, end);
      chunk = chunk.subarray(end + 1);
    }
    rest = chunk;
  }
  if (rest.length) yield rest.toString('utf8');
}

function* fromJSON(file) {
  for (const page of lines(file)) {
    for (const o of JSON.parse(page).orders) {
      const items = o.orderItems.map((it) => {
        let price = 0;
        let shipping = 0;
        for (const b of it.proceeds.breakdowns) {
          if (b.type === 'ITEM') price += cents(b.subtotal.amount);
          if (b.type === 'SHIPPING') shipping += cents(b.subtotal.amount);
          if (b.type === 'DISCOUNT') {
            for (const d of b.detailedBreakdowns) {
              if (d.subtype === 'ITEM') price += cents(d.value.amount); else shipping += cents(d.value.amount);
            }
          }
        }
        return { id: it.orderItemId, sku: it.product.sellerSku, asin: it.product.asin, quantity: it.quantityOrdered, price, shipping };
      });
      yield {
        id: o.orderId, date: o.createdTime, updated: o.lastUpdatedTime, status: o.fulfillment.fulfillmentStatus,
        site: o.salesChannel.marketplaceName, amazon: o.fulfillment.fulfilledBy === 'AMAZON', service: o.fulfillment.fulfillmentServiceLevel,
        name: o.buyer.buyerName, email: o.buyer.buyerEmail, country: o.recipient.deliveryAddress.countryCode,
        total: cents(o.proceeds.grandTotal.amount), items,
      };
    }
  }
}

const fromReport = (file) => {
  const orders = new Map();
  let names;
  for (const text of lines(file)) {
    const cells = text.split('\t');
    if (!names) { names = cells; continue; }
    const row = {};
    names.forEach((n, i) => { row[n] = cells[i]; });
    let o = orders.get(row['amazon-order-id']);
    if (!o) {
      o = {
        id: row['amazon-order-id'], date: row['purchase-date'], updated: row['last-updated-date'], status: row['order-status'],
        site: row['sales-channel'], amazon: row['fulfillment-channel'] === 'Amazon', service: row['ship-service-level'],
        name: '', email: '', country: row['ship-country'], total: null, items: [],
      };
      orders.set(o.id, o);
    }
    o.items.push({
      id: row['order-item-id'], sku: row.sku, asin: row.asin, quantity: Number(row.quantity),
      price: cents(row['item-price']) - cents(row['item-promotion-discount']),
      shipping: cents(row['shipping-price']) - cents(row['ship-promotion-discount']),
    });
  }
  return orders.values();
};

const vatOf = (amount, rate) => Math.floor((amount * rate * 2 + 100 + rate) / (2 * (100 + rate)));

const line = (item, product, kind, quantity, amount, rate) => ({
  item, product, kind, quantity, amount, rate, price: Math.round(amount / quantity), vat: vatOf(amount, rate),
});

// linesOf are the lines with their VAT, or null when a product is unknown.
const linesOf = (o, products) => {
  const list = [];
  for (const it of o.items) {
    const product = products.get(it.sku);
    if (!product) return null;
    list.push(line(it, product, 'Товар', it.quantity, it.price, rates[o.site]));
    if (it.shipping) {
      list.push(line(it, { id: 'ORDER_DELIVERY', sku: '', code: '', name: 'Доставка', barcode: '' }, 'Услуга', 1, it.shipping, rates[o.site]));
    }
  }
  return list;
};

const sum = (list, field) => list.reduce((s, x) => s + x[field], 0);
const comment = (o) => `${o.site} ${o.id}; отгружает ${o.amazon ? 'Amazon' : 'продавец'}`;
const warehouse = (o) => (o.amazon ? 'Склад Amazon Европа' : 'Основной склад');
const space = (date) => date.slice(0, 19).replace('T', ' ');

const details = (indent, tag, pairs) => {
  const t = '\t'.repeat(indent);
  const list = pairs.filter(([, v]) => v).map(([n, v]) => `${t}\t<ЗначениеРеквизита>
${t}\t\t<Наименование>${n}</Наименование>
${t}\t\t<Значение>${escape(v)}</Значение>
${t}\t</ЗначениеРеквизита>\n`).join('');
  return `${t}<${tag}>\n${list}${t}</${tag}>\n`;
};

const vat = (indent, amount, rate) => {
  const t = '\t'.repeat(indent);
  return `${t}<Налоги>
${t}\t<Налог>
${t}\t\t<Наименование>НДС</Наименование>
${t}\t\t<УчтеноВСумме>true</УчтеноВСумме>
${t}\t\t<Сумма>${money(amount)}</Сумма>
${rate ? `${t}\t\t<Ставка>${rate}</Ставка>\n` : ''}${t}\t</Налог>
${t}</Налоги>\n`;
};

const goods = (x) => `\t\t\t<Товар>
\t\t\t\t<Ид>${escape(x.product.id)}</Ид>
\t\t\t\t<Штрихкод>${escape(x.product.barcode)}</Штрихкод>
\t\t\t\t<Артикул>${escape(x.product.sku)}</Артикул>
\t\t\t\t<Наименование>${escape(x.product.name)}</Наименование>
\t\t\t\t<БазоваяЕдиница Код="796" НаименованиеПолное="Штука" МеждународноеСокращение="PCE">шт</БазоваяЕдиница>
\t\t\t\t<СтавкиНалогов>
\t\t\t\t\t<СтавкаНалога>
\t\t\t\t\t\t<Наименование>НДС</Наименование>
\t\t\t\t\t\t<Ставка>${x.rate}</Ставка>
\t\t\t\t\t</СтавкаНалога>
\t\t\t\t</СтавкиНалогов>
${details(4, 'ЗначенияРеквизитов', [['ВидНоменклатуры', x.kind], ['ТипНоменклатуры', x.kind], ['ASIN', x.item.asin]])}\
\t\t\t\t<ЦенаЗаЕдиницу>${money(x.price)}</ЦенаЗаЕдиницу>
\t\t\t\t<Количество>${x.quantity}</Количество>
\t\t\t\t<Сумма>${money(x.amount)}</Сумма>
\t\t\t\t<Единица>796</Единица>
\t\t\t\t<Коэффициент>1</Коэффициент>
${vat(4, x.vat, x.rate)}\
${details(4, 'ДополнительныеЗначенияРеквизитов', [['SKU на сайте', x.item.sku], ['Ид позиции на сайте', x.item.id]])}\
\t\t\t</Товар>\n`;

const documentOf = (o, list, customer) => `\t<Документ>
\t\t<Ид>${o.id}</Ид>
\t\t<Номер>${o.id}</Номер>
\t\t<Дата>${o.date.slice(0, 10)}</Дата>
\t\t<ХозОперация>Заказ товара</ХозОперация>
\t\t<Роль>Продавец</Роль>
\t\t<Валюта>EUR</Валюта>
\t\t<Курс>1</Курс>
\t\t<Сумма>${money(sum(list, 'amount'))}</Сумма>
\t\t<Контрагенты>
\t\t\t<Контрагент>
${customer.id ? `\t\t\t\t<Ид>${escape(customer.id)}</Ид>\n` : ''}\
\t\t\t\t<Наименование>${escape(customer.name)}</Наименование>
\t\t\t\t<ПолноеНаименование>${escape(customer.name)}</ПолноеНаименование>
${customer.email ? `\t\t\t\t<Контакты>
\t\t\t\t\t<Контакт>
\t\t\t\t\t\t<Тип>Почта</Тип>
\t\t\t\t\t\t<Значение>${escape(customer.email)}</Значение>
\t\t\t\t\t</Контакт>
\t\t\t\t</Контакты>\n` : ''}\
\t\t\t\t<Роль>Покупатель</Роль>
\t\t\t</Контрагент>
\t\t</Контрагенты>
\t\t<Время>${o.date.slice(11, 19)}</Время>
\t\t<Комментарий>${escape(comment(o))}</Комментарий>
${vat(2, sum(list, 'vat'))}\
\t\t<Товары>
${list.map(goods).join('')}\
\t\t</Товары>
${details(2, 'ЗначенияРеквизитов', [
    ['Статус заказа', o.status], ['Отменен', 'false'], ['Дата изменения статуса', space(o.updated)], ['Способ доставки', o.service],
    ['Организация', 'ООО «Северный берег»'], ['Склад', warehouse(o)], ['Сайт', o.site], ['Номер заказа на сайте', o.id],
    ['Дата заказа на сайте', space(o.date)], ['Отгружает', o.amazon ? 'amazon' : 'merchant'], ['Код контрагента', customer.code],
    ['Проверка суммы', 'налог включён в цену'], ['Сумма заказа на сайте', o.total === null ? '' : money(o.total)],
  ])}\
\t</Документ>\n`;

async function main(file, catalogs, out) {
  const products = load(path.join(catalogs, 'products.csv'), 'sku');
  const customers = load(path.join(catalogs, 'customers.csv'), 'email');
  fs.mkdirSync(out, { recursive: true });
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: path.join(out, 'orders.xlsx'), useStyles: true });
  const sheet = book.addWorksheet('Заказы');
  sheet.addRow(columns).commit();
  const xml = fs.openSync(path.join(out, 'orders.xml'), 'w');
  let text = '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.10" ДатаФормирования="2026-11-20T10:00:00">\n';
  let [exported, held, total] = [0, 0, 0];
  for (const o of file.endsWith('.json') ? fromJSON(file) : fromReport(file)) {
    const list = linesOf(o, products);
    const amount = list && sum(list, 'amount');
    if (!list || (o.total !== null && o.total !== amount)) { held++; continue; }
    const customer = customers.get(o.email) || { id: '', code: '', name: o.name || `Розничный покупатель ${o.site}`, email: o.email };
    text += documentOf(o, list, customer);
    if (text.length > 1 << 20) { fs.writeSync(xml, text); text = ''; }
    list.forEach((x, i) => sheet.addRow([
      o.id, space(o.date), 'Отгружен', 'Нет', customer.name, customer.code, null, i + 1, x.kind, x.product.sku, x.product.code,
      x.product.name, x.product.barcode, x.quantity, 'шт', x.price / 100, x.amount / 100, `${x.rate}%`, x.vat / 100, 'Да', 'EUR',
      amount / 100, 'ООО «Северный берег»', warehouse(o), o.site, o.amazon ? 'Amazon' : 'Продавец', o.service, o.country, null,
      x.item.sku, x.item.asin, x.item.id, comment(o), o.total === null ? null : o.total / 100, null, 'налог включён в цену',
    ]).commit());
    exported++;
    total += amount;
    if (exported % 1000 === 0) await new Promise(setImmediate); // lets the workbook be written
  }
  fs.writeSync(xml, text + '</КоммерческаяИнформация>\n');
  fs.fsyncSync(xml);
  fs.closeSync(xml);
  await book.commit();
  const fd = fs.openSync(path.join(out, 'orders.xlsx'), 'r');
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  console.log(`${exported} exported, ${held} held, ${money(total)}`);
}

main(...process.argv.slice(2));
