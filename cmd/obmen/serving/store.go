package serving

import (
	"context"
	"errors"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
	"obmen/watch/store"
)

// openStore opens the bucket of the kept copies and tries all that obmen does there; nil when they lie in the state
// folder. One that does not answer now stops no start: files wait in the inbox.
func openStore(ctx context.Context, cfg *config.Config, s ui.Streams) (store.Place, error) {
	b, err := setup.OpenBucket(ctx, cfg)
	if err != nil || b == nil {
		return nil, err
	}
	found, err := b.Probe(ctx)
	if out, ok := errors.AsType[*store.OutageError](err); ok && out.Passing {
		s.PrintError(err)
		return b, nil
	}
	if err != nil {
		return nil, setup.InSettings(err)
	}
	if !found.Refuses {
		s.Note("store.replaces")
	}
	for _, n := range leftCopies(cfg) {
		s.PrintProblem(s.Words().Text(n.text), s.Words().Text(n.hint))
	}
	return b, nil
}

// checkStore tells about the bucket of the kept copies.
func checkStore(cfg *config.Config) (notes []checkNote, err error) {
	found, there, err := setup.ProbeBucket(context.Background(), cfg)
	if err != nil || !there {
		return nil, err
	}
	notes = []checkNote{{text: words.New("store.good", "Where", found.Where)}}
	if !found.Refuses {
		notes = append(notes, checkNote{text: words.New("store.replaces")})
	}
	return append(notes, leftCopies(cfg)...), nil
}

// leftCopies tells of copies in the state folder, which are read no more.
func leftCopies(cfg *config.Config) []checkNote {
	left, err := store.Store{State: cfg.Folders.State}.Copies()
	if err != nil || len(left) == 0 {
		return nil
	}
	return []checkNote{{words.Count("store.left", len(left), "State", cfg.Folders.State), words.New("store.copy")}}
}

// storeStops returns what is wrong with the bucket of the kept copies, unless it passes.
func storeStops(cfg *config.Config) error {
	_, _, err := setup.ProbeBucket(context.Background(), cfg)
	if out, ok := errors.AsType[*store.OutageError](err); ok && out.Passing {
		return nil
	}
	return err
}
