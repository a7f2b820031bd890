package money

import (
	"fmt"
	"strings"

	"github.com/bojanz/currency"
)

// Currency is an ISO 4217 letter code in upper case: "USD". Empty when the source named none.
type Currency string

// ParseCurrency accepts a known ISO 4217 code in any letter case, with blanks around it.
func ParseCurrency(s string) (Currency, error) {
	code := strings.ToUpper(strings.TrimSpace(s))
	if !currency.IsValid(code) {
		return "", fmt.Errorf("unknown currency %q", clip(s))
	}
	return Currency(code), nil
}

// Places is the number of decimal places of the currency's smallest coin: 2 for USD, 0 for JPY, 3 for KWD.
func (c Currency) Places() int {
	n, ok := currency.GetDigits(string(c))
	if !ok {
		return 2
	}
	return int(n)
}

// Numeric is the ISO 4217 number that 1C keys its currencies by: "840". Empty for an unknown code.
func (c Currency) Numeric() string {
	n, _ := currency.GetNumericCode(string(c))
	return n
}
