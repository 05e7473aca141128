package lazyregexp

import (
	"reflect"
	"regexp"
	"sync"
	"testing"
)

// What it finds is what package regexp finds, whoever uses it first.
func TestItFindsWhatRegexpFinds(t *testing.T) {
	const text = `(a+)(b?)`
	want := regexp.MustCompile(text)
	for _, s := range []string{"", "xaab", "aa", "b"} {
		r := New(text)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { r.MatchString(s) })
		}
		all.Wait()
		got := []any{r.Match([]byte(s)), r.MatchString(s), r.FindString(s), r.FindStringIndex(s), r.FindStringSubmatch(s), r.ReplaceAllString(s, "$1-")}
		want := []any{want.Match([]byte(s)), want.MatchString(s), want.FindString(s), want.FindStringIndex(s), want.FindStringSubmatch(s), want.ReplaceAllString(s, "$1-")}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}
