package main

import (
	"ddns-batch/internal/config"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
)

// place is where a run takes place: in the world, or in the sandbox.
type place interface {
	// endpoint is the name under which the state remembers what was confirmed.
	endpoint() string
	// query is how the address is found.
	query() publicip.Query
	// provider is what updates are sent to.
	provider() (provider.Provider, error)
	// password is that of a domain where the place knows it, otherwise zero.
	password(domain string) provider.Secret
	close()
}

// choosePlace starts the sandbox if it is asked for.
func (a *app) choosePlace(c *config.Config) (place, error) {
	if !a.sandbox {
		return outside{a.world, c}, nil
	}
	return a.startRehearsal(c)
}

// outside is the world, through the addresses in the configuration.
type outside struct {
	world  world
	config *config.Config
}

func (o outside) endpoint() string { return o.config.Endpoint }

func (o outside) query() publicip.Query {
	return publicip.Query{
		Sources: o.config.IP.Sources, Agree: o.config.IP.Agree, Allow: o.config.IP.Allow,
		Bind: o.config.IP.Bind, Dial: o.world.dial, RootCAs: o.world.rootCAs, UserAgent: userAgent(),
	}
}

func (o outside) provider() (provider.Provider, error) { return o.client() }

func (o outside) client() (*namecheap.Client, error) {
	return namecheap.New(namecheap.Options{
		Endpoint: o.config.Endpoint, Dial: o.world.dial, RootCAs: o.world.rootCAs, UserAgent: userAgent(),
	})
}

func (o outside) password(string) provider.Secret { return provider.Secret{} }

func (o outside) close() {}
