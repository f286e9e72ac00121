// An upper tester for gVisor's netstack behind a TAP device:
//
//	upper-tester INTERFACE IPV4 IPV6
//
// It speaks the protocol of docs/upper-tester.md on its standard streams. Written for the netstack of December 2022, which
// Debian 12 has as golang-gvisor-gvisor-dev:
//
//	GOPATH=/usr/share/gocode GO111MODULE=off go build -o upper-tester
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/fdbased"
	"gvisor.dev/gvisor/pkg/tcpip/link/tun"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const nic = 1

type request struct {
	ID         int                        `json:"id"`
	Op         string                     `json:"op"`
	Port       uint16                     `json:"port"`
	Address    string                     `json:"address"`
	LocalPort  uint16                     `json:"localPort"`
	Backlog    int                        `json:"backlog"`
	Listener   int                        `json:"listener"`
	Connection int                        `json:"connection"`
	TimeoutMs  *float64                   `json:"timeoutMs"`
	Data       *string                    `json:"data"`
	Hex        *string                    `json:"hex"`
	Repeat     int                        `json:"repeat"`
	Urgent     bool                       `json:"urgent"`
	Bytes      int                        `json:"bytes"`
	Options    map[string]json.RawMessage `json:"options"`
}

// failure is what a call of the stack answered, by its errno name.
type failure struct{ code, message string }

func (f *failure) Error() string { return f.message }

func unsupported(what string) error {
	return &failure{"unsupported", what + " is not to be had from netstack"}
}

type endpoint struct {
	ep tcpip.Endpoint
	wq *waiter.Queue
}

var (
	netstack *stack.Stack
	mu       sync.Mutex
	open     = map[int]*endpoint{}
	next     = 1
	output   sync.Mutex
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: upper-tester INTERFACE IPV4 IPV6")
		os.Exit(2)
	}
	if err := start(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<16), 1<<26)
	for lines.Scan() {
		var req request
		if err := json.Unmarshal(lines.Bytes(), &req); err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		// Calls wait, so each has a goroutine of its own.
		go func() {
			answer, err := serve(&req)
			respond(req.ID, answer, err)
		}()
	}
}

func respond(id int, answer map[string]any, err error) {
	if answer == nil {
		answer = map[string]any{}
	}
	answer["id"] = id
	answer["ok"] = err == nil
	if err != nil {
		answer["error"], answer["message"] = "EIO", err.Error()
		if f, ok := err.(*failure); ok {
			answer["error"] = f.code
		}
	}
	text, _ := json.Marshal(answer)
	output.Lock()
	defer output.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

// start puts the stack behind the TAP device; every address of its networks is on the link.
func start(device, four, six string) error {
	fd, err := tun.OpenTAP(device)
	if err != nil {
		return err
	}
	link, err := net.InterfaceByName(device)
	if err != nil {
		return err
	}
	// The address of the device itself belongs to the kernel.
	mac := tcpip.LinkAddress(append([]byte{2, 0x67}, net.ParseIP(four).To4()...))
	ep, err := fdbased.New(&fdbased.Options{FDs: []int{fd}, MTU: uint32(link.MTU), EthernetHeader: true, Address: mac})
	if err != nil {
		return err
	}
	netstack = stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{arp.NewProtocol, ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
	})
	if err := netstack.CreateNIC(nic, ep); err != nil {
		return fmt.Errorf("CreateNIC: %s", err)
	}
	for _, one := range []struct {
		proto  tcpip.NetworkProtocolNumber
		addr   tcpip.Address
		prefix int
	}{{ipv4.ProtocolNumber, parse(four), 24}, {ipv6.ProtocolNumber, parse(six), 64}} {
		address := tcpip.ProtocolAddress{Protocol: one.proto, AddressWithPrefix: tcpip.AddressWithPrefix{Address: one.addr, PrefixLen: one.prefix}}
		if err := netstack.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
			return fmt.Errorf("AddProtocolAddress: %s", err)
		}
	}
	// What gVisor's own sandbox sets.
	sack, delay := tcpip.TCPSACKEnabled(true), tcpip.TCPDelayEnabled(true)
	for _, option := range []tcpip.SettableTransportProtocolOption{&sack, &delay} {
		if err := netstack.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return fmt.Errorf("SetTransportProtocolOption: %s", err)
		}
	}
	// Cases that look at the state by a second segment out of the window count on a second ACK.
	if err := netstack.SetOption(stack.TCPInvalidRateLimitOption(0)); err != nil {
		return fmt.Errorf("SetOption: %s", err)
	}
	netstack.SetRouteTable([]tcpip.Route{
		{Destination: header.IPv4EmptySubnet, NIC: nic},
		{Destination: header.IPv6EmptySubnet, NIC: nic},
	})
	return nil
}

func parse(text string) tcpip.Address {
	ip := net.ParseIP(text)
	if four := ip.To4(); four != nil {
		return tcpip.Address(four)
	}
	return tcpip.Address(ip)
}

func network(text string) tcpip.NetworkProtocolNumber {
	if strings.Contains(text, ":") {
		return ipv6.ProtocolNumber
	}
	return ipv4.ProtocolNumber
}

func keep(one *endpoint) int {
	mu.Lock()
	defer mu.Unlock()
	id := next
	next++
	open[id] = one
	return id
}

func find(id int) (*endpoint, error) {
	mu.Lock()
	defer mu.Unlock()
	if one := open[id]; one != nil {
		return one, nil
	}
	return nil, &failure{"EBADF", fmt.Sprintf("no connection or listener %d", id)}
}

func serve(req *request) (map[string]any, error) {
	switch req.Op {
	case "listen", "connect":
		return openEndpoint(req)
	case "accept":
		return accept(req)
	}
	id := req.Connection
	if id == 0 {
		id = req.Listener
	}
	one, err := find(id)
	if err != nil {
		return nil, err
	}
	switch req.Op {
	case "wait":
		return nil, wait(one, req.TimeoutMs)
	case "send":
		return send(one, req)
	case "receive":
		return receive(one, req)
	case "shutdown":
		return nil, failed(one.ep.Shutdown(tcpip.ShutdownWrite))
	case "close":
		one.ep.Close()
		return nil, nil
	case "abort":
		one.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
		one.ep.Close()
		return nil, nil
	case "set":
		return nil, set(one.ep, req.Options)
	case "status":
		return map[string]any{"state": stateName(tcp.EndpointState(one.ep.State()))}, nil
	}
	return nil, unsupported(req.Op)
}
