package exitstatus

import "testing"

func TestEverySignalIsAnInterruption(t *testing.T) {
	for _, s := range []Status{HungUp, Interrupted, Terminated} {
		if s.Words() != "interrupted" || s.Summary() != "The last run was interrupted" || !s.Interrupted() {
			t.Errorf("%d: %s, %s", s, s.Words(), s.Summary())
		}
	}
	if NotAsAsked.Interrupted() {
		t.Error("1 is no interruption")
	}
}

func TestAStatusThatIsNotListedIsSaidAsANumber(t *testing.T) {
	if s := Status(7); s.Words() != "status 7" || s.Full() != "status 7" || s.Summary() != "The last run ended with status 7" {
		t.Errorf("%s, %s", s.Words(), s.Summary())
	}
}
