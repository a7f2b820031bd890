// Package sourcetest holds every reader of orders to the same promises: native formats and mapped ones.
package sourcetest
