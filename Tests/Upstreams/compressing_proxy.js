// A proxy like those of development servers: responses pass through a middleware that compresses them.
//
// usage: compressing_proxy.js PORT NAME=PORT…   /NAME/… goes to that PORT

const compression = require("compression")();
const http = require("http");
const { pipeline } = require("stream");

const [port, ...names] = process.argv.slice(2);
const ports = Object.fromEntries(names.map((each) => each.split("=")));

function pass(request, response) {
  const [, name, path] = request.url.match(/^\/([^/]+)(.*)$/);
  const onward = http.request({ port: ports[name], path, method: request.method, headers: request.headers });
  onward.on("response", (upstream) => {
    response.writeHead(upstream.statusCode, upstream.headers);
    pipeline(upstream, response, () => {});
  });
  pipeline(request, onward, (error) => error && response.destroy());
}

http.createServer((request, response) => compression(request, response, () => pass(request, response)))
  .listen(Number(port), "127.0.0.1");
