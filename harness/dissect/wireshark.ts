/*
 * How tshark and sharkd are run so that they say the same on every machine: without the user's preferences, columns,
 * colours, host names and disabled protocols, and with what a judge of TCP needs.
 */

/** Preferences that differ from Wireshark's own. */
export const PREFERENCES: readonly (readonly [string, string])[] = [
  ['tcp.check_checksum', 'TRUE'],
  ['ip.check_checksum', 'TRUE'],
  // Reassembly above TCP moves payload and fields from the segment that carried them to a later one.
  ['tcp.desegment_tcp_streams', 'FALSE'],
  ['tcp.try_heuristic_first', 'FALSE'],
  ['nameres.mac_name', 'FALSE'],
  ['nameres.network_name', 'FALSE'],
  ['nameres.transport_name', 'FALSE'],
];

export function wiresharkEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C.UTF-8', WIRESHARK_CONFIG_DIR: NOWHERE };
}

/** Options of tshark that every dissection has. */
export function tsharkOptions(): string[] {
  return ['-n', ...PREFERENCES.flatMap(([name, value]) => ['-o', `${name}:${value}`])];
}

/** A directory that does not exist: Wireshark then has no settings of a user. */
const NOWHERE = '/nonexistent/tcpspec';

export const INSTALL_REMEDY = 'On Debian and Ubuntu: apt-get install tshark';

/** What may stand under `tcp.analysis.flags`, without the common `tcp.analysis.`, in the order of reporting. */
export const ANALYSIS_FLAGS: readonly string[] = [
  'retransmission',
  'fast_retransmission',
  'spurious_retransmission',
  'out_of_order',
  'lost_segment',
  'ack_lost_segment',
  'duplicate_ack',
  'window_update',
  'window_full',
  'zero_window',
  'zero_window_probe',
  'zero_window_probe_ack',
  'keep_alive',
  'keep_alive_ack',
  'reused_ports',
];
