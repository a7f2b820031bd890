package desk

import "obmen/watch/desk/words"

// Role says how much a person may do with a running exchange. A higher one may do all that a lower one may.
type Role int

// The roles. Zero is none.
const (
	Look  Role = iota + 1 // see how it stands
	Work                  // cure, dismiss, retry, replay, requeue, drop
	Admin                 // all
)

var roleNames = map[Role]string{Look: "look", Work: "work", Admin: "admin"}

// String is the name of a role as it is written in commands.
func (r Role) String() string { return roleNames[r] }

// ParseRole returns the role of a name; false for an unknown one.
func ParseRole(name string) (Role, bool) {
	for role, is := range roleNames {
		if is == name {
			return role, true
		}
	}
	return 0, false
}

// Actor is the person for whom a desk acts.
type Actor struct {
	Name string
	Role Role
}

// As returns the desk as it acts for a person: it refuses what the person may not do, and keeps a trail of what
// was done. A desk that acts for no one in particular is that of the command line, which may do all.
func (d *Desk) As(a Actor) *Desk {
	other := *d
	other.actor = &a
	return &other
}

// allow refuses an operation to a person whose role is too low.
func (d *Desk) allow(least Role) error {
	if d.actor == nil || d.actor.Role >= least {
		return nil
	}
	return words.Refuse(words.New("desk.not-allowed"), words.New("desk.ask-for-role", "Role", least.String()))
}
