package main

import (
	"encoding/json"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

func set(ep tcpip.Endpoint, options map[string]json.RawMessage) error {
	for name, raw := range options {
		if err := setOne(ep, name, raw); err != nil {
			return err
		}
	}
	return nil
}

func setOne(ep tcpip.Endpoint, name string, raw json.RawMessage) error {
	var number float64
	var flag bool
	numberErr := json.Unmarshal(raw, &number)
	flagErr := json.Unmarshal(raw, &flag)
	switch {
	case name == "noDelay" && flagErr == nil:
		ep.SocketOptions().SetDelayOption(!flag)
	case name == "keepAlive" && flagErr == nil:
		ep.SocketOptions().SetKeepAlive(flag)
	case name == "keepAlive":
		return setKeepAlive(ep, raw)
	case numberErr != nil:
		return unsupported(name)
	case name == "userTimeoutMs":
		option := tcpip.TCPUserTimeoutOption(number * float64(time.Millisecond))
		return failed(ep.SetSockOpt(&option))
	case name == "receiveBuffer":
		ep.SocketOptions().SetReceiveBufferSize(int64(number), true)
	case name == "sendBuffer":
		ep.SocketOptions().SetSendBufferSize(int64(number), true)
	case name == "mss":
		return failed(ep.SetSockOptInt(tcpip.MaxSegOption, int(number)))
	case name == "dscp":
		if err := failed(ep.SetSockOptInt(tcpip.IPv4TOSOption, int(number)<<2)); err != nil {
			return err
		}
		return failed(ep.SetSockOptInt(tcpip.IPv6TrafficClassOption, int(number)<<2))
	case name == "ttl":
		ep.SetSockOptInt(tcpip.IPv4TTLOption, int(number))
		return failed(ep.SetSockOptInt(tcpip.IPv6HopLimitOption, int(number)))
	default:
		return unsupported(name)
	}
	return nil
}

func setKeepAlive(ep tcpip.Endpoint, raw json.RawMessage) error {
	var wish struct {
		Enable     *bool    `json:"enable"`
		IdleMs     *float64 `json:"idleMs"`
		IntervalMs *float64 `json:"intervalMs"`
		Count      *int     `json:"count"`
	}
	if err := json.Unmarshal(raw, &wish); err != nil {
		return unsupported("keepAlive")
	}
	if wish.IdleMs != nil {
		option := tcpip.KeepaliveIdleOption(*wish.IdleMs * float64(time.Millisecond))
		if err := failed(ep.SetSockOpt(&option)); err != nil {
			return err
		}
	}
	if wish.IntervalMs != nil {
		option := tcpip.KeepaliveIntervalOption(*wish.IntervalMs * float64(time.Millisecond))
		if err := failed(ep.SetSockOpt(&option)); err != nil {
			return err
		}
	}
	if wish.Count != nil {
		if err := failed(ep.SetSockOptInt(tcpip.KeepaliveCountOption, *wish.Count)); err != nil {
			return err
		}
	}
	ep.SocketOptions().SetKeepAlive(wish.Enable == nil || *wish.Enable)
	return nil
}

func failed(err tcpip.Error) error {
	switch err.(type) {
	case nil:
		return nil
	case *tcpip.ErrConnectionRefused:
		return &failure{"ECONNREFUSED", err.String()}
	case *tcpip.ErrConnectionReset:
		return &failure{"ECONNRESET", err.String()}
	case *tcpip.ErrConnectionAborted:
		return &failure{"ECONNABORTED", err.String()}
	case *tcpip.ErrTimeout:
		return &failure{"ETIMEDOUT", err.String()}
	case *tcpip.ErrClosedForSend:
		return &failure{"EPIPE", err.String()}
	case *tcpip.ErrNotConnected:
		return &failure{"ENOTCONN", err.String()}
	case *tcpip.ErrHostUnreachable:
		return &failure{"EHOSTUNREACH", err.String()}
	case *tcpip.ErrNetworkUnreachable:
		return &failure{"ENETUNREACH", err.String()}
	case *tcpip.ErrPortInUse:
		return &failure{"EADDRINUSE", err.String()}
	case *tcpip.ErrBadAddress:
		return &failure{"EADDRNOTAVAIL", err.String()}
	}
	return &failure{"EIO", err.String()}
}

func stateName(state tcp.EndpointState) string {
	names := map[tcp.EndpointState]string{
		tcp.StateEstablished: "ESTABLISHED", tcp.StateSynSent: "SYN-SENT", tcp.StateSynRecv: "SYN-RECEIVED",
		tcp.StateFinWait1: "FIN-WAIT-1", tcp.StateFinWait2: "FIN-WAIT-2", tcp.StateTimeWait: "TIME-WAIT",
		tcp.StateCloseWait: "CLOSE-WAIT", tcp.StateLastAck: "LAST-ACK", tcp.StateListen: "LISTEN", tcp.StateClosing: "CLOSING",
	}
	if name, known := names[state]; known {
		return name
	}
	return "CLOSED"
}
