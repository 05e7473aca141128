package authdns

import "testing"

// Only a certain answer without an address of the name's own says that there is no record to update.
func TestNothingToUpdate(t *testing.T) {
	want := map[Status]bool{CNAME: true, NXDomain: true, NoAddress: true}
	for _, s := range []Status{
		Unknown, Address, Addresses, CNAME, NXDomain, NoAddress, Differ, Delegated, Lame, Refused, Servfail, Failed, Malformed,
		Unreachable, Timeout, NoServers, Unresolved,
	} {
		if got := s.NothingToUpdate(); got != want[s] || got && !s.Certain() {
			t.Errorf("%q: %t", s, got)
		}
	}
}
