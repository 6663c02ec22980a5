// A token endpoint in Node, written for speed and without packages: two workers, each with one pipelined connection to
// Redis, and the same script. script/bench compares the throughput of the token function with it.
//
// usage: PORT=… REDIS_PORT=… COMMAND='["EVALSHA", …]' node peer.js   (TOKEN in COMMAND stands for the token's digest)
"use strict";
const cluster = require("node:cluster");
const crypto = require("node:crypto");
const http = require("node:http");
const net = require("node:net");

const { PORT, REDIS_PORT, COMMAND } = process.env;

/** Sends commands of one turn in one write, and matches replies, which are arrays of integers, in order. */
class Redis {
  constructor(port) {
    this.waiting = [];
    this.output = "";
    this.input = "";
    this.socket = net.connect(port, "127.0.0.1").setNoDelay(true).setEncoding("latin1");
    this.socket.on("data", (text) => this.read(text));
    this.socket.on("error", (error) => { console.error(error.message); process.exit(1); });
  }

  send(parts) {
    if (!this.output) setImmediate(() => { this.socket.write(this.output, "latin1"); this.output = ""; });
    this.output += `*${parts.length}\r\n` + parts.map((part) => `$${part.length}\r\n${part}\r\n`).join("");
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  read(text) {
    const lines = (this.input + text).split("\r\n");
    this.input = lines.pop();
    for (let next = 0; next < lines.length;) {
      if (lines[next][0] !== "*") throw new Error(lines[next]);
      const end = next + 1 + Number(lines[next].slice(1));
      if (end > lines.length) { this.input = lines.slice(next).join("\r\n") + "\r\n" + this.input; break; }
      this.waiting.shift()(lines.slice(next + 1, end).map((line) => Number(line.slice(1))));
      next = end;
    }
  }
}

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  const redis = new Redis(Number(REDIS_PORT));
  const command = JSON.parse(COMMAND);
  http.createServer(async (request, response) => {
    const [path, query] = request.url.split("?");
    const ttl = Number(new URLSearchParams(query).get("ttl") ?? 60);
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "");
    if (path !== "/api/v1/token" || !bearer || !(ttl >= 1 && ttl <= 300)) {
      response.writeHead(400).end();
      return;
    }
    const secret = crypto.randomBytes(22).toString("hex");
    const digest = crypto.createHash("sha256").update(secret).digest("base64url").slice(0, 22);
    const [, limit, remaining] = await redis.send(command.map((part) => part.replace("TOKEN", digest)));
    const body = JSON.stringify({ success: true, token: `pub_tok_${secret}`, ttl });
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": body.length,
      "x-ratelimit-limit": limit,
      "x-ratelimit-remaining": remaining,
    }).end(body);
  }).listen(Number(PORT), "127.0.0.1");
}
