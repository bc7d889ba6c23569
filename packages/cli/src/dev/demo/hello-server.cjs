// The demo application: one page that shows which copy answers each request. Runs inside the demo's containers.
'use strict';
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');

const page = readFileSync('/app/page.html');
const me = JSON.stringify({ pod: process.env.POD_NAME, node: process.env.NODE_NAME, address: process.env.POD_IP });

const server = createServer((request, response) => {
  // One request a connection, so that the service chooses a copy for each.
  response.setHeader('connection', 'close');
  if (request.url === '/whoami') {
    response.setHeader('content-type', 'application/json');
    response.end(me);
  } else if (request.url === '/healthz') {
    response.end('ok\n');
  } else if (request.url === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(page);
  } else {
    response.statusCode = 404;
    response.end('not found\n');
  }
});
server.listen(8080);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
});
