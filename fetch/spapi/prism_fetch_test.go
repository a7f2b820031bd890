package spapi_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

// kept is what a fetch keeps, in memory.
type kept struct {
	cursors map[string]string
	files   map[string][]byte
}

func (k *kept) Cursor(_ context.Context, name string) (string, bool, error) {
	text, ok := k.cursors[name]
	return text, ok, nil
}

func (k *kept) SwapCursor(_ context.Context, name, old, value string) (bool, error) {
	if k.cursors[name] != old {
		return false, nil
	}
	k.cursors[name] = value
	return true, nil
}

func (k *kept) Put(_ context.Context, name string, content []byte) error {
	k.files[name] = content
	return nil
}

func (k *kept) Create() (fetch.File, error) { return nil, errors.New("nobody asks for a report") }

func fetcher(c *spapi.Client) (*fetch.Fetcher, *kept) {
	k := &kept{map[string]string{}, map[string][]byte{}}
	return &fetch.Fetcher{
		Account: "shop-de", Marketplaces: []string{spapitest.Germany.ID}, Included: spapi.DefaultDatasets(), Source: c, Store: k, Folder: k,
		First: time.Now().AddDate(0, 0, -12), Now: time.Now,
	}, k
}

// A whole fetch asks nothing that the models do not allow.
func judgeFetch(t *testing.T, c *spapi.Client, a *spapitest.Amazon) {
	f, k := fetcher(c)
	before := a.Count("searchOrders")
	sum, err := f.Run(t.Context())
	if err != nil || sum.Orders < 40 || len(k.files) != sum.Pages || a.Count("searchOrders") != before+sum.Pages {
		t.Errorf("%v, %+v, %d files", err, sum, len(k.files))
	}
}

// Pages without an end do not make a fetch without one: what came is saved, and the run says why it stops.
func mockFetch(t *testing.T, c *spapi.Client) {
	f, k := fetcher(c)
	_, err := f.Run(t.Context())
	if !errors.Is(err, fetch.ErrRepeated) || len(k.files) < 1 || len(k.files) > 2 {
		t.Errorf("%v, %d files", err, len(k.files))
	}
}
