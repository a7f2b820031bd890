package spapitest

import (
	"fmt"
	"time"
)

// Plan is a shop of any size that takes no memory: every order follows from its number.
type Plan struct {
	Orders   int
	From, To time.Time // when they are placed, evenly
	Seed     uint64
	// Grain is what every time is cut to, a second when 0. A coarse one makes many equal times.
	Grain time.Duration
	// Late is the longest that a change needs to show up in searches; one in eight needs any time at all.
	Late time.Duration
	// Still orders never change after they are placed. Others are paid within the hour and shipped, or
	// cancelled, within three days.
	Still bool
}

// states of an order that is not Still, one after the other.
const states = 3

func (p *Plan) grain() time.Duration {
	if p.Grain > 0 {
		return p.Grain
	}
	return time.Second
}

// chance is a number that only the seed, the order and the purpose decide (splitmix64).
func (p *Plan) chance(number, purpose int) uint64 {
	x := p.Seed ^ uint64(number)<<8 ^ uint64(purpose)
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// created never falls from one number to the next.
func (p *Plan) created(number int) time.Time {
	span := p.To.Sub(p.From)
	// In two steps, because the product would be too large.
	each, rest := span/time.Duration(p.Orders), span%time.Duration(p.Orders)
	at := time.Duration(number)*each + time.Duration(number)*rest/time.Duration(p.Orders)
	return p.From.Add(at).Truncate(p.grain())
}

// last is the number of the last state.
func (p *Plan) last() int {
	if p.Still {
		return 0
	}
	return states - 1
}

// updated is when the order came to a state.
func (p *Plan) updated(number, state int) time.Time {
	at := p.created(number)
	if state >= 1 {
		at = at.Add(20*time.Minute + time.Duration(p.chance(number, 1)%uint64(20*time.Minute)))
	}
	if state >= 2 {
		at = at.Add(12*time.Hour + time.Duration(p.chance(number, 2)%uint64(48*time.Hour)))
	}
	return at.Truncate(p.grain())
}

// visible is when searches begin to show the state.
func (p *Plan) visible(number, state int) time.Time {
	at := p.updated(number, state)
	if p.Late > 0 && p.chance(number, 10+state)%8 == 0 {
		at = at.Add(time.Duration(p.chance(number, 20+state) % uint64(p.Late)))
	}
	return at
}

func (p *Plan) status(number, state int) string {
	switch {
	case p.Still, state == 1:
		return "UNSHIPPED"
	case state == 0:
		return "PENDING"
	case p.chance(number, 3)%16 == 0:
		return "CANCELLED"
	}
	return "SHIPPED"
}

// ID is the number of an order as a buyer sees it.
func (p *Plan) ID(number int) string {
	return fmt.Sprintf("900-%07d-%07d", number/10_000_000, number%10_000_000)
}

// order is a state of an order, with one to three lines.
func (p *Plan) order(number, state int) Order {
	o := Order{
		ID: p.ID(number), Created: p.created(number), Updated: p.updated(number, state), Visible: p.visible(number, state),
		Status: p.status(number, state),
	}
	if p.chance(number, 4)%4 == 0 {
		o.FulfilledBy = "MERCHANT"
	}
	for line := range 1 + int(p.chance(number, 5)%3) {
		o.Items = append(o.Items, p.item(number, line))
	}
	return o.complete()
}

func (p *Plan) item(number, line int) Item {
	chance := p.chance(number, 30+line)
	product := chance % 100
	i := Item{
		ID: fmt.Sprintf("%012d%d", number, line+1), SKU: fmt.Sprintf("SKU-%03d", product), ASIN: fmt.Sprintf("B0EXMPL%03d", product),
		Title: fmt.Sprintf("Invented product %d", product), Quantity: 1 + int(chance>>8%3), Unit: 100 + int64(product)*137,
	}
	// Nineteen per cent on top, so that price and tax and total prove each other.
	i.Tax = (int64(i.Quantity)*i.Unit*19 + 50) / 100
	return i
}
