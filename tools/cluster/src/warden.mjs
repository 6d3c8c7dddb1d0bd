// The warden outlives the process that started it. It learns which process groups that process has started, and when
// the pipe from it closes without a "done" it kills them all and removes the temporary directories.
// Plain JavaScript, so that it runs with no loader. One command a line:
//   watch GROUP | forget GROUP | remove PATH | keep PATH | done
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const giveUpAfterMillis = 20_000;
const groups = new Set();
const paths = new Set();
let done = false;

const commands = {
  watch: (group) => groups.add(Number(group)),
  forget: (group) => groups.delete(Number(group)),
  remove: (path) => paths.add(path),
  keep: (path) => paths.delete(path),
  done: () => {
    done = true;
  },
};

/** Kills a group; false once nothing of it is left. */
function kill(group) {
  try {
    process.kill(-group, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

async function cleanUp() {
  const deadline = Date.now() + giveUpAfterMillis;
  while ([...groups].filter(kill).length > 0 && Date.now() < deadline) await sleep(50);
  for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

// Its work begins when others are told to stop: only the end of the pipe ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const [, command, argument] = /^(\w+) ?(.*)$/.exec(line);
    commands[command](argument);
  }
});
process.stdin.on('error', () => process.stdin.destroy());
process.stdin.on('close', () => {
  if (!done) void cleanUp();
});

process.stdout.write('ready\n');
