package namecheap

import (
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

// Name is how the provider is called where it is quoted.
const Name = "Namecheap"

// NameServers is under which names those stand that Namecheap's dynamic DNS works with: BasicDNS, PremiumDNS and FreeDNS.
const NameServers = "registrar-servers.com"

// Guide says on one line what a user can do about a failure of that class: where to look in Namecheap's panel, or on this
// machine; and whether the record is to be sent again then. A text that leads over to that ends in a colon. Every class
// has one, also one that is not known here.
func Guide(class provider.Class, name record.Name) (text string, retry bool) {
	domain := idn.Both(name.Domain)
	advanced := "Domain List > Manage " + domain + " > Advanced DNS > Dynamic DNS"
	switch class {
	case provider.Credentials:
		return "not the account password, and each domain has its own: " + advanced, false
	case provider.Password:
		return "set the variable, or write the file, that the YAML names for " + domain + "; its value is under " + advanced, false
	case provider.Domain:
		return "is " + domain + " the registered domain, in this account, not expired, and on BasicDNS, PremiumDNS or FreeDNS? " +
			"Domain List > Manage", true
	case provider.Record:
		return `Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host ` + idn.Both(name.Host), true
	case provider.Address:
		return "Namecheap does not accept this address: --dry-run shows which one the sources report, and --ip sets another", false
	case provider.Refused:
		return "look at " + domain + " under Domain List > Manage", true
	case provider.Blocked:
		return "the endpoint limits requests, or blocks this connection's address: wait, and lower concurrency; --force sends anyway", false
	case provider.Request:
		return "the endpoint does not understand the request: check endpoint in the YAML; the path of the real one is /update", false
	case provider.Redirect:
		return "something else answers in Namecheap's place: check endpoint in the YAML, HTTPS_PROXY, and whether this network requires a login", false
	case provider.Mismatch:
		return "another program may be updating the same record, or a proxy may be changing requests: stop it", true
	case provider.Transient:
		return "nothing to do now: it is retried automatically; if it keeps failing, check the network and HTTPS_PROXY", false
	case provider.Certificate:
		return "check this machine's clock and its CA certificates; a login page, or a proxy that intercepts TLS, can cause this too", false
	default:
		return "the update may have worked; the next run sends it again, or send it now:", true
	}
}
