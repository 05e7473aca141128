package cli

import (
	"runtime/debug"
	"testing"
	"time"
)

// The compiler knows a commit only where it builds in a clone; a package says in other words what it was made of.
func TestVersionSaysWhatTheBinaryWasMadeFrom(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 5, 0, 0, time.UTC)
	compiled := &debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123"}, {Key: "vcs.time", Value: "2026-11-24T03:05:00Z"}}}
	for name, c := range map[string]struct {
		linked origin
		info   *debug.BuildInfo
		want   origin
	}{
		"built in a clone":          {origin{}, compiled, origin{"v0.9.0", "0123", at}},
		"built without a clone":     {origin{}, &debug.BuildInfo{}, origin{version: "unknown"}},
		"no build information":      {origin{}, nil, origin{version: "unknown"}},
		"in a package":              {origin{"v1.2.3", "4567", at.Add(time.Hour)}, &debug.BuildInfo{}, origin{"v1.2.3", "4567", at.Add(time.Hour)}},
		"the package's words count": {origin{"v1.2.3", "4567", at.Add(time.Hour)}, compiled, origin{"v1.2.3", "4567", at.Add(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := originOf(c.linked, c.info); got != c.want {
				t.Errorf("%+v, not %+v", got, c.want)
			}
		})
	}
}
