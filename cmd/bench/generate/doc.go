// Package generate makes orders and catalogs for benchmarks. Order number i is the same in every
// format and on every machine, however many there are: nothing comes from a clock or from chance.
//
// The data is invented and shaped like a year of a European seller: two lines an order
// on average, 200,000 products and 100,000 customers in the catalogs, two lines in a hundred with a SKU
// that the catalogs lack, five buyers in a hundred unknown.
package generate
