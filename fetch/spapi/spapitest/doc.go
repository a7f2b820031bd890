// Package spapitest plays Amazon's Selling Partner API for tests.
//
// Amazon is an http.Handler, and through Transport an http.RoundTripper without sockets, which works on the
// virtual clock of testing/synctest. It holds orders, hands out tokens, keeps to the documented rates and
// refuses what Amazon refuses, with Amazon's words. It knows nothing of the client that it tests: what it
// demands is written down from the facts (amazon 2.1 to 2.10) and Amazon's models, and tests hold its answers
// against those models.
//
// All that it tells of people and shops is invented.
package spapitest
