package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

// answers is what the network says, asked for at the same time.
type answers struct {
	line       publicip.Line
	lineErr    error
	address    publicip.Finding
	addressErr error
	probe      namecheap.Probe
	probeErr   error
	zones      []authdns.Delegation
	records    []authdns.Observation
}

// checkNetwork asks everything that a run would ask, but for the updates.
func (d *doctor) checkNetwork(ctx context.Context) {
	a := d.ask(ctx)
	d.judgeLine(a)
	d.judgeAddress(a)
	d.judgeEndpoint(a)
	d.judgeZones(a)
	d.judgeRecords(a)
}

func (d *doctor) ask(ctx context.Context) answers {
	var a answers
	there := d.live(d.in.config)
	q := authdns.Query{Resolver: d.in.config.DNS.Resolver, Nameservers: d.in.config.DNS.Nameservers}
	for _, i := range d.selected {
		q.Names = append(q.Names, d.in.config.Records[i].Name)
	}
	var asked sync.WaitGroup
	asked.Go(func() { a.line, a.lineErr = there.Query().Line(ctx) })
	asked.Go(func() { a.address, a.addressErr = publicip.Survey(ctx, there.Query()) })
	asked.Go(func() { a.probe, a.probeErr = probe(ctx, there, d.in.config.RequestTimeout) })
	asked.Go(func() { a.zones = authdns.Delegations(ctx, q) })
	asked.Go(func() { a.records = authdns.Observe(ctx, q) })
	asked.Wait()
	return a
}

func probe(ctx context.Context, t run.Live, timeout time.Duration) (namecheap.Probe, error) {
	client, err := t.Client()
	if err != nil {
		return namecheap.Probe{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return client.Probe(ctx)
}

// judgeLine looks for what keeps others from reaching this machine.
func (d *doctor) judgeLine(a answers) {
	if a.lineErr != nil {
		d.note("line", report.Problem, a.lineErr.Error(), "")
		return
	}
	if s := a.line.Egress.Suspicion(); s != "" {
		d.note("line", report.Problem, "the way to the internet leads through "+s, "the sources see where that ends: set ip.bind to the line's own interface, or name the address under ip.allow")
	}
	for _, exit := range a.line.CarrierNAT {
		if exit.Tunnel == "" {
			d.note("line", report.Problem, fmt.Sprintf("%s has %s, an address inside a carrier's NAT", exit.Interface, exit.Local), carrierHint())
		}
	}
}

// carrierHint is what an owner behind a carrier's NAT can do.
func carrierHint() string {
	hint := ""
	for i, line := range publicip.WhatWorksBehindCarrierNAT() {
		if i > 0 {
			hint += "; "
		}
		hint += line
	}
	return hint
}

func (d *doctor) judgeAddress(a answers) {
	const topic = "address"
	for _, answer := range a.address.Answers {
		if answer.Problem != "" {
			d.note("source", report.Warning, answer.Name+": "+answer.Problem, "")
		} else {
			d.note("source", report.Fine, fmt.Sprintf("%s says %s, in %s", answer.Name, answer.Address, humanize.Took(answer.Took)), "")
		}
	}
	for _, w := range a.address.Warnings {
		d.note(topic, report.Warning, w, carrierHint())
	}
	if a.addressErr == nil {
		d.note(topic, report.Fine, a.address.Address.String(), "")
		return
	}
	hint := ""
	if e, ok := errors.AsType[*publicip.Error](a.addressErr); ok {
		hint = e.Hint()
	}
	d.note(topic, report.Problem, a.addressErr.Error(), hint)
}

// clockTolerance is how far this clock and a server's may be apart before it is worth a word.
const clockTolerance = time.Minute

func (d *doctor) judgeEndpoint(a answers) {
	const topic = "endpoint"
	if a.probeErr != nil {
		text, hint := a.probeErr.Error(), ""
		if e, ok := errors.AsType[*provider.Error](a.probeErr); ok {
			text, hint = e.Message, d.remedy(e.Class, d.in.config.Records[d.selected[0]].Name)
		}
		d.note(topic, report.Problem, text, hint)
		return
	}
	text := "answers in " + humanize.Took(a.probe.Took)
	if !a.probe.Expires.IsZero() {
		text += fmt.Sprintf(", with a certificate until %s", a.probe.Expires.In(d.Local).Format(time.DateOnly))
	}
	d.note(topic, report.Fine, text, "")
	if off := d.Now().Sub(a.probe.Date); !a.probe.Date.IsZero() && off.Abs() > clockTolerance {
		d.note("clock", report.Problem, fmt.Sprintf("it is %s off from the endpoint's", humanize.Took(off.Abs())), "set the clock, and let it be kept right (NTP)")
	} else if !a.probe.Date.IsZero() {
		d.note("clock", report.Fine, "agrees with the endpoint's", "")
	}
}

// hint is what to do, with the command to type.
func (d *doctor) hint(h outcome.Hint) string { return report.HintText(h, d.program(d.in.state, false)) }

// remedy is what to do about a failure of a record.
func (d *doctor) remedy(class provider.Class, name record.Name) string {
	return d.hint(outcome.Guide(d.guide).Hint(class, name))
}

func (d *doctor) judgeZones(a answers) {
	const topic = "delegation"
	for _, z := range a.zones {
		domain := idn.Both(z.Domain)
		switch {
		case len(d.in.config.DNS.Nameservers) > 0:
			d.note(topic, report.Warning, domain+": not looked at, as dns.nameservers takes the place of its name servers", "")
		case len(z.Servers) == 0 && z.Status == authdns.NoServers:
			d.note(topic, report.Problem, domain+": "+z.Detail, "is the domain registered, not expired, and spelt right?")
		case len(z.Servers) == 0:
			d.note(topic, report.Warning, domain+": its name servers cannot be found: "+z.Detail, "see this machine's name server settings, or set dns.resolver")
		case !z.Under(namecheap.NameServers):
			d.note(topic, report.Problem, fmt.Sprintf("%s: its name servers are %s, and none is Namecheap's; its dynamic DNS cannot work there", domain, humanize.List(z.Servers)),
				"Domain List > Manage > Nameservers: choose Namecheap BasicDNS")
		default:
			d.note(topic, report.Fine, fmt.Sprintf("%s: %s", domain, humanize.List(z.Servers)), "")
		}
	}
}

// judgeRecords says what is published for each record; those that are as confirmed share a line for each domain.
func (d *doctor) judgeRecords(a answers) {
	const topic = "record"
	confirmed := map[record.Name]netip.Addr{}
	for _, r := range d.state.Records {
		confirmed[r.Name()] = r.IP
	}
	good := map[string]*published{}
	for _, o := range a.records {
		name := idn.Both(o.Name.String())
		switch known := confirmed[o.Name]; {
		case o.Status == authdns.NXDomain || o.Status == authdns.NoAddress || o.Status == authdns.CNAME:
			d.note(topic, report.Problem, fmt.Sprintf("%s: %s, so there is nothing to update", name, o.Words()), d.remedy(provider.Record, o.Name))
		case !o.Status.Certain():
			d.note(topic, report.Warning, name+": "+o.Words(), "")
		case known.IsValid() && o.Address() != known:
			d.note(topic, report.Warning, fmt.Sprintf("%s: %s is published, but %s was confirmed", name, o.Words(), known),
				d.hint(outcome.Hint{
					Text:    "if that lasts longer than its TTL of " + humanize.Took(o.TTL) + ", another machine or the panel changed it. To set it right:",
					Command: []string{"--verify"},
				}))
		case o.Wildcard && !confirmed[o.Name].IsValid():
			d.note(topic, report.Warning, fmt.Sprintf("%s: %s is published, but perhaps only because \"*\" covers it", name, o.Words()), d.remedy(provider.Record, o.Name))
		default:
			if good[o.Name.Domain] == nil {
				good[o.Name.Domain] = &published{shortest: o.TTL}
			}
			good[o.Name.Domain].add(o.TTL)
		}
	}
	for _, z := range a.zones {
		if p := good[z.Domain]; p != nil {
			d.note(topic, report.Fine, fmt.Sprintf("%s of %s: published as it should be, with a TTL of %s", humanize.Count(p.records, "record"), idn.Both(z.Domain), p.ttl()), "")
		}
	}
}

// published counts records that are as they should be, and how long resolvers may remember them.
type published struct {
	records           int
	shortest, longest time.Duration
}

func (p *published) add(ttl time.Duration) {
	p.records++
	p.shortest, p.longest = min(p.shortest, ttl), max(p.longest, ttl)
}

func (p *published) ttl() string {
	if p.shortest == p.longest {
		return humanize.Took(p.longest)
	}
	return humanize.Took(p.shortest) + " to " + humanize.Took(p.longest)
}
