package desk

import (
	"cmp"
	"context"
	"time"

	"obmen/watch"
)

// DefaultPurgeDays is how long buyers' data are kept where the settings keep them for ever: Amazon's Data Protection
// Policy lets a seller keep them for 30 days after the delivery.
const DefaultPurgeDays = 30

// PurgeOptions choose what is removed.
type PurgeOptions struct {
	Before time.Time // zero for as long ago as the settings keep buyers' data
	Keep   int       // days of the settings; 0 for DefaultPurgeDays
	DryRun bool      // only counts
}

// Purged counts what was removed, or would be.
type Purged struct {
	Before  Moment `json:"before"`
	DryRun  bool   `json:"dry_run"`
	Orders  int    `json:"orders"`  // documents of exported orders
	Holds   int    `json:"holds"`   // sentences and cures of held orders
	Answers int    `json:"answers"` // 1C's words
	Reasons int    `json:"reasons"` // why files were refused
	Files   int    `json:"files"`   // kept copies of dropped files
	Bytes   int64  `json:"bytes"`   // of those copies
	Letters int    `json:"letters"` // documents in messages that 1C has not confirmed
}

// Purge removes what obmen's memory has about buyers. What was exported stays known.
func (d *Desk) Purge(ctx context.Context, opt PurgeOptions) (*Purged, error) {
	if err := d.allow(Admin); err != nil {
		return nil, err
	}
	if opt.Before.IsZero() {
		opt.Before = time.Now().AddDate(0, 0, -cmp.Or(opt.Keep, DefaultPurgeDays))
	}
	p, err := watch.Purge(ctx, d.State, d.Ledger, opt.Before, opt.DryRun)
	if err != nil {
		return nil, err
	}
	return &Purged{Moment{opt.Before}, opt.DryRun, p.Orders, p.Holds, p.Answers, p.Reasons, p.Files, p.Bytes, p.Letters}, nil
}
