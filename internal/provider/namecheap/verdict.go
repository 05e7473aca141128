package namecheap

import (
	"bytes"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ddns-batch/internal/provider"
)

// confirmationStart and confirmationEnd stand before and after the address in the confirmation as Namecheap writes it today.
const (
	confirmationStart = `<?xml version="1.0" encoding="utf-16"?>` + "\n<interface-response>\n  <Command>SETDNSHOST</Command>\n  <Language>eng</Language>\n  <IP>"
	confirmationEnd   = "</IP>\n  <ErrCount>0</ErrCount>\n  <errors />\n  <ResponseCount>0</ResponseCount>\n  <responses />\n" +
		"  <Done>true</Done>\n  <debug><![CDATA[]]></debug>\n</interface-response>"
)

// isConfirmation reports whether body is that confirmation for want, byte for byte. It spares a run of thousands of
// records the reading of as many documents. Of any other body it says nothing.
func isConfirmation(body []byte, want netip.Addr) bool {
	body, started := bytes.CutPrefix(body, []byte(confirmationStart))
	body, ended := bytes.CutSuffix(body, []byte(confirmationEnd))
	return started && ended && want.Is4() && string(body) == want.String()
}

// judgeReply says what the body of an answer with status 200 means for an update to want; nil is success.
func judgeReply(body []byte, want netip.Addr, words redactor) *provider.Error {
	if isConfirmation(body, want) {
		return nil
	}
	return judgeDocument(body, want, words)
}

// judgeDocument is judgeReply for any body. Faults of the document come first: what such a document says about errors, or
// about success, is worth nothing.
func judgeDocument(body []byte, want netip.Addr, words redactor) *provider.Error {
	doc, err := parse(body)
	if err != nil {
		return &provider.Error{Class: provider.Transient, Message: err.Error()}
	}
	count, fault := doc.verdict()
	switch {
	case fault != "":
		return &provider.Error{Class: provider.Transient, Message: fault}
	case count > 0:
		e := doc.refusal(words)
		e.Unchanged = true
		return e
	case len(doc.errors) > 0:
		// It counts no error and yet names one, so nobody can know whether it made the change.
		e := doc.refusal(words)
		e.Class = provider.Refused
		return e
	default:
		return doc.proof(want, words)
	}
}

// verdict reads ErrCount and Done, or says what is wrong with them.
func (d *document) verdict() (count int, fault string) {
	switch len(d.errCount) {
	case 0:
		return 0, "a reply without ErrCount"
	case 1:
	default:
		return 0, "a reply with more than one ErrCount"
	}
	count, err := strconv.Atoi(d.errCount[0])
	if err != nil || count < 0 || strconv.Itoa(count) != d.errCount[0] {
		return 0, "a reply whose ErrCount is not a number"
	}
	if !slices.Equal(d.done, []string{"true"}) {
		return 0, "a reply that is not marked as done"
	}
	return count, ""
}

// proof looks for the address in a reply without errors.
func (d *document) proof(want netip.Addr, words redactor) *provider.Error {
	for _, text := range d.ip {
		got, err := netip.ParseAddr(text)
		if err == nil && got == want || text == "" {
			continue
		}
		stored := "something other than an IPv4 address"
		if got.Is4() {
			stored = words.address(got)
		}
		return &provider.Error{Class: provider.Mismatch, Message: "stored " + stored + " instead of " + want.String()}
	}
	switch {
	case len(d.ip) == 0 || d.ip[0] == "":
		return &provider.Error{Class: provider.Unconfirmed, Message: "no error, but no address either"}
	case len(d.ip) > 1:
		return &provider.Error{Class: provider.Unconfirmed, Message: "no error, but more than one address"}
	}
	return nil
}

// cause is one kind of refusal and how it is recognised. ResponseNumber alone is no key: 304156 is shared by several.
type cause struct {
	class provider.Class
	// texts begin an error text; within stands somewhere in one; described stands in a ResponseString; numbers are
	// ResponseNumbers.
	texts     []string
	within    string
	described string
	numbers   []string
}

// causes stand in the order in which they decide when a reply names several errors.
var causes = []cause{
	{class: provider.Credentials, texts: []string{"Passwords do not match", "Passwords is empty"}, described: "; password"},
	{class: provider.Domain, texts: []string{"Domain name not found", "Domain name not active"}, described: "; domain name(s)",
		numbers: []string{"316153", "316154"}},
	{class: provider.Address, within: "Invalid IP", described: "; IP Address"},
	{class: provider.Record, within: "A record not Found", described: "A record not Found", numbers: []string{"380091"}},
}

// knownTexts are the error texts that have been seen. They are shown whatever the password is: text that is known beforehand
// says nothing about it, and hiding a word of such a text would tell everybody that the word is the password.
var knownTexts = []string{
	"Passwords do not match", "Passwords is empty", "Domain name not found", "Domain name not active", "Invalid IP",
	"No Records updated. A record not Found;",
}

// refusal finds the worst of the errors that the reply names, and its words.
func (d *document) refusal(words redactor) *provider.Error {
	e := &provider.Error{Class: provider.Refused, Validation: d.saysValidation()}
	var text string
	for _, c := range causes {
		found, ok := c.find(d)
		if ok {
			e.Class, text = c.class, found
			break
		}
	}
	if text == "" {
		text = strings.Join(d.errors, " / ")
	}
	if text == "" {
		text = strings.Join(d.descriptions, " / ")
	}
	if slices.Contains(knownTexts, text) {
		e.Message = text
	} else {
		e.Message = words.quote(text)
	}
	e.Quoted = e.Message != ""
	switch {
	case e.Quoted:
	case text == "":
		e.Message = "refused, with no reason given"
	default:
		e.Message = "refused; the reason is not shown, because it could contain the password"
	}
	return e
}

// find reports whether the reply names this cause, and with which error text; "" if it is not an error text that does.
func (c *cause) find(d *document) (text string, ok bool) {
	for _, text := range d.errors {
		begins := slices.ContainsFunc(c.texts, func(t string) bool { return strings.HasPrefix(text, t) })
		if begins || c.within != "" && strings.Contains(text, c.within) {
			return text, true
		}
	}
	described := slices.ContainsFunc(d.descriptions, func(s string) bool { return strings.Contains(s, c.described) })
	numbered := slices.ContainsFunc(d.numbers, func(n string) bool { return slices.Contains(c.numbers, n) })
	return "", described || numbered
}

func (d *document) saysValidation() bool {
	says := func(s string) bool { return strings.Contains(s, "Validation error") }
	return slices.ContainsFunc(d.errors, says) || slices.ContainsFunc(d.descriptions, says)
}
