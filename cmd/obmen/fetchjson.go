package main

import (
	"time"

	"obmen/cmd/obmen/ui"
)

// The object that fetch --json prints.
type (
	jsonFetch struct {
		Accounts []jsonFetched `json:"accounts"`
	}
	jsonFetched struct {
		Account string       `json:"account"`
		Pages   int          `json:"pages"`
		Orders  int          `json:"orders"`
		Until   string       `json:"until,omitempty"` // all that changed before it is saved
		Reports []jsonReport `json:"reports,omitempty"`
		Check   []checkLine  `json:"check,omitempty"`
		Plan    *jsonPlan    `json:"plan,omitempty"` // of a dry run: nothing was asked
		Error   string       `json:"error,omitempty"`
		Hint    string       `json:"hint,omitempty"`
	}
	jsonReport struct {
		From    string `json:"from"`
		To      string `json:"to"`
		File    string `json:"file"` // in the inbox; empty when there was nothing to report
		Charset string `json:"charset,omitempty"`
		Size    int64  `json:"size"`
		Request string `json:"request_id"`
	}
)

func jsonFetchOf(jobs []*fetchJob, errs []error) jsonFetch {
	list := jsonFetch{[]jsonFetched{}}
	for i, j := range jobs {
		a := jsonFetched{Account: j.account.Account, Pages: j.summary.Pages, Orders: j.summary.Orders, Check: j.checked, Plan: j.plan}
		if !j.summary.Until.IsZero() {
			a.Until = j.summary.Until.UTC().Format(time.RFC3339)
		}
		for _, r := range j.reports {
			a.Reports = append(a.Reports, jsonReport{r.From.UTC().Format(time.RFC3339), r.Until.UTC().Format(time.RFC3339), r.Name, r.Charset, r.Size, r.Request})
		}
		if errs[i] != nil {
			a.Error, a.Hint = errs[i].Error(), ui.HintOf(errs[i])
		}
		list.Accounts = append(list.Accounts, a)
	}
	return list
}
