package cli

import "testing"

func TestASandboxRunHasItsOwnFiles(t *testing.T) {
	for file, want := range map[string]string{
		"ddns.html":           "ddns.sandbox.html",
		"/srv/www.d/ddns.htm": "/srv/www.d/ddns.sandbox.htm",
		"page":                "page.sandbox",
	} {
		if got := sandboxFile(file); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
}
