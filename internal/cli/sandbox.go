package cli

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/run"
	"ddns-batch/internal/shell"
)

// serveOptions are the flags of the sandbox command.
type serveOptions struct {
	standIn   sandboxOptions
	listen    string
	delay     time.Duration
	cert, key string
}

const sandboxHelp = `sandbox serves a stand-in for Namecheap's update endpoint and name servers, and for the sources of the external address,
until it is interrupted. It knows the records of the YAML file, and has one fixed password for each domain, which it
prints, and a configuration to paste, with which ddns-batch itself can be tried. It speaks the real protocols, so that other
programs and scripts can be tested against it. It listens on this machine only. When it is interrupted it prints how many
requests it received, and what was wrong with them.

Exit status: 0 once it is interrupted, 2 for a usage or configuration error.`

func (a *app) sandboxCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:     "sandbox --listen ADDR",
		Short:   "Serve the stand-in until interrupted, for testing other programs or scripts against it",
		Long:    sandboxHelp,
		Example: "  ddns-batch sandbox --listen 127.0.0.1:8245 --config examples/hosts.yaml",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.serve(o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "the loopback `ADDR` to listen on; port 0 picks a free port")
	f.DurationVar(&o.delay, "delay", 0, "wait `TIME` before each reply")
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
	pair, err := o.certificate()
	if err != nil {
		return err
	}
	if pair != nil {
		options.TLS = &tls.Config{Certificates: []tls.Certificate{*pair}}
	}
	server, err := sandbox.Start(options)
	if err != nil {
		return usage("cannot serve: "+err.Error(), "give --listen a free port on this machine, as in 127.0.0.1:8245")
	}
	defer server.Close()
	a.stop.Start(run.NoLimit)
	a.stop.NothingToSave()
	for _, line := range o.announcement(server, options, pair) {
		if err == nil {
			_, err = fmt.Fprintln(a.Stdout, line)
		}
	}
	if err != nil {
		return err
	}
	<-a.stop.Signalled.Done()
	return a.conclude(server)
}

// certificate is that of --tls-cert; nil where plain http is served.
func (o serveOptions) certificate() (*tls.Certificate, error) {
	if o.cert == "" && o.key == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, usage("cannot serve https: "+err.Error(), "give --tls-cert and --tls-key, both in PEM form")
	}
	return &pair, nil
}

// announcement is what a program needs that is to be tried, and a configuration with which this one can be.
func (o serveOptions) announcement(server *sandbox.Server, options sandbox.Options, pair *tls.Certificate) []string {
	endpoint := server.Endpoint()
	// A certificate may be for the name alone, and not for the address.
	if at := server.Addr(); pair != nil && pair.Leaf.VerifyHostname(at.Addr().String()) != nil && pair.Leaf.VerifyHostname("localhost") == nil {
		endpoint = strings.Replace(endpoint, at.String(), fmt.Sprint("localhost:", at.Port()), 1)
	}
	source := strings.TrimSuffix(endpoint, "update") + "getip"
	lines := []string{
		"endpoint  " + endpoint, "address   " + source + " says " + options.Address.String(),
		fmt.Sprintf("dns       %s answers for the name servers of the domains, over UDP", server.NameServer()),
	}
	for _, d := range options.Domains {
		lines = append(lines, fmt.Sprintf("domain    %s  password %s  %s", idn.Both(d.Name), d.Password, humanize.Count(len(d.Hosts), "record")))
	}
	lines = append(lines, "")
	lines = append(lines, pasteable(options, endpoint, source, server.NameServer())...)
	lines = append(lines, "", "# its passwords, and the run:")
	for i, d := range options.Domains {
		lines = append(lines, "export "+sandboxVariable(i)+"="+d.Password)
	}
	if file, err := filepath.Abs(o.cert); pair != nil && err == nil {
		lines = append(lines, "export SSL_CERT_FILE="+shell.Join(file))
	}
	return append(lines, "ddns-batch --config sandbox.yaml", "", "serving until interrupted")
}

// pasteable is a whole configuration for the stand-in. It has a state of its own: in that of real runs another endpoint
// takes the place of what the real one confirmed.
func pasteable(o sandbox.Options, endpoint, source string, nameServer netip.AddrPort) []string {
	lines := []string{"# sandbox.yaml: a configuration for this stand-in, with a state of its own", "records:"}
	for i, d := range o.Domains {
		hosts := make([]string, len(d.Hosts))
		for k, h := range d.Hosts {
			hosts[k] = strconv.Quote(idn.Readable(h))
		}
		lines = append(lines, fmt.Sprintf("  - {domain: %q, password_env: %s, hosts: [%s]}", idn.Readable(d.Name), sandboxVariable(i), strings.Join(hosts, ", ")))
	}
	// With another --sandbox-ip it is still right.
	allow := []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"}
	if !slices.ContainsFunc(allow, func(p string) bool { return netip.MustParsePrefix(p).Contains(o.Address) }) {
		allow = append(allow, o.Address.String()+"/32")
	}
	return append(lines, "endpoint: "+endpoint, "ip:", fmt.Sprintf("  sources: [%q]", source), "  agree: 1",
		"  allow: ["+strings.Join(allow, ", ")+"]",
		fmt.Sprintf("dns: {nameservers: [%q]}", nameServer), "state: sandbox-state.json")
}

// sandboxVariable is the variable for the password of the domain i.
func sandboxVariable(i int) string { return "SANDBOX_PASSWORD_" + strconv.Itoa(i+1) }

// conclude prints what a program that was tried did, and what the real endpoint might not put up with.
func (a *app) conclude(server *sandbox.Server) error {
	heard, accepted := server.Heard(), 0
	for _, q := range heard {
		if q.Accepted {
			accepted++
		}
	}
	_, err := fmt.Fprintf(a.Stdout, "received  %s, %d accepted; %s for the address; %s, %s\n", humanize.Count(len(heard), "update"), accepted,
		humanize.Count(len(server.Asked()), "request"), humanize.Count(server.Connections(), "connection"), humanize.Count(server.Handshakes(), "TLS handshake"))
	odd := map[string]int{}
	for _, what := range server.Violations() {
		odd[what]++
	}
	for _, what := range slices.Sorted(maps.Keys(odd)) {
		if err == nil {
			_, err = fmt.Fprintf(a.Stdout, "problem   %s, %s\n", what, humanize.Count(odd[what], "time"))
		}
	}
	return err
}
