package shell

import "testing"

func TestOnlyWhatNeedsItIsQuoted(t *testing.T) {
	for want, args := range map[string][]string{
		"ddns-batch --retry --only git.example.com":        {"ddns-batch", "--retry", "--only", "git.example.com"},
		`ddns-batch --only '\*.example.com'`:               {"ddns-batch", "--only", `\*.example.com`},
		"ddns-batch --config '/etc/my zones/hosts.yaml'":   {"ddns-batch", "--config", "/etc/my zones/hosts.yaml"},
		`x 'it'\''s' '' '$HOME' '#' '~' 'a=b' a-b_c/d.e:f`: {"x", "it's", "", "$HOME", "#", "~", "a=b", "a-b_c/d.e:f"},
	} {
		if got := Join(args...); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestSuggestPutsTheCommandLast(t *testing.T) {
	for want, c := range map[string]struct {
		text    string
		command []string
	}{
		"make room":                       {"make room", nil},
		"type: chmod 600 'my passwords'":  {"type:", []string{"chmod", "600", "my passwords"}},
		"add the record, then ddns-batch": {"add the record", []string{"ddns-batch"}},
		"ddns-batch --retry":              {"", []string{"ddns-batch", "--retry"}},
		"":                                {},
	} {
		if got := Suggest(c.text, c.command); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
