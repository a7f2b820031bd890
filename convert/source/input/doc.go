// Package input is a file of orders before anything is known of it: how it is opened, how its text is
// encoded, how sources write times and flags, and how a file or one order of it is refused.
package input
