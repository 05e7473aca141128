package publicip

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"ddns-batch/internal/sanitize"
)

// SourceKind is how a source comes to know an address.
type SourceKind string

const (
	URLSource       SourceKind = "url"       // a server on the internet sees it
	InterfaceSource SourceKind = "interface" // a network interface of this machine has it
	CommandSource   SourceKind = "command"   // a program prints it
	StaticSource    SourceKind = "static"    // the user wrote it down
	RouterSource    SourceKind = "router"    // the router has it on its line
)

// Source is one entry of Query.Sources, understood.
type Source struct {
	Kind SourceKind
	// Key tells sources apart: of those with the same Key only the first is asked. For a URL it is the host name.
	Key string
	// Name is how the source is reported: a host name without path and query, a program without its arguments.
	Name string

	url       *url.URL
	link      string     // of an interface
	arguments []string   // of a command, its path first
	address   netip.Addr // the static one, or the router's; invalid: the default router
}

// Program is the path of the program that a command runs; empty for other kinds.
func (s Source) Program() string {
	if len(s.arguments) == 0 {
		return ""
	}
	return s.arguments[0]
}

// ParseSource understands one source, written as
//
//	https://HOST/PATH     or http; the whole body is the address, or its ip= line where PATH is /cdn-cgi/trace
//	interface:NAME        the IPv4 address of a network interface
//	command:/PATH ARG ... a program's whole output; blanks separate the arguments, and no shell reads them
//	static:ADDRESS        always the same one
//	router                the address that the default router has on its line, asked by NAT-PMP and UPnP
//	router:ADDRESS        the same of another router
//
// The error never quotes the text, which may hold a token.
func ParseSource(text string) (Source, error) {
	kind, rest, _ := strings.Cut(text, ":")
	switch SourceKind(kind) {
	case InterfaceSource:
		return parseInterface(rest)
	case CommandSource:
		return parseCommand(rest)
	case StaticSource:
		address, err := parseIPv4(rest)
		if err != nil {
			return Source{}, fmt.Errorf("static:ADDRESS: %w", err)
		}
		return Source{Kind: StaticSource, Key: "static:" + address.String(), Name: "static:" + address.String(), address: address}, nil
	case RouterSource:
		return parseRouter(text, rest)
	}
	u, err := parseURL(text)
	if err != nil {
		return Source{}, err
	}
	return Source{Kind: URLSource, Key: "url:" + hostName(u), Name: displayName(u), url: u}, nil
}

func parseInterface(name string) (Source, error) {
	if !isInterfaceName(name) {
		return Source{}, errors.New("interface:NAME: the name of a network interface is needed, such as interface:ppp0")
	}
	whole := "interface:" + name
	return Source{Kind: InterfaceSource, Key: whole, Name: sanitize.Line(whole, maxProblem), link: name}, nil
}

// isInterfaceName refuses what no system takes for one. Windows has names with blanks.
func isInterfaceName(name string) bool {
	return name != "" && strings.TrimSpace(name) == name && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == '/' })
}

// shellWords mean something to a shell alone.
var shellWords = []string{"|", "||", "&", "&&", ";", "<", ">", ">>", "2>&1"}

func parseCommand(line string) (Source, error) {
	arguments := strings.Fields(line)
	if len(arguments) == 0 || !filepath.IsAbs(arguments[0]) {
		return Source{}, errors.New("command:/PATH ARG ...: the program's whole path is needed: cron and systemd look for programs elsewhere")
	}
	for _, a := range arguments {
		if slices.Contains(shellWords, a) || strings.HasPrefix(a, `"`) || strings.HasPrefix(a, "'") || strings.HasPrefix(a, "`") {
			return Source{}, errors.New("command:/PATH ARG ...: no shell reads it: write quotes, pipes and the like into a script, and name that")
		}
		if strings.ContainsRune(a, 0) {
			return Source{}, errors.New("command:/PATH ARG ...: no argument can hold a zero byte")
		}
	}
	return Source{
		Kind: CommandSource, Key: "command:" + strings.Join(arguments, " "), Name: sanitize.Line("command:"+arguments[0], maxProblem), arguments: arguments,
	}, nil
}

func parseRouter(text, rest string) (Source, error) {
	if text == "router" {
		return Source{Kind: RouterSource, Key: "router", Name: "router"}, nil
	}
	address, err := parseIPv4(rest)
	if err != nil {
		return Source{}, fmt.Errorf("router:ADDRESS: %w; router alone is the default one", err)
	}
	whole := "router:" + address.String()
	return Source{Kind: RouterSource, Key: whole, Name: whole, address: address}, nil
}

func parseIPv4(text string) (netip.Addr, error) {
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is4() {
		return netip.Addr{}, errors.New("not an IPv4 address such as 192.0.2.1")
	}
	return address, nil
}
