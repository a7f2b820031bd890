// Package sample makes a template of the layout native out of what a base of 1C says of itself: an order
// that was exported from it, or the schema of its configuration.
//
// The platform reads objects only when all their elements are there, in the configuration's own order.
// So the order and the set of elements are the sample's. What stands for a thing that an
// order tells (a customer, a quantity, a date) becomes a field; everything else keeps the sample's value:
// the organisation, the warehouse and the price type of a typical order are so those of every order.
package sample
