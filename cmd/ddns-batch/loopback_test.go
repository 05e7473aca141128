package main

import (
	"bytes"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// The two addresses between which the line flips.
var (
	homeAddress = netip.MustParseAddr("203.0.113.7")
	awayAddress = netip.MustParseAddr("198.51.100.9")
)

// network is what a run can reach, all of it on loopback: the endpoint and the address sources of a stand-in. With it
// come the passwords of its domains, which must not be found anywhere but in the files that are named in secrets.
type network struct {
	server            *sandbox.Server
	roots             []byte            // believe its certificate; nil: it serves plain HTTP
	passwords         map[string]string // by variable
	canaries, secrets []string
}

// startNetwork serves some domains. Without a password of their own they get a canary, and the sources say homeAddress
// unless they are told something else.
func startNetwork(o sandbox.Options, secure bool) (*network, error) {
	n := &network{passwords: map[string]string{}}
	if secure {
		o.TLS, n.roots = selfSigned("ddns.example.net", "*.sandbox.example.net")
	}
	if !o.Address.IsValid() {
		o.Address = homeAddress
	}
	for i := range o.Domains {
		d := &o.Domains[i]
		if d.Password == "" {
			d.Password = canary(d.Name)
		}
		n.passwords[passwordVariable(d.Name)] = d.Password
		if !slices.Contains(n.canaries, d.Password) {
			n.canaries = append(n.canaries, d.Password)
		}
	}
	var err error
	n.server, err = sandbox.Start(o)
	return n, err
}

// end closes the network and says what must not be: odd requests, and passwords in files below dir.
func (n *network) end(dir string) []string {
	n.server.Close()
	var wrong []string
	for _, odd := range n.server.Violations() {
		wrong = append(wrong, "the stand-in complains: "+odd)
	}
	for _, file := range findCanaries(dir, n.canaries, n.secrets) {
		wrong = append(wrong, "a password is in "+file)
	}
	return wrong
}

// leaks reports whether a text holds a password, plain or encoded.
func (n *network) leaks(text string) bool { return holdsPassword([]byte(text), n.canaries) }

// passwordVariable is the variable that holds the password of a domain.
func passwordVariable(domain string) string {
	return strings.NewReplacer(".", "_", "-", "_").Replace(strings.ToUpper(domain)) + "_DDNS_PASSWORD"
}

// canary is a password with characters that would change a request if they were not encoded.
func canary(domain string) string { return "cAnArY&ip=6.6.6.6 %2B+/" + domain }

// findCanaries lists the files below dir that hold one of the passwords, plain or encoded.
func findCanaries(dir string, canaries, except []string) []string {
	var found []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || slices.Contains(except, path) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if holdsPassword(content, canaries) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// holdsPassword reports whether content holds one of the passwords, plain or encoded.
func holdsPassword(content []byte, canaries []string) bool {
	content = bytes.ToLower(content)
	for _, c := range canaries {
		for _, form := range []string{c, url.QueryEscape(c), url.PathEscape(c), strings.ReplaceAll(url.QueryEscape(c), "+", "%20")} {
			if bytes.Contains(content, []byte(strings.ToLower(form))) {
				return true
			}
		}
	}
	return false
}
