package setup

import (
	"context"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/watch/store"
	"obmen/watch/store/bucket"
)

// OpenBucket makes the bucket of the kept copies ready for use; nil when they lie in the state folder. Its requests end
// with the context.
func OpenBucket(ctx context.Context, cfg *config.Config) (*bucket.Bucket, error) {
	if cfg.Store.Bucket == nil {
		return nil, nil
	}
	secrets, _, err := cfg.StoreSecrets()
	if err != nil {
		return nil, InSettings(err)
	}
	b, err := bucket.Open(ctx, bucket.Options{Address: *cfg.Store.Bucket, Key: secrets[config.StoreKey], Secret: secrets[config.StoreSecret], Version: Version})
	if err != nil {
		return nil, ui.InSettings(err)
	}
	return b, nil
}

// openPlace is OpenBucket for commands that look at a kept copy or two.
func openPlace(cfg *config.Config) (store.Place, error) {
	b, err := OpenBucket(context.Background(), cfg)
	if err != nil || b == nil {
		return nil, err
	}
	return b, nil
}

// ProbeBucket tries all that obmen does with the bucket of the kept copies; false when they lie in the state folder.
func ProbeBucket(ctx context.Context, cfg *config.Config) (found bucket.Report, there bool, err error) {
	b, err := OpenBucket(ctx, cfg)
	if err != nil || b == nil {
		return found, false, err
	}
	found, err = b.Probe(ctx)
	return found, true, InSettings(err)
}
