package service

import (
	"context"
	"log/slog"

	"github.com/kardianos/service"
)

// IsService reports whether the program was started by the service manager of Windows.
func IsService() bool { return !service.Interactive() }

// Run runs a program, as a Windows service if Windows started it as one: stop is closed when Windows wants it to end. It returns its exit code.
// A program that ends without being asked ends the process by exit, so that Windows starts it again.
func Run(run func(stop <-chan struct{}) int, exit func(code int)) int {
	if !IsService() {
		return run(nil)
	}
	p := &program{run: run, exit: exit, stop: make(chan struct{}), done: make(chan int, 1)}
	s, err := service.New(p, &service.Config{Name: DefaultName})
	if err == nil {
		err = s.Run()
	}
	if err != nil {
		return 1
	}
	return p.code
}

type program struct {
	run  func(<-chan struct{}) int
	exit func(code int) // ends the process: only one that is gone counts as a crash to Windows
	stop chan struct{}
	done chan int
	code int
}

func (p *program) Start(service.Service) error {
	go func() {
		code := p.run(p.stop)
		select {
		case <-p.stop:
			p.done <- code
		default:
			p.exit(code)
		}
	}()
	return nil
}

func (p *program) Stop(service.Service) error {
	close(p.stop)
	p.code = <-p.done
	return nil
}

// EventLog returns the event log of Windows, for what an administrator looks for there: start, stop and errors.
func EventLog() slog.Handler {
	if !IsService() {
		return nil
	}
	s, err := service.New(idle{}, &service.Config{Name: DefaultName})
	if err != nil {
		return nil
	}
	log, err := s.SystemLogger(nil)
	if err != nil {
		return nil
	}
	return &eventLog{log: log}
}

type eventLog struct{ log service.Logger }

func (l *eventLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (l *eventLog) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l *eventLog) WithGroup(string) slog.Handler                    { return l }

func (l *eventLog) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += "\r\n" + a.Key + ": " + a.Value.String(); return true })
	switch {
	case r.Level >= slog.LevelError:
		return l.log.Error(text)
	case r.Message == Started, r.Message == Ended:
		return l.log.Info(text)
	}
	return nil
}
