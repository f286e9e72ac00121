import { close } from 'node:fs';

/**
 * Closes a descriptor on a thread of Node's pool: for an AF_PACKET socket the kernel takes about 11 ms, which the main
 * thread must not lose.
 */
export function closeLater(fd: number): void {
  close(fd, () => {
    // Nobody is left to tell, and the descriptor is gone even when close reports an error.
  });
}
