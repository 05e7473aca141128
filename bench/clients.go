package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// tryClients shows what ddclient and inadyn make of the stand-in, and what it makes of them. The error says where the
// one was not satisfied with the other.
func tryClients(site *site) error {
	there, missing := programs(site)
	for _, name := range missing {
		fmt.Printf("%s is not installed, and so left out\n", name)
	}
	// Enough to see how each kind of host is written, and no name twice: both programs would take it for one.
	zones := []zone{{domain: "example.com", hosts: []string{"@", "www", "a.b", "*"}}, {domain: "example.net", hosts: []string{"git"}}}
	var unhappy []error
	for _, p := range there {
		if p.confirmed == "" {
			continue
		}
		for _, scene := range []scene{
			{what: "everything is right", accepted: 5},
			{what: "the password of example.com is wrong", wrong: "example.com", accepted: 1},
			{what: "there is no record www.example.com", faults: []string{"www.example.com=norecord"}, accepted: 4},
		} {
			if err := scene.play(site, p, zones); err != nil {
				unhappy = append(unhappy, fmt.Errorf("%s, %s: %w", p.name, scene.what, err))
			}
		}
	}
	return errors.Join(unhappy...)
}

// scene is one situation that a client meets.
type scene struct {
	what     string
	wrong    string // the domain whose password is wrong
	faults   []string
	accepted int // so many updates the stand-in has to accept
}

// satisfied: nothing is wrong in this scene. In the others a client may be wrong: inadyn takes everything for success
// that has the word "true" in it, and so does every refusal of Namecheap's.
func (sc scene) satisfied() bool { return sc.wrong == "" && sc.faults == nil }

func (sc scene) play(site *site, p program, zones []zone) error {
	t, err := site.layZones(batch{}, zones, false, sc.faults...)
	if err != nil {
		return err
	}
	secrets := []string{t.dir, "DIR"}
	for domain, password := range t.stands[0].passwords {
		secrets = append(secrets, password, "PASSWORD")
		if domain == sc.wrong {
			t.stands[0].passwords[domain] = "0123456789abcdef0123456789abcdef"
		}
	}
	j, err := p.ready(p, t)
	if err != nil {
		return err
	}
	fmt.Printf("\n== %s %s: %s\n", p.name, p.version, sc.what)
	sent, err := show(j.send(), strings.NewReplacer(secrets...))
	if err != nil {
		return err
	}
	if sc.satisfied() {
		if _, err := show(j.idle(), strings.NewReplacer(secrets...)); err != nil {
			return err
		}
	}
	h, err := t.clear()
	if err != nil {
		return err
	}
	believed := strings.Count(sent, p.confirmed)
	fmt.Printf("-- the stand-in heard %d updates and accepted %d; %s says that %d were updated\n", h.updates, h.accepted, p.name, believed)
	for _, what := range h.odd {
		fmt.Printf("-- odd: %s\n", what)
	}
	switch {
	case h.accepted != sc.accepted:
		return fmt.Errorf("%d updates were accepted, not %d", h.accepted, sc.accepted)
	case sc.satisfied() && believed != sc.accepted:
		return fmt.Errorf("it takes %d updates for accepted, not %d", believed, sc.accepted)
	}
	return nil
}

// show runs c and prints what it says.
func show(c command, hide *strings.Replacer) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	p.Env = append(p.Environ(), c.env...)
	out, err := p.CombinedOutput()
	said := hide.Replace(string(out))
	fmt.Printf("$ %s\n%s", hide.Replace(strings.Join(append([]string{filepath.Base(c.args[0])}, c.args[1:]...), " ")), head(said))
	fmt.Printf("exit status %d\n", p.ProcessState.ExitCode())
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil // that is for the reader to judge
	}
	return said, err
}

// head is the beginning of what a program said: ddclient repeats whole replies.
func head(said string) string {
	const most = 26
	lines := strings.SplitAfter(said, "\n")
	if len(lines) <= most {
		return said
	}
	return strings.Join(lines[:most], "") + fmt.Sprintf("... and %d lines more\n", len(lines)-most)
}
