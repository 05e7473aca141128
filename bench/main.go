// Command bench measures ddns-batch beside Debian's ddclient and inadyn and beside curl, all against the stand-in on
// loopback, over TLS, and writes what it finds to RESULTS.md. It never opens a connection to anything but loopback,
// and leaves nothing running. It is for Unix.
//
//	cd bench && go run .           everything; half an hour
//	cd bench && go run . -quick    the small batches only
//
// Programs that are not installed are left out. On Debian: apt-get install ddclient libio-socket-ssl-perl inadyn curl
package main

import (
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
	flag.BoolVar(&s.quick, "quick", false, "only the small batches")
	output := flag.String("o", "RESULTS.md", "the `FILE` to write")
	flag.Parse()
	if err := run(s, *output); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are how much is measured.
type settings struct {
	runs  int
	quick bool
}

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
	return os.WriteFile(output, []byte(results.markdown()), 0o644)
}
