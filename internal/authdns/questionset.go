package authdns

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/record"
)

// questionSet is what is asked about one domain: each question once, however many names need its answer.
type questionSet struct {
	domain    string
	questions []question
	entries   []entry

	asked map[string]int // a question's place, by its name
	// random are the random names, by the name that they lie directly below.
	random map[string]string
}

// entry says which answers belong to one name.
type entry struct {
	name record.Name
	// place is where the name stands among all names.
	place int
	// own and sibling are the indexes of its questions; sibling is -1 if there can be no hint.
	own, sibling int
}

// newQuestionSets sorts names by their domains.
func newQuestionSets(names []record.Name, hints bool) []*questionSet {
	var all []*questionSet
	byDomain := make(map[string]*questionSet)
	for i, name := range names {
		s := byDomain[name.Domain]
		if s == nil {
			s = &questionSet{domain: name.Domain, asked: make(map[string]int), random: make(map[string]string)}
			byDomain[name.Domain] = s
			all = append(all, s)
		}
		s.add(i, name, hints)
	}
	return all
}

func (s *questionSet) add(place int, name record.Name, hints bool) {
	e := entry{name: name, place: place, sibling: -1}
	full := dns.CanonicalName(name.String())
	label, parent, _ := strings.Cut(full, ".")
	switch {
	case label == "*":
		e.own = s.ask(s.below(parent))
	case hints && name.Host != "@":
		e.own = s.ask(full)
		e.sibling = s.ask(s.below(parent))
	default:
		e.own = s.ask(full)
	}
	s.entries = append(s.entries, e)
}

// ask returns the place of the question for name.
func (s *questionSet) ask(name string) int {
	place, ok := s.asked[name]
	if !ok {
		place = len(s.questions)
		s.asked[name] = place
		s.questions = append(s.questions, question{name, dns.CanonicalName(s.domain)})
	}
	return place
}

// below is a name directly below parent that surely nobody made a record for.
func (s *questionSet) below(parent string) string {
	name, ok := s.random[parent]
	if !ok {
		var label [8]byte
		_, _ = rand.Read(label[:]) // never fails
		name = hex.EncodeToString(label[:]) + "." + parent
		s.random[parent] = name
	}
	return name
}

// observe reads off the replies of each server what is published for the entry.
func (e entry) observe(o *Observation, servers []nameserver, replies [][]reply) {
	o.At = time.Time{}
	o.Wildcard = e.sibling >= 0
	for i, ns := range servers {
		own := replies[i][e.own]
		o.Servers = append(o.Servers, ServerAnswer{Server: ns.name, Endpoint: ns.address, Answer: own.Answer, Took: own.took})
		if own.at.After(o.At) {
			o.At = own.at
		}
		if o.Wildcard && own.Status.Certain() {
			sibling := replies[i][e.sibling]
			// The same TTL too: a record with one of its own is a record of its own.
			o.Wildcard = own.same(sibling.Answer) && own.TTL == sibling.TTL
		}
	}
	o.Answer = combine(o.Servers)
	switch o.Status {
	case Address, Addresses, CNAME:
	default:
		o.Wildcard = false
	}
}
