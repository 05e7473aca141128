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

// findCanaries lists the files below dir that hold one of the passwords, plain or encoded.
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
