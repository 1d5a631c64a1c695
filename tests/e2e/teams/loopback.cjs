// The playground listens on every interface; loaded before it (node --require), this keeps it on this machine.
const net = require('net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...words) {
  const callback = typeof words.at(-1) === 'function' ? words.pop() : undefined;
  const [first] = words;
  if (/^\d+$/.test(String(first))) return listen.call(this, { port: Number(first), host: '127.0.0.1' }, callback);
  if (first && typeof first === 'object' && first.port !== undefined) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, callback);
  }
  return listen.call(this, ...words, callback);
};
