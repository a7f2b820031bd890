package source

// nameSet tells names that come twice in an object. Of a few names one bit each is enough to know that
// nearly every one is new; many are kept in a map, so that a hostile object costs no more than its length.
type nameSet struct {
	count int
	bits  uint64
	many  map[string]bool
}

// mostFewNames is more than the members of any object that an order has.
const mostFewNames = 64

// mayHave says whether a name may be among a few that came before, and counts it among them. Many are
// not for it.
func (n *nameSet) mayHave(name []byte) bool {
	if n.many != nil {
		return false
	}
	hash := uint(len(name))
	if hash > 0 {
		hash = hash*7 + uint(name[0])*31 + uint(name[len(name)-1])*5 + uint(name[len(name)/2])*3
	}
	bit := uint64(1) << (hash % 64)
	before := n.bits&bit != 0
	n.bits |= bit
	return before
}

// addName says whether a name is new among many.
func (n *nameSet) addName(name []byte) bool {
	if n.many[string(name)] {
		return false
	}
	n.many[string(name)] = true
	return true
}

// hasMember says whether a member of an object that is being read has that name.
func (d *Doc) hasMember(object int32, name []byte) bool {
	for at := d.nodes[object].child; at != 0; at = d.nodes[at].next {
		if string(d.memberName(at)) == string(name) {
			return true
		}
	}
	return false
}

// rememberNames puts the names of an object's members so far into the map of many.
func (d *Doc) rememberNames(object int32, names *nameSet) {
	names.many = make(map[string]bool, 2*mostFewNames)
	for at := d.nodes[object].child; at != 0; at = d.nodes[at].next {
		names.many[string(d.memberName(at))] = true
	}
}

// memberName is a member's name without its escapes.
func (d *Doc) memberName(at int32) []byte {
	name := d.text[d.nodes[at].nameFrom:d.nodes[at].nameTo]
	if d.escaped {
		name = unescape(name)
	}
	return name
}
