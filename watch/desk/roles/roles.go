// Package roles lists what a person may do with a running exchange.
package roles

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
