package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider"
)

// ask asks for what the flags do not say.
func (a *app) ask(o *initOptions, dir string) error {
	a.say("This creates %s and %s. Nothing is written until every question is answered; press Ctrl-C to cancel.\n\n", filepath.Join(dir, usualName), usualEnv)
	more := len(o.zones) == 0
	for _, z := range o.zones {
		if err := a.askZone(z); err != nil {
			return err
		}
	}
	for more {
		question := "Domain, as you registered it: "
		if len(o.zones) > 0 {
			question = "Another domain, or press Enter to go on: "
		}
		var z *zone
		err := a.untilRight(question, func(answer string) (err error) {
			if answer == "" && len(o.zones) > 0 {
				more = false
				return nil
			}
			z, err = newZone(answer, o.zones)
			return err
		})
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := a.lookUp(z); err != nil {
			return err
		}
		if err := a.askZone(z); err != nil {
			return err
		}
		o.zones = append(o.zones, z)
	}
	a.say("\n")
	return nil
}

// askZone asks for hosts and password of a domain, unless they are known.
func (a *app) askZone(z *zone) error {
	name := idn.Readable(z.domain)
	if len(z.hosts) == 0 {
		if err := a.untilRight("Hosts of "+name+", separated by spaces; @ is the domain itself [@ www]: ", func(answer string) error {
			if answer == "" {
				answer = "@ www"
			}
			z.hosts = nil
			return z.add(answer)
		}); err != nil {
			return err
		}
	}
	if !z.secret.IsZero() {
		a.say("The password of %s is taken from %s.\n", name, z.variable)
		return nil
	}
	a.say("Its dynamic DNS password is under Domain List > Manage > Advanced DNS > Dynamic DNS. It is not your account password.\n")
	for z.secret.IsZero() {
		text, err := a.Stdin.secretLine(func() { a.say("Password of %s (not shown while you type): ", name) })
		a.say("\n")
		if err != nil {
			return errNoAnswer()
		}
		secret := provider.NewSecret(strings.TrimSpace(text))
		if problem := config.Writable(secret); problem != "" {
			a.say("This password cannot be used: it %s.\n", problem)
			continue
		}
		z.secret = secret
	}
	return nil
}

// untilRight asks until take finds nothing wrong with the answer.
func (a *app) untilRight(question string, take func(answer string) error) error {
	for {
		a.say("%s", question)
		answer, err := a.Stdin.line()
		if err != nil {
			a.say("\n")
			return errNoAnswer()
		}
		if err := take(strings.TrimSpace(answer)); err != nil {
			a.say("That cannot be used: %v\n", err)
			continue
		}
		return nil
	}
}

func errNoAnswer() error {
	return usage("the input ended before every question was answered; nothing was written", "")
}

// say writes to the person who answers.
func (a *app) say(format string, args ...any) { _, _ = fmt.Fprintf(a.Stderr, format, args...) }
