// A workflow with Node's http, behind a middleware that compresses responses.
//
// usage: node_workflow.js PORT

const compression = require("compression")();
const http = require("http");
const net = require("net");

function eventText(event) {
  let text = "";
  for (const name of ["event", "id", "retry"]) if (name in event) text += `${name}: ${event[name]}\n`;
  if ("data" in event) for (const line of event.data.split("\n")) text += `data: ${line}\n`;
  return text + "\n";
}

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces));
}

const types = { "/workflows/events": "text/event-stream", "/workflows/text": "text/plain" };

async function answer(request, response) {
  const type = types[request.url];
  if (request.method !== "POST" || !type) return response.writeHead(404).end();
  const variables = await body(request);
  const signs = net.connect(variables.signs, "127.0.0.1");
  response.writeHead(200, { "Content-Type": type });
  for (const piece of variables.pieces) {
    response.write(typeof piece === "string" ? piece : eventText(piece));
    if (typeof piece === "string" || "data" in piece) await new Promise((taken) => signs.once("data", taken));
  }
  signs.destroy();
  if (variables.breaks) response.destroy(); else response.end();
}

http.createServer((request, response) => compression(request, response, () => answer(request, response)))
  .listen(Number(process.argv[2]), "127.0.0.1");
