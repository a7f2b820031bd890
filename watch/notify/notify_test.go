package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"obmen/watch/notify"
)

var texts = notify.Texts{New: "Needs you:", Reminder: "Still:", Solved: "Solved:", More: func(n int) string { return fmt.Sprint("and ", n, " more") }}

var start = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func lost(text string) notify.Problem {
	return notify.Problem{Event: notify.FetchFailed, Subject: "eu", Level: notify.Critical, Text: text}
}

func TestOneMessageForAChangeOfState(t *testing.T) {
	e := notify.Engine{Channels: []notify.Channel{{Name: "office"}}, Texts: texts}
	steps := []struct {
		after    time.Duration
		problems []notify.Problem
		want     string
	}{
		{0, nil, ""},
		{time.Minute, []notify.Problem{lost("eu: no answer")}, "Needs you:\n• eu: no answer"},
		{2 * time.Minute, []notify.Problem{lost("eu: no answer, try 2")}, ""},
		{25 * time.Hour, []notify.Problem{lost("eu: no answer, try 90")}, "Still:\n• eu: no answer, try 90"},
		{26 * time.Hour, nil, "Solved:\n• eu: no answer, try 90"},
		{27 * time.Hour, nil, ""},
	}
	for _, s := range steps {
		if got := only(e.Update(start.Add(s.after), s.problems)); got != s.want {
			t.Errorf("after %v: %q, want %q", s.after, got, s.want)
		}
	}
}

func TestHeldOrdersWaitBeforeTheyAreTold(t *testing.T) {
	held := []notify.Problem{{Event: notify.OrdersHeld, Subject: "main", Level: notify.Warning, Text: "12 orders wait"}}
	e := notify.Engine{Channels: []notify.Channel{{Name: "office"}}, Texts: texts}
	for _, minute := range []int{0, 7, 14} {
		if got := e.Update(start.Add(time.Duration(minute)*time.Minute), held); got != nil {
			t.Errorf("minute %d: %v", minute, got)
		}
	}
	if got := only(e.Update(start.Add(15*time.Minute), held)); !strings.Contains(got, "12 orders wait") {
		t.Errorf("minute 15: %q", got)
	}
}

func TestQuietHoursTellAfterwards(t *testing.T) {
	night := notify.Quiet{From: 22 * time.Hour, To: 7 * time.Hour}
	e := notify.Engine{Channels: []notify.Channel{{Name: "office", Quiet: night}}, Texts: texts}
	problems := []notify.Problem{lost("eu: no answer")}
	for _, hour := range []int{22, 23, 25, 30} {
		if got := e.Update(time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC), problems); got != nil {
			t.Errorf("hour %d: %v", hour, got)
		}
	}
	if got := only(e.Update(time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC), problems)); got == "" {
		t.Error("nothing was told in the morning")
	}
}

func TestAChannelGetsItsEventsAndLevels(t *testing.T) {
	e := notify.Engine{Texts: texts, Channels: []notify.Channel{
		{Name: "all"},
		{Name: "critical", Level: notify.Critical},
		{Name: "disk", Events: []string{notify.DiskLow}},
	}}
	messages := e.Update(start, []notify.Problem{
		lost("eu: no answer"),
		{Event: notify.DiskLow, Subject: "outbox", Level: notify.Warning, Text: "outbox: 20 MB free"},
	})
	got := map[string]string{}
	for _, m := range messages {
		got[m.Channel] = m.Text
	}
	if !strings.Contains(got["all"], "no answer") || !strings.Contains(got["all"], "20 MB") ||
		strings.Contains(got["critical"], "20 MB") || strings.Contains(got["disk"], "no answer") {
		t.Errorf("%v", got)
	}
}

// Whatever comes and goes, and however often the program starts again: between two messages that a
// problem is there stands one that it is solved, or a day.
func TestNothingIsToldTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := &notify.Engine{Channels: []notify.Channel{{Name: "office"}}, Texts: texts}
		now, told := start, map[string]time.Time{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "minutes")) * time.Minute)
			subjects := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID[string]).Draw(t, "wrong")
			var problems []notify.Problem
			for _, s := range subjects {
				problems = append(problems, notify.Problem{Event: notify.FileRefused, Subject: s, Level: notify.Warning, Text: "<" + s + ">"})
			}
			text := only(e.Update(now, problems))
			there, solved, _ := strings.Cut(text, texts.Solved)
			for _, s := range []string{"a", "b", "c"} {
				last, known := told[s]
				switch {
				case strings.Contains(there, "<"+s+">"):
					if known && now.Sub(last) < notify.DefaultReminder {
						t.Fatalf("%s told at %v and %v", s, last, now)
					}
					told[s] = now
				case strings.Contains(solved, "<"+s+">"):
					if !known || slices.Contains(subjects, s) {
						t.Fatalf("%s is not solved", s)
					}
					delete(told, s)
				case !known && slices.Contains(subjects, s):
					t.Fatalf("%s is wrong and was not told", s)
				}
			}
			e = restart(t, e)
		}
	})
}

func restart(t *rapid.T, e *notify.Engine) *notify.Engine {
	b, err := e.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	next := &notify.Engine{Channels: e.Channels, Texts: e.Texts}
	if err := next.Unmarshal(b); err != nil {
		t.Fatal(err)
	}
	return next
}

func TestDeliveryIsTriedAgainAndHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var sent []string
		failures := 0
		send := func(_ context.Context, _, text string) error {
			if failures < 3 {
				failures++
				return errors.New("no route to host")
			}
			sent = append(sent, text)
			return nil
		}
		c := notify.NewCourier(notify.Channel{Name: "office"}, send, func(string, error) {})
		before := time.Now()
		for range 3 {
			c.Add("one")
		}
		if time.Since(before) != 0 {
			t.Error("Add waited")
		}
		go c.Run(ctx)
		time.Sleep(24 * time.Hour)
		cancel()
		synctest.Wait()
		if len(sent) != 3 || failures != 3 {
			t.Errorf("%d sent after %d failures", len(sent), failures)
		}
	})
}

// A telegram-like server that repeats the token in its refusal: the error keeps it to itself.
func TestErrorsKeepTheAddressSecret(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "bad token hush-hush-token in "+r.URL.String(), http.StatusForbidden)
	}))
	defer server.Close()
	address := "generic+" + server.URL + "/hush-hush-token?template=json"
	err := notify.Shoutrrr(t.Context(), address, "text")
	if err == nil || strings.Contains(err.Error(), "hush-hush-token") {
		t.Errorf("%v", err)
	}
}

func TestHeartbeat(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.Path) }))
	defer server.Close()
	h := notify.Heartbeat{URL: server.URL + "/ping/abc", Client: server.Client()}
	for _, healthy := range []bool{true, false} {
		if err := h.Beat(t.Context(), healthy); err != nil {
			t.Error(err)
		}
	}
	if want := []string{"/ping/abc", "/ping/abc/fail"}; !slices.Equal(asked, want) {
		t.Errorf("%q, want %q", asked, want)
	}
}

func only(messages []notify.Message) string {
	if len(messages) == 0 {
		return ""
	}
	return messages[0].Text
}

func TestManyOfAKindAreCounted(t *testing.T) {
	e := notify.Engine{Channels: []notify.Channel{{Name: "office"}}, Texts: texts}
	var problems []notify.Problem
	for i := range 9 {
		name := fmt.Sprint("file", i)
		problems = append(problems, notify.Problem{Event: notify.FileRefused, Subject: name, Level: notify.Warning, Text: name})
	}
	if got := only(e.Update(start, problems)); !strings.HasSuffix(got, "• file4\n• and 4 more") {
		t.Errorf("%q", got)
	}
}

func TestWhatGrowsIsToldAgain(t *testing.T) {
	e := notify.Engine{Channels: []notify.Channel{{Name: "office"}}, Texts: texts}
	held := func(n int) []notify.Problem {
		return []notify.Problem{{Event: notify.Rejected, Subject: "eu", Level: notify.Warning, Text: fmt.Sprint(n, " wait"), Count: n}}
	}
	for _, s := range []struct {
		minute, count int
		want          string
	}{{0, 2, "2 wait"}, {10, 3, ""}, {61, 3, "3 wait"}, {130, 2, ""}, {140, 3, ""}} {
		got := only(e.Update(start.Add(time.Duration(s.minute)*time.Minute), held(s.count)))
		if (got == "") != (s.want == "") || !strings.HasSuffix(got, s.want) {
			t.Errorf("minute %d: %q, want %q", s.minute, got, s.want)
		}
	}
}

func TestWhatHappenedIsToldOnceAndNeverSolved(t *testing.T) {
	night := notify.Quiet{From: 22 * time.Hour, To: 7 * time.Hour}
	e := notify.Engine{Channels: []notify.Channel{{Name: "office", Quiet: night}}, Texts: texts}
	for range 3 {
		e.Happened(notify.Problem{Event: notify.Attention, Level: notify.Warning, Text: "look"})
	}
	for hour, want := range []string{23: "", 31: "Needs you:\n• look", 32: "", 60: ""} {
		if hour < 23 {
			continue
		}
		if got := only(e.Update(time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC), nil)); got != want {
			t.Errorf("hour %d: %q, want %q", hour, got, want)
		}
	}
}

func TestSummaryOnceADay(t *testing.T) {
	c := notify.Channel{Name: "office", Summary: 8 * time.Hour}
	e := notify.Engine{Channels: []notify.Channel{c}, Texts: texts}
	var days []int
	for hour := range 5 * 24 {
		if at := time.Date(2026, 11, 30, 15+hour, 30, 0, 0, time.UTC); e.SummaryDue(&c, at) {
			days = append(days, at.Day()*100+at.Hour())
		}
	}
	if want := []int{108, 208, 308, 408, 508}; !slices.Equal(days, want) {
		t.Errorf("%v, want %v", days, want)
	}
}

func TestUndeliveredMessagesSurviveARestart(t *testing.T) {
	e := &notify.Engine{Texts: texts}
	e.SetQueue("office", []string{"one", "two"})
	b, err := e.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var next notify.Engine
	if err := next.Unmarshal(b); err != nil || len(next.Queue("office")) != 2 {
		t.Errorf("%v, %v", next.Queue("office"), err)
	}
}
