package authdns

import (
	"context"
	"encoding/binary"
	"io"
	"net"

	"github.com/miekg/dns"
)

// memory is a network for tests inside a synctest bubble, where waiting takes no time: every connection leads to a
// server that hands each question to handle. A datagram is one write.
func memory(handle func(endpoint string, w dns.ResponseWriter, r *dns.Msg)) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, endpoint string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			buffer := make([]byte, 4096)
			for {
				n, err := receive(server, network, buffer)
				if err != nil {
					return
				}
				r := new(dns.Msg)
				if err := r.Unpack(buffer[:n]); err != nil {
					panic(err)
				}
				handle(endpoint, &writer{conn: server, network: network}, r)
			}
		}()
		return client, nil
	}
}

// receive reads one question.
func receive(conn net.Conn, network string, buffer []byte) (int, error) {
	if network == "udp" {
		return conn.Read(buffer)
	}
	var length uint16
	if err := binary.Read(conn, binary.BigEndian, &length); err != nil {
		return 0, err
	}
	return io.ReadFull(conn, buffer[:length])
}

// pipes is a memory in which servers answer at once; nil is no answer.
func pipes(answer func(endpoint string, r *dns.Msg) *dns.Msg) func(context.Context, string, string) (net.Conn, error) {
	return memory(func(endpoint string, w dns.ResponseWriter, r *dns.Msg) {
		if m := answer(endpoint, r); m != nil {
			send(w, m)
		}
	})
}

// answered is an answer with records and authority.
func answered(r *dns.Msg, lines ...string) *dns.Msg {
	m := blank(r)
	m.Answer = records(r, lines...)
	return m
}

// writer is how a server in memory answers.
type writer struct {
	dns.ResponseWriter // never there: nobody asks for the rest
	conn               net.Conn
	network            string
}

func (w *writer) RemoteAddr() net.Addr { return place(w.network) }

func (w *writer) Close() error { return w.conn.Close() }

func (w *writer) WriteMsg(m *dns.Msg) error {
	packed, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = w.Write(packed)
	return err
}

func (w *writer) Write(packet []byte) (int, error) {
	if w.network == "tcp" {
		packet = append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)
	}
	return w.conn.Write(packet)
}

// place is an address of which only the network is known.
type place string

func (p place) Network() string { return string(p) }
func (p place) String() string  { return "memory" }
