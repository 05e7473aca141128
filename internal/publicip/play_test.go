package publicip

import (
	"fmt"
	"os"
	"strings"
)

// playing is the first argument with which the test binary plays a program instead of testing.
const playing = "play-a-program"

// play is what the programs of these tests do.
func play(what string, arguments []string) {
	switch what {
	case "say":
		fmt.Print(strings.Join(arguments, " "))
	case "complain":
		fmt.Fprint(os.Stderr, "198.51.100.20\n")
		fmt.Print("203.0.113.7\n")
	case "fail":
		fmt.Print("203.0.113.7")
		os.Exit(3)
	}
}
