import { run } from './run.js';

process.exitCode = await run(process.argv.slice(2), {
  terminal: { out: process.stdout, err: process.stderr },
  stdin: process.stdin,
  onInterrupt: (interrupt) => {
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    return () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    };
  },
});
