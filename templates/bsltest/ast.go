package bsltest

import "strings"

// Module is a module that was read.
type Module struct {
	Procs []*Proc
	byKey map[string]*Proc
}

// Proc is a procedure or a function.
type Proc struct {
	Name   string
	Region string // the outermost #Область around it
	Params []Param
	Func   bool
	Export bool
	Line   int
	body   []stmt
}

// Param is a parameter; Default is nil for one that must be given.
type Param struct {
	Name    string
	ByValue bool
	Default expr
}

// Proc finds a procedure or function; nil if there is none. Letter case does not matter.
func (m *Module) Proc(name string) *Proc { return m.byKey[key(name)] }

func key(name string) string { return strings.ToLower(name) }

type (
	stmt interface{}

	assignStmt struct {
		target, value expr
		line          int
	}
	callStmt struct {
		call expr
		line int
	}
	branch struct {
		cond expr // nil for Иначе
		body []stmt
	}
	ifStmt   struct{ branches []branch }
	eachStmt struct {
		name string
		in   expr
		body []stmt
		line int
	}
	forStmt struct {
		name     string
		from, to expr
		body     []stmt
		line     int
	}
	whileStmt struct {
		cond expr
		body []stmt
	}
	returnStmt struct {
		value expr // nil in a procedure
		line  int
	}
	breakStmt    struct{}
	continueStmt struct{}
	raiseStmt    struct {
		value expr // nil: what was caught goes on
		line  int
	}
	tryStmt struct{ body, handler []stmt }
)

type (
	expr interface{}

	literal  struct{ value any }
	nameExpr struct {
		name, key string
		line      int
	}
	memberExpr struct {
		x         expr
		name, key string
		line      int
	}
	indexExpr struct {
		x, index expr
		line     int
	}
	callExpr struct {
		fn   expr // nameExpr or memberExpr
		args []expr
		line int
	}
	newExpr struct {
		typ, key string
		args     []expr
		line     int
	}
	unaryExpr struct {
		op   string
		x    expr
		line int
	}
	binaryExpr struct {
		op   string
		x, y expr
		line int
	}
	ternaryExpr struct {
		cond, yes, no expr
	}
)
