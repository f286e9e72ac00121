#!/bin/sh
# What a person would write for one judged echo: namespaces, a capture, two programs, tshark, a comparison.
set -eu
dir=$(mktemp -d)
trap 'ip netns del hand-a 2>/dev/null || true; ip netns del hand-b 2>/dev/null || true; rm -rf "$dir"' EXIT
ip netns add hand-a
ip netns add hand-b
ip link add v0 netns hand-a type veth peer name v0 netns hand-b
for end in a b; do
  ip -n hand-$end link set lo up
  ip -n hand-$end link set v0 up
  ip netns exec hand-$end ethtool -K v0 tx off tso off gso off gro off >/dev/null 2>&1
done
ip -n hand-a addr add 10.0.0.1/24 dev v0
ip -n hand-b addr add 10.0.0.2/24 dev v0
ip netns exec hand-a tcpdump -U --immediate-mode -i v0 -w "$dir/c.pcap" tcp 2>"$dir/tcpdump.log" &
tcpdump=$!
until grep -q listening "$dir/tcpdump.log"; do sleep 0.02; done
printf 'Echo: Hello, Server!' | ip netns exec hand-b nc -l -N 10.0.0.2 8080 >/dev/null &
server=$!
until ip netns exec hand-b sh -c 'grep -q ":1F90 " /proc/net/tcp'; do sleep 0.02; done
printf 'Hello, Server!' | ip netns exec hand-a nc -N 10.0.0.2 8080 >/dev/null
wait $server
sleep 0.1
kill $tcpdump
wait $tcpdump 2>/dev/null || true
tshark -r "$dir/c.pcap" -T fields -e tcp.flags -e tcp.seq -e tcp.ack -e tcp.len >"$dir/packets"
head -1 "$dir/packets" | grep -q '^0x0002' && ! cut -f1 "$dir/packets" | grep -q '^0x0004'
