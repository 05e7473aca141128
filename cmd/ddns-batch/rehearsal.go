package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"ddns-batch/internal/config"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
)

// rehearsalAddress is what the stand-in's sources say unless --sandbox-ip is given.
var rehearsalAddress = netip.AddrFrom4([4]byte{203, 0, 113, 7})

// rehearsal is a run against the stand-in.
type rehearsal struct{ server *sandbox.Server }

func (r rehearsal) endpoint() string { return "sandbox" }

func (r rehearsal) query() publicip.Query {
	return publicip.Query{Sources: r.server.Sources(), Agree: 2, Documentation: true, Dial: r.server.Dial, UserAgent: userAgent()}
}

func (r rehearsal) provider() (provider.Provider, error) {
	return namecheap.New(namecheap.Options{Endpoint: r.server.Endpoint(), UserAgent: userAgent()})
}

func (r rehearsal) password(domain string) provider.Secret {
	return provider.NewSecret(sandbox.PasswordFor(domain))
}

func (r rehearsal) close() { r.server.Close() }

func (a *app) startRehearsal(c *config.Config) (place, error) {
	options, err := a.sandboxSetup(c)
	if err != nil {
		return nil, err
	}
	server, err := sandbox.Start(options)
	if err != nil {
		return nil, usage("cannot start the sandbox: "+err.Error(), "")
	}
	return rehearsal{server}, nil
}

// sandboxFlags are those that rehearse something, for the two commands that have them.
func (a *app) sandboxFlags(f *pflag.FlagSet) {
	f.StringVar(&a.sandboxIP, "sandbox-ip", "", "in the sandbox: the `ADDRESS` that its sources say")
	f.StringArrayVar(&a.sandboxFaults, "sandbox-fault", nil, "in the sandbox: let a record fail, `NAME=FAULT`; FAULT is "+sandbox.FaultNames()+"; may be repeated")
}

// sandboxSetup is a stand-in that knows the records of c.
func (a *app) sandboxSetup(c *config.Config) (sandbox.Options, error) {
	o := sandbox.Options{Domains: sandboxDomains(c), Address: rehearsalAddress}
	if a.sandboxIP != "" {
		var err error
		if o.Address, err = netip.ParseAddr(a.sandboxIP); err != nil || !o.Address.Is4() {
			return o, usage(fmt.Sprintf("--sandbox-ip %q is not an IPv4 address", a.sandboxIP), "give four numbers, as in --sandbox-ip 203.0.113.91")
		}
	}
	var err error
	o.Faults, err = a.faults(c)
	return o, err
}

// sandboxDomains are the domains of c with their one password and all their records.
func sandboxDomains(c *config.Config) []sandbox.Domain {
	var domains []sandbox.Domain
	at := map[string]int{}
	for _, r := range c.Records {
		i, ok := at[r.Name.Domain]
		if !ok {
			i = len(domains)
			at[r.Name.Domain] = i
			domains = append(domains, sandbox.Domain{Name: r.Name.Domain, Password: sandbox.PasswordFor(r.Name.Domain)})
		}
		domains[i].Hosts = append(domains[i].Hosts, r.Name.Host)
	}
	return domains
}

// faults reads --sandbox-fault.
func (a *app) faults(c *config.Config) (map[record.Name]sandbox.Fault, error) {
	faults := map[record.Name]sandbox.Fault{}
	for _, text := range a.sandboxFaults {
		name, kind, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usage(fmt.Sprintf("--sandbox-fault %q has no =", text), "write NAME=FAULT, as in git.example.com=norecord")
		}
		fault, err := sandbox.ParseFault(kind)
		if err != nil {
			return nil, usage("--sandbox-fault: "+err.Error(), "")
		}
		found := false
		for _, r := range c.Records {
			if r.Name.String() == strings.TrimSuffix(strings.ToLower(name), ".") {
				faults[r.Name], found = fault, true
			}
		}
		if !found {
			return nil, usage(fmt.Sprintf("--sandbox-fault: there is no record %q", name), "give the full name of a record of the YAML file, as in www.example.com")
		}
	}
	return faults, nil
}
