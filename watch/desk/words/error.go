package words

// Error is an error whose text and next step are messages. Error and Hint are English: what programs compare
// stays the same in every language.
type Error struct {
	Text Text
	Next Text  // what to do next; zero when nothing is to be done
	Err  error // the cause; nil when there is none
}

// Refuse makes an error of a message and a next step.
func Refuse(text, next Text) error { return &Error{Text: text, Next: next} }

func (e *Error) Error() string { return e.Text.String() }

func (e *Error) Unwrap() error { return e.Err }

// Hint returns the next step in English; empty when there is none.
func (e *Error) Hint() string {
	if e.Next.IsZero() {
		return ""
	}
	return e.Next.String()
}

// What returns the text as a message.
func (e *Error) What() Text { return e.Text }

// NextStep returns the next step as a message.
func (e *Error) NextStep() Text { return e.Next }
