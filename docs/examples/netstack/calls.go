package main

import (
	"bytes"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// until calls attempt at every event of the queue until it is done or fails; false when the time was over first.
func until(one *endpoint, mask waiter.EventMask, timeoutMs *float64, attempt func() (bool, error)) (bool, error) {
	entry, notify := waiter.NewChannelEntry(mask | waiter.EventErr | waiter.EventHUp)
	one.wq.EventRegister(&entry)
	defer one.wq.EventUnregister(&entry)
	var over <-chan time.Time
	if timeoutMs != nil {
		over = time.After(time.Duration(*timeoutMs * float64(time.Millisecond)))
	}
	for {
		done, err := attempt()
		if done || err != nil {
			return true, err
		}
		select {
		case <-notify:
		case <-over:
			return false, nil
		}
	}
}

func openEndpoint(req *request) (map[string]any, error) {
	var wq waiter.Queue
	proto := network(req.Address)
	ep, terr := netstack.NewEndpoint(tcp.ProtocolNumber, proto, &wq)
	if terr != nil {
		return nil, failed(terr)
	}
	one := &endpoint{ep, &wq}
	if proto == ipv6.ProtocolNumber {
		ep.SocketOptions().SetV6Only(true)
	}
	ep.SocketOptions().SetReuseAddress(true)
	if err := set(ep, req.Options); err != nil {
		return nil, err
	}
	address := tcpip.FullAddress{NIC: 0, Addr: parse(req.Address), Port: req.Port}
	if req.Op == "listen" {
		if err := failed(ep.Bind(address)); err != nil {
			return nil, err
		}
		backlog := req.Backlog
		if backlog == 0 {
			backlog = 16
		}
		if err := failed(ep.Listen(backlog)); err != nil {
			return nil, err
		}
		return map[string]any{"listener": keep(one)}, nil
	}
	if req.LocalPort != 0 {
		if err := failed(ep.Bind(tcpip.FullAddress{Port: req.LocalPort})); err != nil {
			return nil, err
		}
	}
	terr = ep.Connect(address)
	if _, begun := terr.(*tcpip.ErrConnectStarted); !begun {
		if err := failed(terr); err != nil {
			return nil, err
		}
	}
	return map[string]any{"connection": keep(one)}, nil
}

func accept(req *request) (map[string]any, error) {
	listener, err := find(req.Listener)
	if err != nil {
		return nil, err
	}
	var peer tcpip.FullAddress
	var accepted *endpoint
	inTime, err := until(listener, waiter.EventIn, req.TimeoutMs, func() (bool, error) {
		ep, wq, terr := listener.ep.Accept(&peer)
		if _, block := terr.(*tcpip.ErrWouldBlock); block {
			return false, nil
		}
		if terr != nil {
			return false, failed(terr)
		}
		accepted = &endpoint{ep, wq}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if !inTime {
		return nil, &failure{"ETIMEDOUT", "no connection came"}
	}
	return map[string]any{"connection": keep(accepted), "peer": map[string]any{"address": peer.Addr.String(), "port": peer.Port}}, nil
}

func wait(one *endpoint, timeoutMs *float64) error {
	inTime, err := until(one, waiter.WritableEvents, timeoutMs, func() (bool, error) {
		switch state := tcp.EndpointState(one.ep.State()); state {
		case tcp.StateEstablished, tcp.StateCloseWait, tcp.StateFinWait1, tcp.StateFinWait2, tcp.StateClosing, tcp.StateLastAck, tcp.StateTimeWait:
			return true, nil
		case tcp.StateError, tcp.StateClose:
			if err := failed(one.ep.LastError()); err != nil {
				return false, err
			}
			return false, &failure{"ECONNABORTED", "the connection ended in " + state.String()}
		}
		return false, nil
	})
	if err == nil && !inTime {
		return &failure{"ETIMEDOUT", "not established in time"}
	}
	return err
}

func send(one *endpoint, req *request) (map[string]any, error) {
	if req.Urgent {
		return nil, unsupported("urgent data")
	}
	var data []byte
	if req.Hex != nil {
		data, _ = hex.DecodeString(*req.Hex)
	} else if req.Data != nil {
		data = []byte(*req.Data)
	}
	if req.Repeat > 1 {
		data = bytes.Repeat(data, req.Repeat)
	}
	total := len(data)
	reader := bytes.NewReader(data)
	_, err := until(one, waiter.WritableEvents, nil, func() (bool, error) {
		for reader.Len() > 0 {
			_, terr := one.ep.Write(reader, tcpip.WriteOptions{})
			if _, block := terr.(*tcpip.ErrWouldBlock); block {
				return false, nil
			}
			if terr != nil {
				return false, failed(terr)
			}
		}
		return true, nil
	})
	return map[string]any{"bytes": total}, err
}

func receive(one *endpoint, req *request) (map[string]any, error) {
	var got bytes.Buffer
	end := false
	wanted := req.Bytes
	if wanted == 0 {
		wanted = 1
	}
	_, err := until(one, waiter.ReadableEvents, req.TimeoutMs, func() (bool, error) {
		for got.Len() < wanted {
			limit := int64(1 << 20)
			if req.Bytes > 0 {
				limit = int64(req.Bytes - got.Len())
			}
			_, terr := one.ep.Read(&tcpip.LimitedWriter{W: &got, N: limit}, tcpip.ReadOptions{})
			switch terr.(type) {
			case nil:
			case *tcpip.ErrWouldBlock:
				return false, nil
			case *tcpip.ErrClosedForReceive:
				end = true
				return true, nil
			default:
				return false, failed(terr)
			}
		}
		return true, nil
	})
	answer := map[string]any{}
	if utf8.Valid(got.Bytes()) {
		answer["data"] = got.String()
	} else {
		answer["hex"] = hex.EncodeToString(got.Bytes())
	}
	if end {
		answer["end"] = true
	}
	return answer, err
}
