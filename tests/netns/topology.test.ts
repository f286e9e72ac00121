import { describe, expect, test } from '@jest/globals';
import { guardRules } from '../../netns/guard.js';
import { endSetup, middleSetup, planEnd, planMiddle, wiring } from '../../netns/topology.js';

const client = planEnd('lab', 'client', true, false);
const server = planEnd('lab', 'server', false, false);

describe('what ip is told', () => {
  test('two ends on one wire', () => {
    expect(wiring({ id: 'lab', mtu: 1500, client, server })).toMatchInlineSnapshot(`
      "netns add lab-client
      netns add lab-server
      link add name eth0 index 10 netns lab-client address 02:00:00:00:00:01 mtu 1500 type veth peer name eth0 index 11 netns lab-server address 02:00:00:00:00:02 mtu 1500
      "
    `);
  });

  test('with a middle, and a TAP that keeps its address from the wire', () => {
    const tap = planEnd('', 'client', false, true);
    const middle = planMiddle('', false);
    expect(wiring({ id: '', mtu: 9000, client: tap, server: planEnd('', 'server', true, false), middle }))
      .toMatchInlineSnapshot(`
      "netns add client
      netns add server
      netns add middle
      link add name eth0 index 10 netns client address 02:00:00:00:02:01 mtu 9000 type veth peer name client index 11 netns middle address 02:00:00:00:01:01 mtu 9000
      link add name eth0 index 10 netns server address 02:00:00:00:00:02 mtu 9000 type veth peer name server index 21 netns middle address 02:00:00:00:01:02 mtu 9000
      "
    `);
    expect(endSetup(tap, 9000, true)).toMatchInlineSnapshot(`
      "link set lo up
      link add name br0 address 02:00:00:00:04:01 mtu 9000 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
      tuntap add mode tap name tap0
      link set tap0 address 02:00:00:00:03:01 mtu 9000 master br0 up
      link set eth0 master br0
      link set tap0 type bridge_slave learning off
      link set eth0 type bridge_slave learning off
      link set br0 up
      link set eth0 up
      "
    `);
    expect(middleSetup(middle, 9000)).toMatchInlineSnapshot(`
      "link set lo up
      link set client up
      link set server up
      "
    `);
  });

  test('an end with the kernel, one without, and one without IPv6', () => {
    expect(endSetup(client, 1500, true)).toMatchInlineSnapshot(`
      "link set lo up
      address add 10.0.0.1/24 dev eth0
      address add fd00::1/64 dev eth0 nodad
      link set eth0 up
      "
    `);
    expect(endSetup(server, 1500, true)).toMatchInlineSnapshot(`
      "link set lo up
      link set eth0 up
      "
    `);
    expect(endSetup(client, 1200, false)).not.toContain('fd00');
  });

  test('a middle that bridges', () => {
    expect(middleSetup(planMiddle('lab', true), 1500)).toMatchInlineSnapshot(`
      "link set lo up
      link add name br0 address 02:00:00:00:04:03 mtu 1500 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
      link set client master br0
      link set server master br0
      link set client type bridge_slave learning off
      link set server type bridge_slave learning off
      link set br0 up
      link set client up
      link set server up
      "
    `);
  });
});

test('the guard looks at resets within the lab only', () => {
  expect(guardRules('drop')).toMatchInlineSnapshot(`
    "table inet tcpspec {
      counter kernel_resets { }
      chain output {
        type filter hook output priority filter; policy accept;
        ip saddr 10.0.0.0/24 ip daddr 10.0.0.0/24 tcp flags & rst == rst counter name kernel_resets drop
        ip6 saddr fd00::/64 ip6 daddr fd00::/64 tcp flags & rst == rst counter name kernel_resets drop
      }
    }
    "
  `);
});
