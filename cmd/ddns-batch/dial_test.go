package main

import (
	"cmp"
	"context"
	"net"
	"strings"
)

// redirected dials as a list says: all connections go to the address that is its first word. The others are exceptions:
// HOST=ADDRESS, HOST=dns:ADDRESS for a host that has to be looked up at the name server there, or HOST=panic.
func redirected(list string) func(ctx context.Context, network, address string) (net.Conn, error) {
	words := strings.Fields(list)
	exceptions := map[string]string{}
	for _, word := range words[1:] {
		host, to, _ := strings.Cut(word, "=")
		exceptions[host] = to
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		to := cmp.Or(exceptions[host], words[0])
		if to == "panic" {
			panic("cannot dial")
		}
		names, lookUp := strings.CutPrefix(to, "dns:")
		if !lookUp {
			return new(net.Dialer).DialContext(ctx, network, to)
		}
		resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, "udp4", names)
			if err == nil {
				// Without this Go's own goroutines wait for a silent name server to the end, whoever has given up.
				context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		}}
		return (&net.Dialer{Resolver: resolver}).DialContext(ctx, network, address)
	}
}
