// Command bench measures ddns-batch beside Debian's ddclient and inadyn and beside curl, all against the stand-in on
// loopback, over TLS, and writes what it finds to RESULTS.md. It never opens a connection to anything but loopback,
// and leaves nothing running. It is for Unix.
//
//	cd bench && go run .           everything, into RESULTS.md; half an hour
//	cd bench && go run . -short    the goals only, with fewer rounds, on stdout; three minutes
//
// Programs that are not installed are left out. On Debian: apt-get install ddclient libio-socket-ssl-perl inadyn curl
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == measureWord {
		os.Exit(measureChild(os.Args[2:]))
	}
	var s settings
	flag.IntVar(&s.runs, "runs", 5, "how often each measurement is made")
	flag.BoolVar(&s.short, "short", false, "only what the goals are about, with at most 3 rounds")
	output := flag.String("o", "", "the `FILE` to write, - for stdout (default RESULTS.md, with -short stdout)")
	flag.Parse()
	if s.runs < 1 {
		fmt.Fprintln(os.Stderr, "bench: -runs needs at least 1")
		os.Exit(2)
	}
	if s.short {
		s.runs = min(s.runs, 3)
		*output = cmp.Or(*output, stdout)
	}
	*output = cmp.Or(*output, "RESULTS.md")
	if err := run(s, *output); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are how much is measured.
type settings struct {
	runs  int
	short bool
}

const stdout = "-"

func run(s settings, output string) error {
	site, err := newSite()
	if err != nil {
		return err
	}
	defer site.close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		site.close()
		os.Exit(1)
	}()
	results, err := measureAll(site, s)
	if err != nil {
		return err
	}
	if output == stdout {
		_, err = os.Stdout.WriteString(results.markdown())
		return err
	}
	return os.WriteFile(output, []byte(results.markdown()), 0o644)
}
