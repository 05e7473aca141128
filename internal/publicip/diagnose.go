package publicip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"ddns-batch/internal/sinkhole"
)

// Kind tells apart why there is no address. The zero Kind claims nothing.
type Kind string

const (
	TooFew       Kind = "too few"       // not enough sources gave an address
	Disagreement Kind = "disagreement"  // they gave different ones
	Refused      Kind = "refused"       // the address is not one to publish
	Offline      Kind = "offline"       // no source could even be connected to
	Sinkhole     Kind = "sinkhole"      // the names of too many sources were resolved to addresses that no source has
	Certificate  Kind = "certificate"   // too many sources could not prove who they are
	Interrupted  Kind = "interrupted"   // the caller's context ended first
	ViaTunnel    Kind = "via tunnel"    // the look-up left by a tunnel, or from inside a carrier's NAT
	BindUnusable Kind = "bind unusable" // Query.Bind cannot be used; no source was asked
)

// Error is why there is no address that can be trusted. What each source said is in the Finding beside it.
type Error struct {
	Kind Kind
	// Message is one printable line.
	Message string
	// Address is the refused one, if Kind is Refused or ViaTunnel.
	Address netip.Addr
	// OutOfDate: by this machine's clock the certificate of at least one source has expired or is not valid yet, whatever
	// Kind is. If the clock is wrong, that is why.
	OutOfDate bool

	hint  string
	cause error
}

func (e *Error) Error() string { return e.Message }

// Hint is what the user can do about it, in one line; empty if nothing.
func (e *Error) Hint() string { return e.hint }

// Unwrap gives the context's error if Kind is Interrupted.
func (e *Error) Unwrap() error { return e.cause }

func interrupted(cause error) *Error {
	message := "interrupted before the sources agreed on the address"
	if errors.Is(cause, context.DeadlineExceeded) {
		message = "the time ran out before the sources agreed on the address"
	}
	return &Error{Kind: Interrupted, Message: message, cause: cause}
}

// counts is what the replies come to.
type counts struct {
	asked    int
	accepted map[netip.Addr]int
	most     int // votes of the accepted address that has the most of them

	refused     *Error // for the refused address that has the most votes
	mostRefused int
	viaTunnel   *Error // for the first address that was seen through a tunnel

	// local are the sources without an address that need no internet to have one.
	unreachable, unresolved, pages, certificates, local int
	// unknown are the unresolved sources whose names do not exist, according to a name server.
	unknown int
	// sunk are those whose name was resolved to an address of no source, each as that happened.
	sunk []*sinkhole.Error

	outOfDate bool
}

// diagnose says why the replies are not enough. It is only called when they are not.
func diagnose(replies []reply, agree int) *Error {
	c := count(replies)
	e := c.verdict(agree)
	e.OutOfDate = c.outOfDate
	return e
}

func count(replies []reply) counts {
	c := counts{asked: len(replies), accepted: make(map[netip.Addr]int)}
	refusals := make(map[netip.Addr]int)
	for _, r := range replies {
		if r.err == nil {
			c.accepted[r.Address]++
			c.most = max(c.most, c.accepted[r.Address])
			continue
		}
		if e, ok := errors.AsType[*Error](r.err); ok && e.Kind == ViaTunnel {
			if c.viaTunnel == nil {
				c.viaTunnel = e
			}
			continue
		}
		if e, ok := errors.AsType[*Error](r.err); ok {
			refusals[e.Address]++
			if refusals[e.Address] > c.mostRefused {
				c.refused, c.mostRefused = e, refusals[e.Address]
			}
			continue
		}
		c.add(r.err)
	}
	return c
}

// add counts a reply that holds no address at all.
func (c *counts) add(err error) {
	if _, ok := errors.AsType[local](err); ok {
		c.local++
		return
	}
	if sunk, ok := errors.AsType[*sinkhole.Error](err); ok {
		c.sunk = append(c.sunk, sunk)
	}
	if _, ok := errors.AsType[unreachable](err); ok {
		c.unreachable++
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		c.unresolved++
		if lookup.IsNotFound {
			c.unknown++
		}
	}
	if isPage(err) {
		c.pages++
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		c.certificates++
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		c.outOfDate = true
	}
}

// isPage reports whether something answered that is no source at all, as a hotspot does before the login.
func isPage(err error) bool {
	if bad, ok := errors.AsType[*notAnAnswer](err); ok {
		return bad.page
	}
	_, garbage := errors.AsType[tls.RecordHeaderError](err)
	return garbage || errors.Is(err, http.ErrSchemeMismatch)
}

func (c *counts) verdict(agree int) *Error {
	switch {
	case c.refused != nil && (len(c.accepted) == 0 && c.viaTunnel == nil || c.mostRefused >= agree):
		e := *c.refused
		return &e
	case c.viaTunnel != nil && len(c.accepted) < 2:
		e := *c.viaTunnel
		return &e
	case len(c.accepted) > 1, c.refused != nil:
		return &Error{Kind: Disagreement, Message: disagreement(agree),
			hint: "two addresses mean a VPN, two lines or a carrier's NAT pool; name your own ranges under ip.allow"}
	case len(c.sunk) > 0 && c.most+len(c.sunk) >= agree:
		return &Error{Kind: Sinkhole, Message: c.sunkWhere(),
			hint: "perhaps by " + c.sunk[0].By() + ": allow the name there, or name other sources under ip.sources"}
	case c.certificates > 0 && c.most+c.certificates >= agree:
		return &Error{Kind: Certificate,
			Message: fmt.Sprintf("the address is not known: the certificates of %s are not valid", of(c.certificates, c.asked)),
			hint:    c.certificateHint()}
	case c.unreachable > 0 && c.unreachable+c.local == c.asked:
		return &Error{Kind: Offline, Message: c.cannotReach() + "; is the connection up?", hint: c.offlineHint()}
	}
	return &Error{Kind: TooFew, Message: c.tooFew(agree), hint: c.tooFewHint()}
}

func disagreement(agree int) string {
	switch agree {
	case 1:
		return "the sources say different addresses"
	case 2:
		return "no two sources agree on the address"
	}
	return fmt.Sprintf("no %d sources agree on the address", agree)
}

// sunkWhere says to which addresses the names were resolved.
func (c *counts) sunkWhere() string {
	var where []string
	for _, sunk := range c.sunk {
		if !slices.Contains(where, sunk.Where()) {
			where = append(where, sunk.Where())
		}
	}
	names := "the names of " + of(len(c.sunk), c.asked) + " were"
	if c.asked == 1 {
		names = "the name of the only source was"
	}
	return fmt.Sprintf("the address is not known: %s resolved to %s", names, strings.Join(where, ", "))
}

func (c *counts) certificateHint() string {
	if c.outOfDate {
		return "certificates are valid between two dates: see whether this machine's clock is right"
	}
	return "a hotspot's login page or a filter may be answering in their place, or this system's root certificates " +
		"(package ca-certificates) are missing or old"
}

func (c *counts) cannotReach() string {
	switch {
	case c.asked == 1:
		return "cannot reach the address source"
	case c.unreachable == 1:
		return "cannot reach the only address source on the internet"
	case c.local > 0:
		return fmt.Sprintf("cannot reach any of the %d address sources on the internet", c.unreachable)
	}
	return fmt.Sprintf("cannot reach any of the %d address sources", c.asked)
}

func (c *counts) offlineHint() string {
	if c.unknown == c.unreachable {
		return "the name server says that there are no such names: a DNS filter (such as Pi-hole) does that to block a name, " +
			"and a router while its line is down"
	}
	if c.unresolved == c.unreachable {
		return "no name can be resolved: see whether the line is up, and this machine's name server (DNS) settings"
	}
	return "see whether the line is up and whether a firewall is in the way; the sources are never asked through a proxy"
}

func (c *counts) tooFew(agree int) string {
	switch {
	case c.most > 0 && c.asked == 1:
		return fmt.Sprintf("only one source was asked; %d must agree", agree)
	case c.most > 0:
		return fmt.Sprintf("only %s gave an address; %d must agree", of(c.most, c.asked), agree)
	case c.asked == 1:
		return "the only source gave no address"
	}
	return fmt.Sprintf("none of the %d sources gave an address", c.asked)
}

func (c *counts) tooFewHint() string {
	if c.pages > 0 && c.pages+c.unreachable == c.asked {
		return "something answers in the sources' place, perhaps the login page of a hotspot: open a page in a browser"
	}
	if c.local == c.asked {
		return "see what the source said; ip.sources may name others, such as https://api.ipify.org"
	}
	return "it may pass by itself; if it does not, name other sources under ip.sources"
}

func of(n, all int) string {
	if all == 1 {
		return "the only source"
	}
	return fmt.Sprintf("%d of %d sources", n, all)
}
