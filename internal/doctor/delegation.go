package doctor

import (
	"fmt"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/report"
)

// delegations says which name servers each domain has.
func delegations(a answers) report.Findings {
	const topic = "delegation"
	if a.named {
		return report.Findings{warning(topic, "not checked, because dns.nameservers replaces the domains' own name servers", "")}
	}
	var found report.Findings
	for _, z := range a.zones {
		domain := idn.Both(z.Domain)
		switch {
		case len(z.Servers) == 0 && z.Status == authdns.NoServers:
			found = append(found, problem(topic, domain+": "+z.Detail, "is the domain registered, not expired, and spelt right?"))
		case len(z.Servers) == 0:
			found = append(found, warning(topic, domain+": its name servers cannot be found: "+z.Detail, "check this machine's DNS settings, or set dns.resolver"))
		case !z.Under(namecheap.NameServers):
			found = append(found, problem(topic, fmt.Sprintf("%s: its name servers are %s, and none of them is Namecheap's, so dynamic DNS cannot work", domain, humanize.List(z.Servers)),
				"Domain List > Manage > Nameservers: choose Namecheap BasicDNS"))
		default:
			found = append(found, fine(topic, fmt.Sprintf("%s: %s", domain, humanize.List(z.Servers))))
		}
	}
	return found
}
