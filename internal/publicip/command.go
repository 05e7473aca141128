package publicip

import (
	"context"
	"errors"
	"net/netip"

	"ddns-batch/internal/program"
)

// command is a source that runs a program. Its whole output is the address.
type command struct{ arguments []string }

func (c command) ask(ctx context.Context) (netip.Addr, Egress, error) {
	output, err := program.Output(ctx, maxBody, c.arguments)
	if err != nil {
		return netip.Addr{}, Egress{}, local{err}
	}
	address, err := parseBody(output, false)
	// A program may repeat its arguments, and they may hold a token.
	if bad, ok := errors.AsType[*notAnAnswer](err); ok && len(c.arguments) > 1 {
		bad.said = ""
	}
	if err != nil {
		return netip.Addr{}, Egress{}, local{err}
	}
	return address, Egress{}, nil
}
