package namecheap

import (
	"strings"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

// Hint says on one line what a user can do about a failure of that class: where to look in Namecheap's panel, or on
// this machine, and what to type next. Every class has one, also one that is not known here.
func Hint(class provider.Class, name record.Name) string {
	advanced := "Domain List > Manage " + name.Domain + " > Advanced DNS > Dynamic DNS"
	retry := "ddns-batch --retry --only " + pattern(name)
	switch class {
	case provider.Credentials:
		return "not the account password, and each domain has its own: " + advanced
	case provider.Password:
		return "set the variable, or write the file, that the YAML names for " + name.Domain + "; its value stands under " + advanced
	case provider.Domain:
		return "is " + name.Domain + " the registered domain, in this account, not expired, and on BasicDNS, PremiumDNS or FreeDNS? " +
			"Domain List > Manage; then " + retry
	case provider.Record:
		return `Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host ` + name.Host + ", then " + retry
	case provider.Address:
		return "Namecheap does not take this address: see which one the sources give (ddns-batch --dry-run), or give another with --ip"
	case provider.Refused:
		return "look at " + name.Domain + " under Domain List > Manage; when it is mended: " + retry
	case provider.Blocked:
		return "the endpoint wants to be left alone, or does not like this line's address: wait, and lower concurrency; --force sends all the same"
	case provider.Request:
		return "the endpoint does not understand the request: check endpoint in the YAML; the path of the real one is /update"
	case provider.Redirect:
		return "something answers in Namecheap's place: check endpoint in the YAML, HTTPS_PROXY, and whether this network wants a log-in"
	case provider.Mismatch:
		return "another program may be updating the same record, or a proxy changes requests; then " + retry
	case provider.Transient:
		return "nothing to do now, the next run tries again; if it lasts, check the network and HTTPS_PROXY"
	case provider.Certificate:
		return "check this machine's clock and its CA certificates; a log-in page or a proxy that opens TLS looks the same"
	default:
		return "it may have worked; the next run sends it again, or now: " + retry
	}
}

// pattern is name as an argument of --only, quoted for a shell where it needs to be.
func pattern(name record.Name) string {
	full := name.String()
	if !strings.Contains(full, "*") {
		return full
	}
	return "'" + strings.ReplaceAll(full, "*", `\*`) + "'"
}
