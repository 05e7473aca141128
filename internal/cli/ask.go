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
	a.say("This makes %s and %s. Nothing is written before the last answer; Ctrl-C ends it.\n\n", filepath.Join(dir, usualName), usualEnv)
	more := len(o.zones) == 0
	for _, z := range o.zones {
		if err := a.askZone(z); err != nil {
			return err
		}
	}
	for more {
		question := "Domain, as you registered it: "
		if len(o.zones) > 0 {
			question = "Another domain, or Enter if that is all: "
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
		if err := a.untilRight("Hosts of "+name+", with blanks between them; @ is the domain itself [@ www]: ", func(answer string) error {
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
	a.say("Its dynamic DNS password: Domain List > Manage > Advanced DNS > Dynamic DNS. It is not that of your account.\n")
	for z.secret.IsZero() {
		text, err := a.Stdin.secretLine(func() { a.say("Password of %s (nothing is shown): ", name) })
		a.say("\n")
		if err != nil {
			return errNoAnswer()
		}
		secret := provider.NewSecret(strings.TrimSpace(text))
		if problem := config.Writable(secret); problem != "" {
			a.say("It cannot be used: it %s.\n", problem)
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
			a.say("That is not right: %v\n", err)
			continue
		}
		return nil
	}
}

func errNoAnswer() error { return usage("there was no answer; nothing was written", "") }

// say writes to whoever answers.
func (a *app) say(format string, args ...any) { _, _ = fmt.Fprintf(a.Stderr, format, args...) }
