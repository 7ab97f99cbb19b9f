// A webhook receiver that verifies signatures with the Standard Webhooks project's own library, not with ours.
//
//   HOOK_SECRET=whsec_… node hook.js FOLDER
//
// Listens on a free loopback port and prints {"port":N}. Appends each request to FOLDER/received.jsonl before it
// answers. What it answers to a request whose signature holds stands in FOLDER/answer.json, read anew each time:
// {"status":204,"headers":{},"hang":false}; without the file it is 204. A wrong signature is always answered 401.
// Ends when its standard input does.
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');
const { Webhook } = require('standardwebhooks');

const folder = process.argv[2];
const webhook = new Webhook(process.env.HOOK_SECRET);

function answer() {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'answer.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return { status: 204 };
    throw error;
  }
}

function verify(body, headers) {
  try {
    webhook.verify(body, headers);
    return null;
  } catch (error) {
    return error.message;
  }
}

http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks).toString();
    const error = verify(body, request.headers);
    const told = error ? { status: 401 } : answer();
    const line = {
      at: Date.now(),
      id: request.headers['webhook-id'],
      timestamp: Number(request.headers['webhook-timestamp']),
      verified: !error,
      error,
      status: told.hang ? 0 : told.status,
      body,
    };
    fs.appendFileSync(path.join(folder, 'received.jsonl'), JSON.stringify(line) + '\n');
    if (told.hang) return;
    response.writeHead(told.status, told.headers || {});
    response.end();
  });
}).listen(0, '127.0.0.1', function () {
  console.log(JSON.stringify({ port: this.address().port }));
});

process.stdin.on('end', () => process.exit(0)).resume();
