package timezone

import (
	"testing"
	"time"
)

func TestPosixZones(t *testing.T) {
	winter, summer := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for rule, want := range map[string][2]string{
		"EST5EDT,M3.2.0,M11.1.0":         {"07:00 EST", "08:00 EDT"},
		"CET-1CEST,M3.5.0,M10.5.0/3":     {"13:00 CET", "14:00 CEST"},
		"AEST-10AEDT,M10.1.0,M4.1.0/3":   {"23:00 AEDT", "22:00 AEST"},
		"<+0545>-5:45":                   {"17:45 +0545", "17:45 +0545"},
		"UTC0":                           {"12:00 UTC", "12:00 UTC"},
		"EST5EDT":                        {"07:00 EST", "08:00 EDT"},
		"IST-1GMT0,M10.5.0,M3.5.0/1":     {"12:00 GMT", "13:00 IST"},
		"Europe/Berln":                   {},
		"EST":                            {},
		"EST5EDT,M3.2.0":                 {},
		"EST5EDT,M3.2.0,M11.1.0 ":        {},
		"EST5EDT,M3.2.0,M11.1.0\nCET-1":  {},
		"":                               {},
		"/usr/share/zoneinfo/no/there":   {},
		"EST5EDT,M3.2.0,M11.1.0,M12.1.0": {},
	} {
		zone := posix(rule)
		if zone == nil {
			if want[0] != "" {
				t.Errorf("%q is not understood", rule)
			}
			continue
		}
		if got := [2]string{winter.In(zone).Format("15:04 MST"), summer.In(zone).Format("15:04 MST")}; got != want {
			t.Errorf("%q: %v, want %v", rule, got, want)
		}
	}
}
