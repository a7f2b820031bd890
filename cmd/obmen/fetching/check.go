package fetching

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/order"
	"obmen/fetch"
	"obmen/fetch/spapi"
)

// checkLine is one thing that fetch --check has looked at.
type checkLine struct {
	Account string `json:"account"`
	What    string `json:"what"`
	OK      bool   `json:"ok"`
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
}

// ErrCheck says that fetch --check has found something; its lines say what.
var ErrCheck = errors.New("not everything is right")

// checkTimeout is how long a check waits for one answer, and it asks once: a person waits for it.
const checkTimeout = 4 * time.Second

// check asks the smallest questions that show whether all is right, a line each. It saves nothing.
func (j *fetchJob) check(ctx context.Context) error {
	j.Client.Attempts, j.Client.Timeout = 1, checkTimeout
	lines := []checkLine{j.tokenLine(nil)}
	sells, err := j.Client.MarketplaceParticipations(ctx)
	e, _ := errors.AsType[*spapi.Error](err)
	switch {
	case ctx.Err() != nil:
		return err
	case e != nil && (e.Operation == spapi.OpToken || e.Kind == spapi.KindToken || e.Kind == spapi.KindNetwork):
		lines = []checkLine{j.tokenLine(err)}
	default:
		more, in := j.accountLines(sells, err)
		lines = append(append(lines, more...), j.roleLines(ctx, in)...)
		if sells != nil {
			lines = append(lines, j.clockLines(sells.Received, sells.Date)...)
		}
	}
	return j.tellCheck(lines)
}

func (j *accountJob) line(what string, err error, text string) checkLine {
	l := checkLine{Account: j.account.Account, What: what, OK: err == nil, Text: text}
	if err != nil {
		l.Text, l.Hint = err.Error(), ui.HintOf(err)
	}
	if spapi.KindOf(err) == spapi.KindRole { // its own hint is to run this check
		l.Hint = roleHint
	}
	return l
}

const roleHint = "add the role to the app in Seller Central, Develop Apps, then authorise it again"

// clockLines compare this computer's clock with Amazon's. Fetching bears any difference; whoever reads the times
// of files, or asks for orders up to now, does not.
func (j *accountJob) clockLines(ours, theirs time.Time) []checkLine {
	off := ours.Sub(theirs).Round(time.Second)
	if theirs.IsZero() || off.Abs() < fetch.Recent {
		return nil
	}
	way := "ahead of"
	if off < 0 {
		way = "behind"
	}
	return []checkLine{j.line("clock", ui.WithHint(fmt.Errorf("this computer's clock is %s %s Amazon's", span(off.Abs()), way), "let the computer set its clock by the network, and look at its time zone"), "")}
}

func (j *fetchJob) tokenLine(err error) checkLine {
	return j.line("token", err, "Amazon takes the secrets and gives an access token")
}

// accountLines say whether the account sells where obmen.toml says; named are the marketplaces of obmen.toml
// where it does.
func (j *fetchJob) accountLines(sells *spapi.Participations, err error) (lines []checkLine, named []string) {
	if err != nil {
		return []checkLine{j.line("marketplaces", err, "")}, j.Marketplaces
	}
	var in, countries []string
	for _, m := range sells.Marketplaces {
		if m.Participating {
			in, countries = append(in, m.MarketplaceID), append(countries, m.Country)
		}
	}
	lines = []checkLine{j.line("marketplaces", nil, "the account sells in "+strings.Join(countries, ", "))}
	for _, id := range j.account.Marketplaces {
		if slices.Contains(in, id) {
			named = append(named, id)
			continue
		}
		name := id
		if m, ok := order.LookUp(id); ok {
			name = m.Country
		}
		lines = append(lines, j.line("marketplaces", ui.WithHint(fmt.Errorf("the account does not sell in %s, which obmen.toml names", name),
			"take it out of marketplaces, or look whether region and refresh token are those of this account"), ""))
	}
	return lines, named
}

// roleLines ask for one page of orders, first with all data and then, if that is refused, without what is
// personal, so that it shows which role is missing.
func (j *fetchJob) roleLines(ctx context.Context, marketplaces []string) []checkLine {
	q := spapi.SearchParams{
		LastUpdatedAfter: time.Now().Add(-24 * time.Hour), MarketplaceIDs: marketplaces, IncludedData: j.Included, MaxResultsPerPage: 1,
	}
	page, err := j.Client.SearchOrders(ctx, q)
	personal := slices.ContainsFunc(q.IncludedData, spapi.Dataset.Personal)
	if err == nil {
		lines := []checkLine{j.line("orders", nil, "Amazon gives orders with "+config.DataNames(j.account.Included))}
		for _, d := range page.Absent {
			lines = append(lines, j.line("roles", ui.WithHint(fmt.Errorf("orders come without %s: the app lacks the role %s", strings.ToLower(string(d)), d.Role()),
				roleHint), ""))
		}
		return lines
	}
	lines := []checkLine{j.line("orders", err, "")}
	if spapi.KindOf(err) != spapi.KindRole || !personal {
		return lines
	}
	q.IncludedData = slices.DeleteFunc(slices.Clone(q.IncludedData), spapi.Dataset.Personal)
	_, err = j.Client.SearchOrders(ctx, q)
	return append(lines, j.line("orders without personal data", err, "Amazon gives them: only the roles for personal data are missing"))
}

func (j *accountJob) tellCheck(lines []checkLine) error {
	j.checked = lines
	bad := false
	for _, l := range lines {
		bad = bad || !l.OK
		if j.opt.JSON {
			continue
		}
		if l.OK {
			j.words.say(l.Account, "ok: "+l.Text)
		} else {
			j.words.say(l.Account, "WRONG: "+l.What+": "+l.Text)
			if l.Hint != "" {
				j.s.PrintPhrase(j.s.Err, "  hint: %s\n", l.Hint)
			}
		}
	}
	if bad {
		return ui.WithHint(fmt.Errorf("account %s: %w", j.account.Account, ErrCheck), "see the lines above")
	}
	return nil
}
