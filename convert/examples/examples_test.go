package examples_test

import (
	"testing"

	"obmen/convert/examples"
	"obmen/convert/source/mapped"
)

// The examples of the shipped mappings come out as they state.
func TestShippedMappings(t *testing.T) {
	for _, m := range mapped.NewSet().Mappings() {
		mistakes, err := examples.Check(t.Context(), m, mapped.Shipped())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mistakes {
			t.Error(m)
		}
	}
}
