'use strict';

// Loaded before an emulator that cannot be told where to listen: whatever it opens, it opens on 127.0.0.1.
const { Server } = require('node:net');

const listen = Server.prototype.listen;

Server.prototype.listen = function onLoopback(...args) {
  const [first, second, ...rest] = args;
  if (typeof first === 'object' && first !== null && first.port !== undefined) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...args.slice(1));
  }
  if (typeof first === 'number') {
    return typeof second === 'string'
      ? listen.call(this, first, '127.0.0.1', ...rest)
      : listen.call(this, first, '127.0.0.1', ...args.slice(1));
  }
  return listen.apply(this, args);
};
