// Package providertest is the contract of provider.Provider as tests that every implementation passes.
// It knows nothing of any protocol: the implementation brings updates that are known to end in a certain way.
package providertest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"ddns-batch/internal/provider"
)

// Case is an implementation in an environment that is known.
type Case struct {
	Provider provider.Provider
	// Confirmed is an update that succeeds as often as it is sent.
	Confirmed provider.Update
	// Refused are updates that the provider says no to, by the class it gives them. None of them changes a record.
	Refused map[provider.Class]provider.Update
	// Unproved are updates that end in some other way, and may or may not have changed a record.
	Unproved map[provider.Class]provider.Update
}

// Run tests the contract. All passwords in c should be long enough not to occur in an error by chance.
func Run(t *testing.T, c Case) {
	t.Run("confirmed means nil", func(t *testing.T) {
		if err := c.Provider.Update(t.Context(), c.Confirmed); err != nil {
			t.Error(err)
		}
	})
	for class, u := range c.Refused {
		t.Run("refused: "+string(class), func(t *testing.T) {
			if e := mustFail(t, t.Context(), c.Provider, u, class); !e.Unchanged || e.Unsent {
				t.Errorf("a refusal is sent and changes nothing: %#v", e)
			}
		})
	}
	for class, u := range c.Unproved {
		t.Run("not proved: "+string(class), func(t *testing.T) {
			if e := mustFail(t, t.Context(), c.Provider, u, class); e.Unchanged || e.Unsent {
				t.Errorf("nobody knows whether that changed anything: %#v", e)
			}
		})
	}
	t.Run("a context that is over sends nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if e := mustFail(t, ctx, c.Provider, c.Confirmed, provider.Transient); !e.Unsent || !e.Unchanged {
			t.Errorf("it claims to have sent something: %#v", e)
		}
	})
	t.Run("from many goroutines", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := c.Provider.Update(t.Context(), c.Confirmed); err != nil {
					t.Error(err)
				}
			})
			for class, u := range c.Refused {
				wg.Go(func() {
					var e *provider.Error
					if err := c.Provider.Update(t.Context(), u); !errors.As(err, &e) || e.Class != class {
						t.Errorf("%s: %v", class, err)
					}
				})
			}
		}
		wg.Wait()
	})
}

// mustFail sends u and checks what holds for every error.
func mustFail(t *testing.T, ctx context.Context, p provider.Provider, u provider.Update, class provider.Class) *provider.Error {
	t.Helper()
	err := p.Update(ctx, u)
	e, ok := err.(*provider.Error)
	if !ok || e == nil {
		t.Fatalf("not an *Error but %T: %v", err, err)
	}
	if e.Class != class {
		t.Errorf("class %s, want %s: %s", e.Class, class, e.Message)
	}
	if e.Unsent && !e.Unchanged {
		t.Error("unsent, but not unchanged")
	}
	notPrintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if e.Message == "" || utf8.RuneCountInString(e.Message) > 200 || strings.ContainsFunc(e.Message, notPrintable) {
		t.Errorf("not one printable line of at most 200 characters: %q", e.Message)
	}
	for err := error(e); err != nil; err = errors.Unwrap(err) {
		shown := fmt.Sprintf("%v %+v %#v %q", err, err, err, err)
		for _, form := range []string{u.Password.Reveal(), url.QueryEscape(u.Password.Reveal()), url.PathEscape(u.Password.Reveal())} {
			if strings.Contains(shown, form) {
				t.Errorf("the password is in %T", err)
			}
		}
	}
	return e
}
