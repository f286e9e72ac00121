import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { closeLater } from '../../native/close-later.js';
import { check, close, getsockopt, pidfd_getfd, pidfd_open } from '../../native/libc.js';

/**
 * The frames that the kernel had no room for in the sockets of a capture process. The process itself tells them only
 * when it ends; here its sockets are borrowed and asked at any time.
 */
export class KernelDrops {
  readonly #sockets: number[];
  #drops = 0;

  /**
   * Borrows the AF_PACKET sockets of process `pid`. Undefined where this machine does not allow it (Linux before 5.6,
   * a container without the right): then nothing is known before the process ends.
   */
  static of(pid: number): KernelDrops | undefined {
    let pidfd = -1;
    const sockets: number[] = [];
    try {
      pidfd = check(pidfd_open(pid), 'pidfd_open');
      for (const fd of packetSockets(pid)) sockets.push(check(pidfd_getfd(pidfd, fd), 'pidfd_getfd'));
      return sockets.length === 0 ? undefined : new KernelDrops(sockets);
    } catch {
      sockets.forEach(closeLater);
      return undefined;
    } finally {
      if (pidfd >= 0) close(pidfd);
    }
  }

  private constructor(sockets: number[]) {
    this.#sockets = sockets;
    // What was dropped before does not concern anybody.
    this.read();
    this.#drops = 0;
  }

  /** Frames dropped since the counter was made. */
  read(): number {
    for (const socket of this.#sockets) this.#drops += takeDrops(socket);
    return this.#drops;
  }

  close(): void {
    this.#sockets.splice(0).forEach(closeLater);
  }
}

/** Reading resets the kernel's counter, so each read is added to the sum. */
function takeDrops(socket: number): number {
  // struct tpacket_stats_v3 { unsigned packets, drops, freeze_q_cnt; }; older rings give the first two.
  const statistics = new Uint32Array(new ArrayBuffer(12));
  const length = new Uint8Array(new Uint32Array([12]).buffer);
  check(
    getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, new Uint8Array(statistics.buffer), length),
    'getsockopt PACKET_STATISTICS',
  );
  return statistics[1] ?? 0;
}

/** Descriptors of the process that are bound AF_PACKET sockets: those whose inode its namespace lists as such. */
function packetSockets(pid: number): number[] {
  const rows = readFileSync(`/proc/${pid}/net/packet`, 'latin1').trim().split('\n').slice(1);
  const inodes = new Set(rows.map((row) => row.trim().split(/\s+/)[8]));
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    })
    .map(Number);
}

const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
