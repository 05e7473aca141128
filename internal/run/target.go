package run

import (
	"context"
	"net"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/config"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/roots"
)

// Target is what a run deals with: the provider, its name servers and the sources of the configuration, or a stand-in
// for all of them.
type Target interface {
	// Endpoint is the name under which the state remembers what was confirmed.
	Endpoint() string
	// Query is how the address is found.
	Query() publicip.Query
	// DNS is how the name servers of names are asked what they publish.
	DNS(names []record.Name) authdns.Query
	// Provider is what updates are sent to.
	Provider() (provider.Provider, error)
	// Sandbox: it is a stand-in.
	Sandbox() bool
	Close()
}

// Live is the provider, the name servers and the sources of the configuration.
type Live struct {
	Config *config.Config
	// Dial replaces the system's network where it is set. Authorities are the certificate authorities that are trusted.
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	Authorities *roots.Authorities
	UserAgent   string
}

func (t Live) Endpoint() string { return t.Config.Endpoint }

func (t Live) Query() publicip.Query {
	return publicip.Query{
		Sources: t.Config.IP.Sources, Agree: t.Config.IP.Agree, Allow: t.Config.IP.Allow,
		Bind: t.Config.IP.Bind, Dial: t.Dial, Authorities: t.Authorities, UserAgent: t.UserAgent,
	}
}

func (t Live) DNS(names []record.Name) authdns.Query {
	return authdns.Query{Names: names, Resolver: t.Config.DNS.Resolver, Nameservers: t.Config.DNS.Nameservers}
}

func (t Live) Provider() (provider.Provider, error) { return t.Client() }

// Client is the provider as package namecheap has it.
func (t Live) Client() (*namecheap.Client, error) {
	return namecheap.New(namecheap.Options{
		Endpoint: t.Config.Endpoint, Dial: t.Dial, Authorities: t.Authorities, UserAgent: t.UserAgent,
	})
}

func (t Live) Sandbox() bool { return false }

func (t Live) Close() {}

// SandboxEndpoint is the name under which a state remembers what a stand-in confirmed, whatever its port.
const SandboxEndpoint = "sandbox"

// Sandbox is a stand-in on this machine.
type Sandbox struct {
	Server    *sandbox.Server
	UserAgent string
}

func (t Sandbox) Endpoint() string { return SandboxEndpoint }

func (t Sandbox) Query() publicip.Query {
	return publicip.Query{Sources: t.Server.Sources(), Agree: 2, Documentation: true, Dial: t.Server.Dial, UserAgent: t.UserAgent}
}

func (t Sandbox) DNS(names []record.Name) authdns.Query {
	return authdns.Query{Names: names, Dial: t.Server.DialDNS}
}

func (t Sandbox) Provider() (provider.Provider, error) { return t.Client() }

// Client is the provider as package namecheap has it.
func (t Sandbox) Client() (*namecheap.Client, error) {
	return namecheap.New(namecheap.Options{Endpoint: t.Server.Endpoint(), UserAgent: t.UserAgent})
}

func (t Sandbox) Sandbox() bool { return true }

func (t Sandbox) Close() { t.Server.Close() }
