package web

import (
	"io"
	"mime/multipart"
	"os"
	"slices"
	"time"

	"obmen/convert/source"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// reportsPage is the page of control totals and of the comparison with a report.
type reportsPage struct {
	From, To string // as a browser writes days
	Period   *desk.PeriodReport
	Accounts []string
	Audit    *auditResult // the last one of this session
}

// auditResult holds what a comparison found.
type auditResult struct {
	Report                          string
	At                              time.Time
	Orders, Agree, Differences      int
	Dismissed, Purged, Unread, More int
	From, To                        time.Time
	Findings                        []desk.Finding
}

// mostFindings is how many findings of a comparison a session keeps.
const mostFindings = 500

var _ = addPage(page{Name: "reports", Place: 70, Role: roles.Look, Fill: func(v *visit) (any, error) {
	p := &reportsPage{From: v.field("from"), To: v.field("to"), Audit: v.session.lastAudit()}
	for _, a := range v.desk.Options.Accounts {
		p.Accounts = append(p.Accounts, a.Name)
	}
	from, to, asked := v.period()
	p.From, p.To = from.Format(time.DateOnly), to.Format(time.DateOnly)
	if !asked {
		return p, nil
	}
	var err error
	p.Period, err = v.desk.Period(v.ctx(), from, to)
	return p, err
}})

// period is the period that was asked for, else this month.
func (v *visit) period() (from, to time.Time, asked bool) {
	from, err1 := time.ParseInLocation(time.DateOnly, v.field("from"), time.Local)
	to, err2 := time.ParseInLocation(time.DateOnly, v.field("to"), time.Local)
	if err1 != nil || err2 != nil {
		y, m, d := v.now.Local().Date()
		return time.Date(y, m, 1, 0, 0, 0, 0, time.Local), time.Date(y, m, d, 0, 0, 0, 0, time.Local), false
	}
	if to.Before(from) {
		from, to = to, from
	}
	return from, to, true
}

var _ = addFile(action{Path: "reports/period.xlsx", Role: roles.Look, Do: func(v *visit) (string, error) {
	from, to, _ := v.period()
	p, err := v.desk.Period(v.ctx(), from, to)
	if err != nil {
		return "", err
	}
	name := v.words.Say("web.reports.file", "From", from.Format(time.DateOnly), "To", to.Format(time.DateOnly)) + ".xlsx"
	book, err := periodBook(v.ctx(), v.words, p, v.now)
	if err != nil {
		return "", err
	}
	return "", v.send(&desk.File{ReadCloser: io.NopCloser(book), Name: name})
}})

var _ = addAction(action{Path: "reports/audit", Role: roles.Work, Do: func(v *visit) (string, error) {
	account := ""
	var inputs []source.Input
	var names []string
	var files []*os.File
	defer func() {
		for _, f := range files {
			forget(f)
		}
	}()
	err := v.eachPart(func(name string, part *multipart.Part) error {
		if part.FileName() == "" {
			text, err := io.ReadAll(io.LimitReader(part, mostForm))
			if name == "account" {
				account = string(text)
			}
			return err
		}
		if len(files) == mostFiles {
			return words.Refuse(words.New("web.drop.too-many", "N", mostFiles), words.New("web.drop.too-many-cure"))
		}
		file, err := v.takePart(part)
		if err != nil {
			return err
		}
		files, names = append(files, file), append(names, part.FileName())
		inputs = append(inputs, source.Input{Name: part.FileName(), Open: func() (io.ReadCloser, error) { return os.Open(file.Name()) }})
		return nil
	})
	if err == nil && len(files) == 0 {
		err = words.Refuse(words.New("web.drop.no-file"), words.New("web.drop.choose"))
	}
	if err != nil {
		return "/reports", err
	}
	result, err := v.audit(inputs, account)
	if err == nil {
		result.Report = joinNames(names)
		v.session.setAudit(result)
	}
	return "/reports", err
}})

func (v *visit) audit(inputs []source.Input, account string) (*auditResult, error) {
	found, err := v.desk.Audit(v.ctx(), desk.AuditOptions{Reports: inputs, Account: account})
	if err != nil {
		return nil, err
	}
	defer found.Close()
	r := &auditResult{
		At: v.now, Orders: found.Orders(), Agree: found.Agree, Differences: found.Differences(), Dismissed: found.DismissedOrders(),
		Purged: found.Purged, Unread: found.Unread, From: found.From, To: found.To,
	}
	err = found.Each(func(f *desk.Finding) error {
		if len(r.Findings) < mostFindings {
			r.Findings = append(r.Findings, *f)
		} else {
			r.More++
		}
		return nil
	})
	return r, err
}

func joinNames(names []string) string {
	const most = 3
	text := ""
	for i, name := range names[:min(len(names), most)] {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	if len(names) > most {
		text += " …"
	}
	return text
}

func (s *session) setAudit(r *auditResult) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audited = r
}

func (s *session) lastAudit() *auditResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.audited
}

// kinds are the findings that mean an order is not as it should be, for the colour of their mark.
var badKinds = []string{"missing", "total", "extra"}

// Bad reports whether a finding needs a person.
func badFinding(f desk.Finding) bool { return slices.Contains(badKinds, f.Kind) }
