// Package bsltest reads and runs modules in the language of 1C:Enterprise: as much of it as our own modules
// use, so that they can be tried where there is no 1C. The program itself has no use for it; tests do.
//
// It is stricter than the platform: what would be converted silently there (a number joined to a text,
// a name that nobody has assigned) is a fault here. A fault ends the run; no "Попытка" catches it.
package bsltest

import (
	"errors"
	"math/big"
)

// Machine runs the procedures of a module.
type Machine struct {
	module *Module
	host   Host
	caught []error // exceptions whose handlers run now, the innermost last
	depth  int
}

// maxDepth ends a recursion that has no end.
const maxDepth = 500

// New makes a machine. The host's functions and the portable ones (Portable) are known to the module;
// where both have a name, the host's counts.
func New(m *Module, hosts ...Host) *Machine {
	all := Host{map[string]Func{}, map[string]Func{}, map[string]any{}}
	machine := &Machine{module: m, host: all}
	for _, h := range append([]Host{Portable(), machine.errors()}, hosts...) {
		for name, f := range h.Funcs {
			all.Funcs[name] = f
		}
		for name, f := range h.Types {
			all.Types[name] = f
		}
		for name, v := range h.Names {
			all.Names[name] = v
		}
	}
	return machine
}

// errors are the functions that tell what was caught.
func (m *Machine) errors() Host {
	return Host{Funcs: map[string]Func{
		"информацияобошибке": func([]any) (any, error) {
			if len(m.caught) == 0 {
				return nil, Raise("nothing was caught")
			}
			return m.caught[len(m.caught)-1], nil
		},
		"краткоепредставлениеошибки": func(args []any) (any, error) {
			err, ok := arg(args, 0).(error)
			if !ok {
				return nil, Raise("no ИнформацияОбОшибке")
			}
			return err.Error(), nil
		},
		"подробноепредставлениеошибки": func(args []any) (any, error) {
			err, ok := arg(args, 0).(error)
			if !ok {
				return nil, Raise("no ИнформацияОбОшибке")
			}
			return "{Модуль}: " + err.Error(), nil
		},
	}}
}

// Call runs a procedure or function of the module.
func (m *Machine) Call(name string, args ...any) (any, error) {
	p := m.module.Proc(name)
	if p == nil {
		return nil, &Fault{0, "the module has no " + name}
	}
	return m.call(p, args, 0)
}

// frame is one call: its variables by their names in lower case.
type frame struct {
	m    *Machine
	vars map[string]any
	ret  any
}

type flow int

const (
	goOn flow = iota
	leaveLoop
	nextRound
	leaveProc
)

func (m *Machine) call(p *Proc, args []any, line int) (any, error) {
	if m.depth++; m.depth > maxDepth {
		return nil, &Fault{line, p.Name + ": too deep"}
	}
	defer func() { m.depth-- }()
	if len(args) > len(p.Params) {
		return nil, &Fault{line, p.Name + ": too many arguments"}
	}
	f := &frame{m: m, vars: map[string]any{}}
	for i, param := range p.Params {
		switch {
		case i < len(args) && args[i] != missing:
			f.vars[key(param.Name)] = args[i]
		case param.Default == nil:
			return nil, &Fault{line, p.Name + ": no argument for " + param.Name}
		default:
			v, err := f.eval(param.Default)
			if err != nil {
				return nil, err
			}
			f.vars[key(param.Name)] = v
		}
	}
	_, err := f.run(p.body)
	return f.ret, err
}

func (f *frame) run(body []stmt) (flow, error) {
	for _, s := range body {
		if how, err := f.exec(s); err != nil || how != goOn {
			return how, err
		}
	}
	return goOn, nil
}

func (f *frame) exec(s stmt) (flow, error) {
	switch s := s.(type) {
	case assignStmt:
		return goOn, f.assign(s)
	case callStmt:
		_, err := f.eval(s.call)
		return goOn, err
	case ifStmt:
		return f.execIf(s)
	case eachStmt:
		return f.execEach(s)
	case forStmt:
		return f.execFor(s)
	case whileStmt:
		return f.loop(s.body, func() (bool, error) { return f.truth(s.cond) })
	case returnStmt:
		var err error
		if s.value != nil {
			f.ret, err = f.eval(s.value)
		}
		return leaveProc, err
	case breakStmt:
		return leaveLoop, nil
	case continueStmt:
		return nextRound, nil
	case raiseStmt:
		return goOn, f.raise(s)
	case tryStmt:
		return f.execTry(s)
	}
	panic("a statement that nobody runs")
}

func (f *frame) raise(s raiseStmt) error {
	if s.value == nil {
		if len(f.m.caught) == 0 {
			return &Fault{s.line, "nothing was caught that could go on"}
		}
		return f.m.caught[len(f.m.caught)-1]
	}
	v, err := f.eval(s.value)
	if err != nil {
		return err
	}
	text, ok := v.(string)
	if !ok {
		return &Fault{s.line, "an exception must be a text, not " + typeName(v)}
	}
	return &Exception{text}
}

func (f *frame) execTry(s tryStmt) (flow, error) {
	how, err := f.run(s.body)
	if _, ok := errors.AsType[*Exception](err); !ok {
		return how, err
	}
	f.m.caught = append(f.m.caught, err)
	defer func() { f.m.caught = f.m.caught[:len(f.m.caught)-1] }()
	return f.run(s.handler)
}

func (f *frame) execIf(s ifStmt) (flow, error) {
	for _, b := range s.branches {
		if b.cond != nil {
			yes, err := f.truth(b.cond)
			if err != nil {
				return goOn, err
			}
			if !yes {
				continue
			}
		}
		return f.run(b.body)
	}
	return goOn, nil
}

// loop runs a body as long as there is a next round.
func (f *frame) loop(body []stmt, next func() (bool, error)) (flow, error) {
	for {
		more, err := next()
		if err != nil || !more {
			return goOn, err
		}
		switch how, err := f.run(body); {
		case err != nil || how == leaveProc:
			return how, err
		case how == leaveLoop:
			return goOn, nil
		}
	}
}

func (f *frame) execEach(s eachStmt) (flow, error) {
	v, err := f.eval(s.in)
	if err != nil {
		return goOn, err
	}
	list, ok := v.(Iterable)
	if !ok {
		return goOn, &Fault{s.line, "nothing to go through: " + typeName(v)}
	}
	items := list.Items()
	return f.loop(s.body, func() (bool, error) {
		if len(items) == 0 {
			return false, nil
		}
		f.vars[key(s.name)] = items[0]
		items = items[1:]
		return true, nil
	})
}

func (f *frame) execFor(s forStmt) (flow, error) {
	from, err := f.eval(s.from)
	if err != nil {
		return goOn, err
	}
	to, err := f.eval(s.to)
	if err != nil {
		return goOn, err
	}
	i, ok := from.(*big.Rat)
	last, ok2 := to.(*big.Rat)
	if !ok || !ok2 {
		return goOn, &Fault{s.line, "Для counts with numbers"}
	}
	return f.loop(s.body, func() (bool, error) {
		if i.Cmp(last) > 0 {
			return false, nil
		}
		f.vars[key(s.name)] = i
		i = new(big.Rat).Add(i, Number(1))
		return true, nil
	})
}

func (f *frame) truth(x expr) (bool, error) {
	v, err := f.eval(x)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, &Fault{lineOf(x), "a condition must be Истина or Ложь, not " + typeName(v)}
	}
	return b, nil
}
