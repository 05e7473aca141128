package main

import (
	"bytes"
	"cmp"
	"context"
	"net"
	"strings"

	"ddns-batch/internal/sinkhole"
	"ddns-batch/internal/testnet"
)

// redirected dials as a list says: all connections go to the address that is its first word. The others are exceptions:
// HOST=ADDRESS, HOST=dns:ADDRESS for a host that has to be looked up at the name server there, HOST=panic, or
// HOST=panic-write, HOST=panic-header and HOST=panic-body for a connection that breaks down so late.
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
		if moment, ok := strings.CutPrefix(to, "panic-"); ok {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &breaking{Conn: conn, moment: moment}, err
		}
		names, lookUp := strings.CutPrefix(to, "dns:")
		if !lookUp {
			return new(net.Dialer).DialContext(ctx, network, to)
		}
		// Wherever the name leads, nobody listens at this port.
		return sinkhole.Dial(ctx, &net.Dialer{Resolver: testnet.Resolver(names)}, network, net.JoinHostPort(host, "1"))
	}
}

// breaking is a connection without TLS that breaks down when the request is written, when the header of the answer is
// read, or when its body is, which happens in another goroutine.
type breaking struct {
	net.Conn
	moment string
	read   []byte
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.moment == "write" {
		panic("cannot write")
	}
	return b.Conn.Write(p)
}

// Read gives one byte at a time, so that nobody has read a part of the body together with the header.
func (b *breaking) Read(p []byte) (int, error) {
	if b.moment == "body" && bytes.HasSuffix(b.read, []byte("\r\n\r\n")) {
		panic("cannot read the body")
	}
	n, err := b.Conn.Read(p[:1])
	b.read = append(b.read, p[:n]...)
	if b.moment == "header" && n > 0 {
		panic("cannot read the header")
	}
	return n, err
}
