package fetch

import (
	"context"
	"fmt"
)

// Orders asks for single orders by their numbers and saves the answers. It ends at the first that Amazon
// does not give; those before it are saved.
func (f *Fetcher) Orders(ctx context.Context, ids []string) (Summary, error) {
	var sum Summary
	for _, id := range ids {
		answer, unread := f.Source.GetOrder(ctx, id, f.Included)
		if answer == nil {
			return sum, fmt.Errorf("order %s: %w", id, unread)
		}
		stem := fmt.Sprintf("amazon-%s-order-%s-%s", f.label(), id, f.Now().UTC().Format(stamp))
		if err := f.put(ctx, stem, &answer.Answer, unread); err != nil {
			return sum, err
		}
		if unread != nil {
			return sum, fmt.Errorf("order %s: %w", id, unread)
		}
		sum.Pages++
		sum.Orders++
		f.report(Progress{Account: f.Account, Pages: sum.Pages, Orders: sum.Orders, Request: answer.RequestID})
	}
	return sum, nil
}
