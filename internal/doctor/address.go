package doctor

import (
	"errors"
	"fmt"
	"strings"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/report"
)

// line checks whether this machine's line to the internet can be reached from outside.
func (s Subject) line(a answers) report.Findings {
	const topic = "line"
	if a.lineErr != nil {
		return report.Findings{problem(topic, a.lineErr.Error(), "")}
	}
	var found report.Findings
	if why := a.line.Egress.Suspicion(); why != "" {
		found = append(found, problem(topic, "connections to the internet go through "+why,
			"the sources see the address of its far end: set ip.bind to the line's own interface, or name the address under ip.allow"))
	}
	for _, e := range a.line.CarrierNAT {
		if e.Tunnel == "" {
			found = append(found, problem(topic, fmt.Sprintf("%s has %s, an address inside a carrier's NAT", e.Interface, e.Local), carrierHint()))
		}
	}
	return found
}

// carrierHint is what an owner behind a carrier's NAT can do.
func carrierHint() string { return strings.Join(publicip.WhatWorksBehindCarrierNAT(), "; ") }

// address is what the sources say, one by one and together.
func (s Subject) address(a answers) report.Findings {
	const topic = "address"
	var found report.Findings
	for _, answer := range a.address.Answers {
		if answer.Problem != "" {
			found = append(found, warning("source", answer.Name+": "+answer.Problem, ""))
		} else {
			found = append(found, fine("source", fmt.Sprintf("%s says %s, in %s", answer.Name, answer.Address, humanize.Took(answer.Took))))
		}
	}
	for _, w := range a.address.Warnings {
		found = append(found, warning(topic, w, carrierHint()))
	}
	if a.addressErr == nil {
		return append(found, fine(topic, a.address.Address.String()))
	}
	hint := ""
	if e, ok := errors.AsType[*publicip.Error](a.addressErr); ok {
		hint = e.Hint()
	}
	return append(found, problem(topic, a.addressErr.Error(), hint))
}
