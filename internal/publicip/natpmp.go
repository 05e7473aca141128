package publicip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// mappingWait is how long the first question by NAT-PMP waits for its answer; each later one waits twice as long as the
// one before (RFC 6886, section 3.1).
const mappingWait = 250 * time.Millisecond

// mappingAnswer is the length of an answer: version, operation, result, the seconds since the router began to keep
// mappings, address. Nothing is remembered that the seconds could be compared to.
const mappingAnswer = 12

// askNATPMP asks for the address on the router's line (RFC 6886, section 3.2). conn is connected to the router, so the
// system hands over nothing that comes from another address or port.
func askNATPMP(ctx context.Context, conn net.Conn, tries int) (netip.Addr, error) {
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	answer := make([]byte, mappingAnswer+1) // one byte more shows what is too long
	for try := range tries {
		if err := conn.SetReadDeadline(time.Now().Add(mappingWait << try)); err != nil {
			return netip.Addr{}, err
		}
		if ctx.Err() != nil {
			return netip.Addr{}, ctx.Err()
		}
		if _, err := conn.Write([]byte{0, 0}); err != nil {
			return netip.Addr{}, err
		}
		n, err := conn.Read(answer)
		if err == nil {
			return mappingAddress(answer[:n])
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return netip.Addr{}, err
		}
	}
	return netip.Addr{}, errors.New("no answer")
}

// mappingAddress takes the address out of an answer.
func mappingAddress(answer []byte) (netip.Addr, error) {
	switch {
	case len(answer) < 4 || answer[1]&0x80 == 0:
		return netip.Addr{}, errors.New("its answer cannot be understood")
	case answer[0] != 0:
		return netip.Addr{}, fmt.Errorf("it speaks version %d of the protocol (PCP) only", answer[0])
	case answer[1] != 0x80:
		return netip.Addr{}, errors.New("it answers another question")
	}
	if result := binary.BigEndian.Uint16(answer[2:]); result != 0 {
		return netip.Addr{}, fmt.Errorf("it refuses: %s", mappingResult(result))
	}
	if len(answer) != mappingAnswer {
		return netip.Addr{}, errors.New("its answer cannot be understood")
	}
	return onTheLine(netip.AddrFrom4([4]byte(answer[8:])))
}

// mappingResult words the results of RFC 6886, section 3.5.
func mappingResult(code uint16) string {
	known := []string{"", "unsupported version", "not authorized", "network failure", "out of resources", "unsupported operation"}
	if int(code) < len(known) {
		return known[code]
	}
	return fmt.Sprintf("result %d", code)
}

// onTheLine refuses the address of a router that has none.
func onTheLine(address netip.Addr) (netip.Addr, error) {
	if address.IsUnspecified() {
		return netip.Addr{}, errors.New("the router has no address on its line")
	}
	return address, nil
}
