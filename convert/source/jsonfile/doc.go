// Package jsonfile walks the JSON bodies of one file, value by value, and puts into words what ends it.
package jsonfile
