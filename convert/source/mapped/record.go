package mapped

import (
	"errors"
	"strings"

	"github.com/expr-lang/expr/file"

	"obmen/convert/money"
)

// expressionReason is what went wrong in an expression, without its picture.
func expressionReason(err error) error {
	var bad *file.Error
	if errors.As(err, &bad) {
		return errors.New(bad.Message)
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(text)
}

// textOf is what an expression came to as text.
func textOf(out any) string {
	switch x := out.(type) {
	case string:
		return x
	case bool:
		if x {
			return "true"
		}
		return "false"
	case money.Decimal:
		return x.String()
	}
	return ""
}
