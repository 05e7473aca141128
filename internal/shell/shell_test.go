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
