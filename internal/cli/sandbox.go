package cli

import (
	"crypto/tls"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/run"
)

// serveOptions are the flags of the sandbox command.
type serveOptions struct {
	standIn   sandboxOptions
	listen    string
	delay     time.Duration
	cert, key string
}

const sandboxHelp = `sandbox serves a stand-in for Namecheap's update endpoint, and for the sources of the external address, until it is
interrupted. It knows the records of the YAML file, and has one fixed password for each domain, which it prints. It
speaks the real protocol, so that other programs and scripts can be tried against it. It listens on this machine only.
When it is interrupted it says what it heard, and what was odd about it.

Exit status: 0 once it is interrupted, 2 for a usage or configuration error.`

func (a *app) sandboxCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:     "sandbox --listen ADDR",
		Short:   "Serve the stand-in until interrupted, for trying other programs or scripts against it",
		Long:    sandboxHelp,
		Example: "  ddns-batch sandbox --listen 127.0.0.1:8245 --config examples/hosts.yaml",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.serve(o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "the loopback `ADDR` to listen on; port 0 takes a free one")
	f.DurationVar(&o.delay, "delay", 0, "wait `TIME` before each answer")
	f.StringVar(&o.cert, "tls-cert", "", "serve https with the certificate in `FILE`")
	f.StringVar(&o.key, "tls-key", "", "the key of --tls-cert, in `FILE`")
	o.standIn.register(f)
	return cmd
}

// serve runs the stand-in.
func (a *app) serve(o serveOptions) error {
	_, c, err := a.loadConfig()
	if err != nil {
		return err
	}
	options, err := o.standIn.setUp(c)
	if err != nil {
		return err
	}
	options.Listen, options.ServiceTime, options.Lenient = o.listen, o.delay, true
	if o.cert != "" || o.key != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return usage("cannot serve https: "+err.Error(), "give --tls-cert and --tls-key, both in PEM form")
		}
		options.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	server, err := sandbox.Start(options)
	if err != nil {
		return usage("cannot serve: "+err.Error(), "give --listen a free port of this machine, as in 127.0.0.1:8245")
	}
	defer server.Close()
	a.stop.Start(run.NoLimit)
	a.stop.NothingToSave()
	if err := a.announce(server, options); err != nil {
		return err
	}
	<-a.stop.Signalled.Done()
	return a.conclude(server)
}

// announce prints what a program needs that is to be tried.
func (a *app) announce(server *sandbox.Server, o sandbox.Options) error {
	if _, err := fmt.Fprintf(a.Stdout, "endpoint  %s\naddress   %s says %s\n", server.Endpoint(), strings.TrimSuffix(server.Endpoint(), "update")+"getip", o.Address); err != nil {
		return err
	}
	for _, d := range o.Domains {
		if _, err := fmt.Fprintf(a.Stdout, "domain    %s  password %s  %s\n", idn.Both(d.Name), d.Password, humanize.Count(len(d.Hosts), "record")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(a.Stdout, "serving until interrupted")
	return err
}

// conclude prints what a program that was tried did, and what the real endpoint might not put up with.
func (a *app) conclude(server *sandbox.Server) error {
	heard, accepted := server.Heard(), 0
	for _, q := range heard {
		if q.Accepted {
			accepted++
		}
	}
	_, err := fmt.Fprintf(a.Stdout, "heard     %s, %d accepted; %s about the address; %s, %s\n", humanize.Count(len(heard), "update"), accepted,
		humanize.Count(len(server.Asked()), "question"), humanize.Count(server.Connections(), "connection"), humanize.Count(server.Handshakes(), "TLS handshake"))
	odd := map[string]int{}
	for _, what := range server.Violations() {
		odd[what]++
	}
	for _, what := range slices.Sorted(maps.Keys(odd)) {
		if err == nil {
			_, err = fmt.Fprintf(a.Stdout, "odd       %s, %s\n", what, humanize.Count(odd[what], "time"))
		}
	}
	return err
}
