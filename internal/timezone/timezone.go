// Package timezone finds the time zone of this system, also where Go alone would take UTC for it.
package timezone

import (
	"encoding/binary"
	"os"
	"strings"
	"time"
)

// file is where OpenWrt and other small systems have what TZ would say.
const file = "/etc/TZ"

// System is the zone in which this system shows times. Beyond what Go understands of TZ, which is the name of a zone in
// the system's database, it may be a rule as POSIX has it, such as EST5EDT,M3.2.0,M11.1.0. A setting that is neither is
// returned as unknown, and the zone is UTC then.
func System() (zone *time.Location, unknown string) {
	setting, set := os.LookupEnv("TZ")
	if !set {
		text, _ := os.ReadFile(file)
		setting = strings.TrimSpace(string(text))
	}
	// Go takes UTC for everything that it does not understand.
	if setting = strings.TrimPrefix(setting, ":"); time.Local.String() != "UTC" || setting == "" {
		return time.Local, ""
	}
	if zone, err := time.LoadLocation(setting); err == nil {
		return zone, ""
	}
	if zone := posix(setting); zone != nil {
		return zone, ""
	}
	return time.UTC, setting
}

// posix is the zone of a rule as POSIX has it; nil if it is none. Go understands such rules at the end of a file of the
// time zone database (RFC 8536), for the time after the last change in it. Here there are none before.
func posix(rule string) *time.Location {
	if strings.ContainsAny(rule, "\n\x00") {
		return nil
	}
	const unparsed = "rule not understood"
	header := func(types, characters uint32) []byte {
		h := append([]byte("TZif2"), make([]byte, 15)...)
		for _, count := range []uint32{0, 0, 0, 0, types, characters} {
			h = binary.BigEndian.AppendUint32(h, count)
		}
		return h
	}
	data := header(0, 0)
	data = append(data, header(1, uint32(len(unparsed)+1))...)
	data = append(data, 0, 0, 0, 0, 0, 0) // at UTC, not summer time, and called by the first of the names
	data = append(data, unparsed+"\x00"...)
	data = append(data, "\n"+rule+"\n"...)
	zone, err := time.LoadLocationFromTZData(rule, data)
	if err != nil {
		return nil
	}
	if name, _ := time.Unix(0, 0).In(zone).Zone(); name == unparsed {
		return nil
	}
	return zone
}
