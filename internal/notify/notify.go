// Package notify sends lines to people by the services that shoutrrr knows: ntfy, Gotify, Telegram, Discord, mail and many
// more. A URL with its service in it is a secret, and so is whatever shoutrrr says of it: nothing that this package returns
// holds any of that. It is the only package that imports shoutrrr.
package notify

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/nicholas-fedor/shoutrrr/pkg/util/jsonclient"

	"ddns-batch/internal/provider"
)

// Recipient is one URL.
type Recipient struct {
	// Name is the service and the place of the URL among all, from 1: "notification 2 (ntfy)".
	Name string
	// Problem is what is wrong with the URL, as far as that can be seen without asking anybody; nil if nothing is.
	Problem error

	url provider.Secret
}

// Recipients are those of URLs with blanks or line ends between them.
func Recipients(urls provider.Secret) []Recipient {
	var all []Recipient
	for i, text := range strings.Fields(urls.Reveal()) {
		r := Recipient{url: provider.NewSecret(text)}
		service, problem := check(text)
		r.Name, r.Problem = fmt.Sprintf("notification %d", i+1), problem
		if service != "" {
			r.Name += " (" + service + ")"
		}
		all = append(all, r)
	}
	return all
}

var (
	errNotURL  = errors.New("it is not the URL of a notification service, such as ntfy://host/topic")
	errUnknown = errors.New("shoutrrr does not know this service; the part before :// names it, as in ntfy://host/topic")
	errNotOne  = errors.New("the service does not understand the URL")
)

// check returns the service that a URL names, if there is one, and what is wrong with the URL.
func check(text string) (service string, problem error) {
	scheme, _, ok := strings.Cut(text, "://")
	if !ok {
		return "", errNotURL
	}
	service, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	// What logger is told is seen by nobody.
	if service == "logger" || !slices.Contains((&router.ServiceRouter{}).ListServices(), service) {
		return "", errUnknown
	}
	if service == "matrix" {
		return service, nil // to look at its URL is to log in
	}
	if _, err := (&router.ServiceRouter{}).Locate(text); err != nil {
		return service, errNotOne
	}
	return service, nil
}

// Send sends text. It returns when that is done, when it has failed, or when ctx ends; what shoutrrr has begun then ends by
// itself, after some seconds.
func (r Recipient) Send(ctx context.Context, text string) error {
	if r.Problem != nil {
		return r.Problem
	}
	began := time.Now()
	sent := make(chan error, 1)
	go func() {
		service, err := (&router.ServiceRouter{}).Locate(r.url.Reveal())
		if err == nil {
			err = service.Send(text, &types.Params{})
		}
		sent <- err
	}()
	select {
	case err := <-sent:
		return fault(err, time.Since(began))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fault says what happened without a word of shoutrrr's, which quotes URLs and tokens: the network failed, the service rejected the
// text, or something else answers.
func fault(err error, took time.Duration) error {
	if err == nil {
		return nil
	}
	if words, ok := wordsOf(err); ok {
		return errors.New(words)
	}
	if words, ok := reachWords(err, took); ok {
		return errors.New(words)
	}
	if answer, ok := errors.AsType[jsonclient.Error](err); ok && answer.StatusCode != 0 {
		return errors.New(statusWords(answer.StatusCode))
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("the mail server rejected it with code %d", answer.Code)
	}
	return errors.New("the service rejected it; the reason is not shown, because it could contain the URL")
}
