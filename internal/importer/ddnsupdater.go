package importer

import (
	"bytes"
	"encoding/json"
	"strings"

	"ddns-batch/internal/config"
)

// ddnsUpdaterEntry is what an element of settings says that matters here.
type ddnsUpdaterEntry struct {
	Provider  string `json:"provider"`
	Domain    string `json:"domain"`
	Host      string `json:"host"`
	Owner     string `json:"owner"`
	Password  string `json:"password"`
	IPVersion string `json:"ip_version"`
}

// readDdnsUpdater reads config.json, of today and with the keys host or owner.
func readDdnsUpdater(s *source) {
	decoder := json.NewDecoder(bytes.NewReader(s.data))
	counted, lines := 0, 1
	line := func() int {
		at := min(int(decoder.InputOffset()), len(s.data))
		lines += bytes.Count(s.data[counted:at], []byte("\n"))
		counted = at
		return lines
	}
	broken := func() { s.note(line(), Unreadable, "this is not valid JSON, or not in the form {\"settings\": [...]}") }
	if t, err := decoder.Token(); err != nil || t != json.Delim('{') {
		broken()
		return
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			broken()
			return
		}
		if key != "settings" {
			var skipped json.RawMessage
			if decoder.Decode(&skipped) != nil {
				broken()
				return
			}
			continue
		}
		if t, err := decoder.Token(); err != nil || t != json.Delim('[') {
			broken()
			return
		}
		for decoder.More() {
			// The offset is that of the comma before it.
			rest := s.data[decoder.InputOffset():]
			n := line() + bytes.Count(rest[:len(rest)-len(bytes.TrimLeft(rest, ", \t\r\n"))], []byte("\n"))
			var entry ddnsUpdaterEntry
			if decoder.Decode(&entry) != nil {
				broken()
				return
			}
			s.ddnsUpdater(n, entry)
		}
		if _, err := decoder.Token(); err != nil {
			broken()
			return
		}
	}
}

func (s *source) ddnsUpdater(n int, e ddnsUpdaterEntry) {
	if !strings.EqualFold(e.Provider, "namecheap") {
		s.note(n, LeftOut, "for another provider, not for Namecheap")
		return
	}
	if strings.Contains(e.IPVersion, "6") && !strings.Contains(e.IPVersion, "4") {
		s.once(n, Replaced, aboutIPv6)
	}
	p := literal(e.Password)
	hosts := e.Host
	if hosts == "" {
		hosts = e.Owner
	}
	if hosts != "" {
		for host := range strings.SplitSeq(hosts, ",") {
			s.take(n, strings.TrimSpace(host), e.Domain, p)
		}
		return
	}
	// All names of an entry have one registered domain.
	registered := ""
	for name := range strings.SplitSeq(e.Domain, ",") {
		name = strings.TrimSpace(name)
		whole, err := config.SplitName(name)
		if err == nil && registered != "" && whole.Domain != registered {
			s.note(n, NeedsYou, "the names in this entry have different domains, and each domain has its own password")
			return
		}
		registered = whole.Domain
		s.take(n, name, "", p)
	}
}
