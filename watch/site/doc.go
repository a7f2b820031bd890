// Package site answers 1C's own "Обмен с сайтом" over HTTP as if obmen were the site:
//
//	checkauth ─▶ query ─▶ success        1C fetches its orders
//	checkauth ─▶ init ─▶ file … [import] 1C sends numbers and states back, or its products
//
// Only success confirms: the orders of the session's last query count as taken then, and in no other way.
// A crash, a lost connection or a second session offers them again, which does no harm, because 1C looks
// an order up by its number.
//
// 1C loads a batch in one transaction, and never sends success when one of its orders cannot be written.
// So a batch that was not confirmed twice is halved until the culprit is alone, while other orders pass
// in between; the culprit is refused, and all others get through. See Doubt.
//
// The words of the protocol are those of 1C-Bitrix's published description of the exchange; answers have
// the form that the strictest known client wants. Protocol errors answer 200 with a text that begins with
// "failure", because clients look at the text and some of them at nothing else.
package site
