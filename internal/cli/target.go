package cli

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"ddns-batch/internal/config"
	"ddns-batch/internal/doctor"
	"ddns-batch/internal/match"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

// target is what a run deals with: a stand-in that is started here, or the provider itself.
func (a *app) target(inSandbox bool, standIn sandboxOptions, in installation) (doctor.Target, error) {
	if !inSandbox {
		return a.live(in.config), nil
	}
	options, err := standIn.setUp(in.config)
	if err != nil {
		return nil, err
	}
	options.Held = heldBy(in)
	server, err := sandbox.Start(options)
	if err != nil {
		return nil, usage("cannot start the sandbox: "+err.Error(), "")
	}
	return run.Sandbox{Server: server, UserAgent: userAgent()}, nil
}

// heldBy is what earlier runs in the sandbox let its records hold. What cannot be read is said by whoever needs it.
func heldBy(in installation) map[record.Name]netip.Addr {
	held := map[record.Name]netip.Addr{}
	if remembered, _, err := state.Read(in.state); err == nil {
		for _, r := range remembered.Records {
			held[r.Name()] = r.IP
		}
	}
	return held
}

// authorities are the certificate authorities that are trusted. Where the system's own are, the first call begins to read them.
func (a *app) authorities() *roots.Authorities {
	if a.trusted == nil {
		if a.RootCAs != nil {
			a.trusted = roots.Only(a.RootCAs)
		} else {
			a.trusted = roots.System()
		}
	}
	return a.trusted
}

func (a *app) live(c *config.Config) run.Live {
	return run.Live{Config: c, Dial: a.Dial, Authorities: a.authorities(), UserAgent: userAgent()}
}

// sandboxAddress is what the stand-in's sources say unless --sandbox-ip is given.
var sandboxAddress = netip.AddrFrom4([4]byte{203, 0, 113, 7})

// sandboxOptions are the flags that let an address change or an update fail in the sandbox, for the two commands that have them.
type sandboxOptions struct {
	address string
	faults  []string
}

func (o *sandboxOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.address, "sandbox-ip", "", "in the sandbox: the `ADDRESS` that its sources report")
	f.StringArrayVar(&o.faults, "sandbox-fault", nil, "in the sandbox: make a record fail, `NAME=FAULT`; FAULT is "+sandbox.FaultNames()+"; may be repeated")
}

// flags are those that lead a run to the same target: the stand-in with its address, if that was given, or the provider.
func (o sandboxOptions) flags(sandbox bool) []string {
	switch {
	case !sandbox:
		return nil
	case o.address == "":
		return []string{"--sandbox"}
	}
	return []string{"--sandbox", "--sandbox-ip", o.address}
}

// check refuses the flags where there is no sandbox.
func (o sandboxOptions) check(sandbox bool) error {
	switch {
	case !sandbox && o.address != "":
		return usage("--sandbox-ip goes with --sandbox", "add --sandbox, or use --ip")
	case !sandbox && len(o.faults) > 0:
		return usage("--sandbox-fault goes with --sandbox", "add --sandbox")
	}
	return nil
}

// setUp is a stand-in that knows the records of c.
func (o sandboxOptions) setUp(c *config.Config) (sandbox.Options, error) {
	out := sandbox.Options{Domains: sandboxDomains(c), Address: sandboxAddress}
	if o.address != "" {
		var err error
		if out.Address, err = netip.ParseAddr(o.address); err != nil || !out.Address.Is4() {
			return out, usage(fmt.Sprintf("--sandbox-ip %q is not an IPv4 address", o.address), "give four numbers, as in --sandbox-ip 203.0.113.91")
		}
	}
	var err error
	out.Faults, err = o.parseFaults(c)
	return out, err
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

// parseFaults reads --sandbox-fault.
func (o sandboxOptions) parseFaults(c *config.Config) (map[record.Name]sandbox.Fault, error) {
	faults := map[record.Name]sandbox.Fault{}
	for _, text := range o.faults {
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
			if r.Name.String() == match.ASCII(name) {
				faults[r.Name], found = fault, true
			}
		}
		if !found {
			return nil, usage(fmt.Sprintf("--sandbox-fault: there is no record %q", name), "give the full name of a record of the YAML file, as in www.example.com")
		}
	}
	return faults, nil
}
