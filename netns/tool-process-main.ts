import { execute } from './run-tool.js';
import type { ToolRequest, ToolResponse } from './tool-process.js';

// Starts tools for the process at the other end of the channel, and ends with it.
process.on('message', (message) => {
  const { id, tool, args, options } = message as ToolRequest;
  void execute(tool, args, options).then((outcome) => {
    if (process.connected) process.send?.({ id, outcome } satisfies ToolResponse);
  });
});
process.on('disconnect', () => process.exit());
// Ctrl-C goes to the whole group; what is running is the other process's to end.
process.on('SIGINT', () => undefined);
