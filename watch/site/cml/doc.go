// Package cml reads the CommerceML files that 1C's "Обмен с сайтом" sends to a site: orders with what
// became of them in 1C, products, and offers. CommerceML 2.03 to 3.1 is understood, with and without a
// namespace, bare or with every document in a Контейнер, in UTF-8, UTF-16 and windows-1251.
//
// Files are read as a stream: one order, product or offer is in memory at a time, and each may have at
// most ElementLimit bytes. What a file has besides is passed over.
package cml
