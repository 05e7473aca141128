package publicip

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
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
	case "environment":
		environment := os.Environ()
		slices.Sort(environment)
		folder, _ := os.Getwd()
		fmt.Println(strings.Join(environment, ";"), folder)
	case "read":
		input, _ := io.ReadAll(os.Stdin)
		fmt.Print(string(input), "203.0.113.7")
	case "fail":
		fmt.Print("203.0.113.7")
		os.Exit(3)
	case "flood":
		for {
			if _, err := fmt.Println("203.0.113.7"); err != nil {
				select {} // it does not give up by itself
			}
		}
	case "hang", "leave": // and so does a child of it
		child := exec.Command(os.Args[0], playing, "hold", arguments[0])
		child.Stdout = os.Stdout
		connected, err := child.StderrPipe()
		if err == nil {
			err = child.Start()
		}
		if err == nil {
			_, err = connected.Read(make([]byte, 1))
		}
		if err != nil {
			panic(err)
		}
		if what == "leave" {
			fmt.Print("203.0.113.7")
			return
		}
		hold(arguments[0])
	case "hold":
		hold(arguments[0])
	}
}

// hold connects, so that whoever listens sees when the process ends, and stays.
func hold(address string) {
	conn, err := net.Dial("tcp4", address)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(os.Stderr, ".")
	_, _ = io.Copy(io.Discard, conn)
	select {}
}
