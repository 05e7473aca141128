// Command bench measures ddns-batch beside Debian's ddclient and inadyn and beside curl, all against the stand-in on
// loopback, over TLS, and writes what it finds to RESULTS.md. It never opens a connection to anything but loopback,
// and leaves nothing running.
//
//	go run ./bench              everything; half an hour
//	go run ./bench -quick       the small batches only
//	go run ./bench -clients     no timing: are ddclient and inadyn satisfied with the stand-in?
//
// Programs that are not installed are left out. On Debian: apt-get install ddclient inadyn curl
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == measureWord {
		os.Exit(measureChild(os.Args[2:]))
	}
	if len(os.Args) == 5 && os.Args[1] == bareWord {
		if err := bareChild(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var s settings
	flag.IntVar(&s.runs, "runs", 5, "how often each measurement is made")
	flag.DurationVar(&s.patience, "patience", 40*time.Second, "a program that needs longer for its runs of one batch gets fewer, at least one")
	flag.BoolVar(&s.quick, "quick", false, "only the small batches")
	clients := flag.Bool("clients", false, "only show that ddclient and inadyn are satisfied with the stand-in")
	output := flag.String("o", filepath.Join("bench", "RESULTS.md"), "the `FILE` to write")
	flag.Parse()
	if err := run(s, *clients, *output); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are how much is measured.
type settings struct {
	runs     int
	patience time.Duration
	quick    bool
}

func run(s settings, clients bool, output string) error {
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
	if clients {
		return tryClients(site)
	}
	results, err := measureAll(site, s)
	if err != nil {
		return err
	}
	return os.WriteFile(output, []byte(results.markdown()), 0o644)
}
