package notices

import (
	"testing"
	"time"

	"ddns-batch/internal/plan"
)

// What nobody sees is said once, then once a day, and so is its end, whatever is sent meanwhile.
func TestWhatNobodySeesIsSaidOnce(t *testing.T) {
	elsewhere := &plan.Observation{Certain: true, Published: newIP, Words: newIP.String(), Elsewhere: "ns1.example.org"}
	alias := &plan.Observation{Certain: true, Words: "CNAME www.example.org"}
	good := &plan.Observation{Certain: true, Published: oldIP, Words: oldIP.String()}
	for name, c := range map[string]struct {
		observed          *plan.Observation
		said, again, over string
		hint              string
	}{
		"a domain": {
			elsewhere, "2 records of example.com not published: example.com is served by other name servers (ns1.example.org); next try 04:05",
			"2 records of example.com not published since 2026-11-23 03:05: example.com is served by other name servers (ns1.example.org); next try 10:05",
			"example.com: published again", "hint: do domain for example.com",
		},
		"records": {
			alias, "example.com failed: the name servers publish CNAME www.example.org instead of one address; next try 04:05",
			"example.com failing since 2026-11-23 03:05: the name servers publish CNAME www.example.org instead of one address; next try 10:05",
			"example.com: working again", "hint: do record for example.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			names := []string{"@ example.com", "git example.com"}
			if c.observed == alias {
				names = names[:1]
			}
			cron := settled(t, names...)
			cron.observed = c.observed
			cron.says(cron.run(), c.said, c.hint)
			cron.silent(day - 5*time.Minute)
			cron.says(cron.run(), c.again, c.hint)
			cron.silent(time.Hour)
			cron.observed = good
			cron.says(cron.run(), c.over)
			cron.silent(day)
		})
	}
}
