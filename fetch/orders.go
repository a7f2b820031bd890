package fetch

import (
	"context"
	"fmt"
)

// Orders asks for single orders by their numbers and saves the answers. It goes on behind a number that
// Amazon refuses and gives all errors at the end.
func (f *Fetcher) Orders(ctx context.Context, ids []string) (Summary, error) {
	var sum Summary
	for _, id := range ids {
		answer, err := f.Source.GetOrder(ctx, id, f.Included)
		if err != nil {
			return sum, fmt.Errorf("order %s: %w", id, err)
		}
		p := look(answer.Body)
		if answer.Unread == nil {
			answer.Unread = p.unread
		}
		stem := fmt.Sprintf("amazon-%s-order-%s-%s", f.Account, id, f.Now().UTC().Format(stamp))
		if err := f.put(ctx, stem, answer); err != nil {
			return sum, err
		}
		if answer.Unread != nil {
			return sum, fmt.Errorf("order %s (request %s): %w: %w", id, answer.RequestID, ErrUnread, answer.Unread)
		}
		sum.Pages++
		sum.Orders += p.orders
	}
	return sum, nil
}
