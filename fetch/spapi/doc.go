// Package spapi asks Amazon's Selling Partner API for orders and reports.
//
// A Client belongs to one seller account in one region. It sees to the access token, keeps to the rates
// that Amazon documents, repeats what is worth repeating, and returns bodies byte for byte as they came:
// what an order means is not its business. Every error is an *Error that says what Amazon refused, why,
// whether it is permanent, and what to do next; no error, event or format verb ever shows a secret.
//
// The package keeps nothing on disk. Who wants tokens and rates to survive a run hands in a TokenCache
// and a RateStore.
//
// Rules: facts, amazon 2.1 to 2.10, and Amazon's models of the four APIs used (orders 2026-01-01, reports
// 2021-06-30, tokens 2021-03-01, sellers v1).
package spapi
