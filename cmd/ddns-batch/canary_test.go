package main

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// canary is a password with characters that would change a request if they were not encoded.
func canary(domain string) string { return "cAnArY&ip=6.6.6.6 %2B+/" + domain }

// nowhere is an address at which nobody can listen, and monitorHost the host of the heartbeats.
const (
	nowhere     = "127.0.0.1:0"
	monitorHost = "hc.example.net"
)

// canaryURLs are the URLs that hosts.yaml may name for notifications and for heartbeats, by their variables, and tokens are the
// secrets in them.
func canaryURLs() (urls map[string]string, tokens []string) {
	const topic, check = "cAnArY-topic-7f3a", "cAnArY-check-91c0"
	return map[string]string{
		"DDNS_NOTIFY_URLS": "ntfy://" + nowhere + "/" + topic + " generic://" + nowhere + "/" + topic,
		"HEALTHCHECKS_URL": "https://" + monitorHost + "/ping/" + check,
	}, []string{topic, check}
}

// findCanaries lists the files below dir that hold one of the canaries, plain or encoded.
func findCanaries(dir string, canaries, except []string) []string {
	var found []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || slices.Contains(except, path) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && holdsPassword(content, canaries) {
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

// leaks reports whether a text holds a password of the network, plain or encoded.
func (n *network) leaks(text string) bool { return holdsPassword([]byte(text), n.canaries) }
