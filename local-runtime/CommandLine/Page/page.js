'use strict';

// Everything from a server is inserted as text, never as markup.

const find = (id) => document.getElementById(id);

function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
}

const chosen = (name) => document.querySelector(`input[name=${name}]:checked`).value;

function say(text) {
    find('notice').textContent = text;
    find('notice').hidden = !text;
}

// The token and its lifetime

const token = {
    text: '',
    // In milliseconds of performance.now(); undefined if the token was pasted.
    expiry: undefined,
    ttl: 0,
    isUsed: false,

    set(text, ttl) {
        this.text = text;
        this.ttl = ttl ?? 0;
        this.expiry = ttl === undefined ? undefined : performance.now() + ttl * 1000;
        this.isUsed = false;
        showLife();
        showOpenRequest();
    },

    use() {
        this.isUsed = true;
        showLife();
    },

    giveBack() {
        this.isUsed = false;
        showLife();
    },
};

function showLife() {
    const left = token.expiry === undefined ? 0 : Math.max(0, token.expiry - performance.now()) / 1000;
    const isOver = token.isUsed || left === 0;
    find('life').max = token.ttl || 1;
    find('life').value = left;
    find('life').classList.toggle('over', isOver);
    find('life-text').textContent = !token.text ? 'no token yet'
        : token.isUsed ? 'used'
        : token.expiry === undefined ? 'pasted'
        : left === 0 ? 'expired'
        : `${Math.ceil(left)} s left`;
    if (!running) {
        find('open-button').textContent = token.isUsed ? 'Use the token again' : 'Open the stream';
    }
}

setInterval(showLife, 200);

find('token').addEventListener('input', () => token.set(find('token').value.trim()));

// Step 1. The local runtime acts as the back end, because only it has the key.

function showMintRequest() {
    const body = policy();
    find('mint-wire').textContent = body
        ? `POST /api/v1/token\nAuthorization: Bearer sk_…\n\n${body}`
        : `GET /api/v1/token?ttl=${find('ttl').value}\nAuthorization: Bearer sk_…`;
}

// The policy as JSON; undefined if no field is filled in. What is not JSON is sent as it is: the function says what is wrong.
function policy() {
    const given = (name) => find(`policy-${name}`).value.trim();
    const words = (name) => given(name) && JSON.stringify(given(name).split(/[\s,]+/));
    const members = {
        workflows: words('workflows'),
        variables: given('variables'),
        allow: words('allow'),
        origins: words('origins'),
        user: given('user') && JSON.stringify(given('user')),
        max_seconds: given('max-seconds'),
        opens: given('opens') && JSON.stringify(given('opens')),
        resume_seconds: given('resume-seconds'),
    };
    const texts = Object.entries(members).filter(([, text]) => text).map(([name, text]) => `"${name}":${text}`);
    return texts.length ? `{${[`"ttl":${find('ttl').value || 60}`, ...texts].join(',')}}` : undefined;
}

const shortened = (text) => (text ? text.slice(0, 14) + '…' : '…');

async function mint() {
    say('');
    try {
        const body = policy();
        const query = body ? '' : `?ttl=${encodeURIComponent(find('ttl').value)}`;
        const response = await fetch(`/mint${query}`, { method: 'POST', body });
        const minted = await response.json();
        if (response.ok) {
            find('token').value = minted.token;
            token.set(minted.token, minted.ttl);
            showMintRequest();
            const shown = JSON.stringify({ ...minted, token: shortened(minted.token) });
            find('mint-wire').append(`\n\n${response.status}\n${shown}`);
        } else {
            say(`${response.status}: ${minted.error}`);
        }
    } catch (error) {
        say(`The token could not be minted: ${error.message}.`);
    }
    refresh();
}

for (const id of ['ttl', 'policy']) find(id).addEventListener('input', showMintRequest);
find('mint').addEventListener('submit', (event) => {
    event.preventDefault();
    mint();
});

// Step 2: the request

// The chosen workflow's id and its variables, or for another workflow its JSON as it was typed.
function workflow() {
    const interval = find('interval').valueAsNumber;
    switch (chosen('workflow')) {
    case 'echo': return { id: 'echo', variables: { text: find('text').value, interval_ms: interval } };
    case 'count': return { id: 'count', variables: { to: find('to').valueAsNumber, interval_ms: interval } };
    default: return { id: find('other').value, json: find('variables').value || '{}' };
    }
}

function streamURL(id, parameters) {
    return `/api/v1/run/${encodeURIComponent(id)}/stream?${new URLSearchParams(parameters)}`;
}

function showOpenRequest() {
    const kind = chosen('workflow');
    for (const field of document.querySelectorAll('[data-for]')) {
        const isShown = field.dataset.for.split(' ').includes(kind);
        field.hidden = !isShown;
        // A hidden field must not keep the form from being sent.
        field.querySelector('input').disabled = !isShown;
    }
    const isSource = chosen('way') === 'source';
    const shown = shortened(token.text);
    const { id, variables, json } = workflow();
    const given = json ?? JSON.stringify(variables);
    find('open-wire').textContent = isSource
        ? `GET /api/v1/run/${id}/stream?token=${shown}&…\nAccept: text/event-stream`
        : `POST /api/v1/run/${id}/stream?token=${shown}\n${given}`;
}

find('open').addEventListener('input', showOpenRequest);
find('open').addEventListener('submit', (event) => {
    event.preventDefault();
    if (running) {
        running.stop();
    } else {
        open();
    }
});

// Step 2: the stream

// The open stream and the function that stops it.
let running;

function open() {
    const { id, variables, json } = workflow();
    const way = chosen('way');
    running = { start: performance.now(), count: 0, stop: () => {} };
    find('open-button').textContent = 'Stop';
    find('open-button').classList.add('running');
    if (way === 'source') {
        openSource(streamURL(id, json === undefined ? { token: token.text, ...variables }
            : { token: token.text, variables: json }));
    } else {
        openFetch(streamURL(id, { token: token.text }), json ?? JSON.stringify(variables), way === 'events');
    }
    refresh();
}

function ended(kind, text) {
    arrive(kind, text, 'edge');
    find('state').textContent = `${kind} after ${seconds()} s`;
    find('cut').hidden = true;
    running = undefined;
    find('open-button').classList.remove('running');
    showLife();
    refresh();
}

const seconds = () => ((performance.now() - running.start) / 1000).toFixed(1);

function progress() {
    running.count += 1;
    find('state').textContent = `open, ${running.count} arrived in ${seconds()} s`;
}

// With events that have cursors, the line can be cut: the stream then goes on with another request.
async function openFetch(url, body, asEvents) {
    const events = new EventStream();
    let abort;
    let isCut;
    running.stop = () => {
        // To leave a stream that can be resumed would not stop it.
        if (events.hasCursor) {
            fetch(url, { method: 'DELETE', headers: { 'last-event-id': events.id } }).catch(() => {});
        } else {
            abort.abort();
        }
    };
    running.cut = () => {
        isCut = true;
        abort.abort();
    };
    const accept = asEvents ? { accept: 'text/event-stream' } : {};
    let request = { headers: { 'content-type': 'application/json', ...accept }, body };
    arrive('POST', asEvents ? 'Accept: text/event-stream' : 'plain text', 'begin edge');
    for (;;) {
        abort = new AbortController();
        isCut = false;
        try {
            const response = await fetch(url, { method: 'POST', ...request, signal: abort.signal });
            if (!response.ok) return ended(`${response.status}`, await response.text());
            token.use();
            arrive(`${response.status}`, response.headers.get('content-type'));
            await read(response, asEvents ? events : undefined);
            return ended('ended', 'the stream is complete');
        } catch (error) {
            if (!isCut) return ended(error.name === 'AbortError' ? 'stopped' : 'broken off', error.message);
        }
        arrive('cut', 'the line is lost; the next request goes on behind the last id', 'edge');
        events.begin();
        request = { headers: { ...accept, 'last-event-id': events.id } };
    }
}

// Shows a response's body as it comes: what `events` makes of it, or text.
async function read(response, events) {
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        progress();
        const text = decoder.decode(value, { stream: true });
        if (!events) {
            arrive(`${value.length} bytes`, text);
            continue;
        }
        for (const { type, id, data } of events.push(text)) {
            if (type === 'error' && notUsed(data)) token.giveBack();
            arrive(type === 'message' ? `message ${id}` : type, data);
        }
        find('cut').hidden = !events.hasCursor;
    }
}

find('cut').addEventListener('click', () => running?.cut?.());

function openSource(url) {
    const source = new EventSource(url);
    const close = (kind, text) => {
        source.close();
        ended(kind, text);
    };
    running.stop = () => close('stopped', 'the page closed it');
    arrive('GET', 'EventSource', 'begin edge');
    source.addEventListener('open', () => {
        token.use();
        arrive('open', 'EventSource does not tell the status');
    });
    source.addEventListener('message', (event) => {
        progress();
        arrive(`message ${event.lastEventId}`, event.data);
    });
    source.addEventListener('done', () => close('done', 'the page closes it; otherwise EventSource would connect once more, and get 204'));
    source.addEventListener('error', (event) => {
        if (event instanceof MessageEvent) {
            if (notUsed(event.data)) token.giveBack();
            close('error', event.data);
        } else if (source.readyState === EventSource.CLOSED) {
            close('refused', 'EventSource does not tell the status; see the response below, on the wire');
        } else {
            arrive('connecting', 'broken off: EventSource reconnects with the same token');
        }
    });
}

// Whether the event `error` says that the workflow did not begin: only then it has a status, and the token is not used.
function notUsed(data) {
    try {
        return 'status' in JSON.parse(data);
    } catch {
        return false;
    }
}

// Parses server-sent events (HTML standard, section 9.2.6) from text that arrives in pieces.
class EventStream {
    rest = '';
    type = '';
    data = [];
    // The last id of a complete block, and that of the block that is coming.
    id = '';
    nextID = '';

    // Whether the stream can be resumed behind what has come.
    get hasCursor() {
        return /;[0-9]+\.[\w-]{22}$/.test(this.id);
    }

    // Begins with the next response: what is incomplete comes again.
    begin() {
        this.rest = '';
        this.type = '';
        this.data = [];
        this.nextID = this.id;
    }

    // Takes a piece and returns the events that it completes.
    push(text) {
        this.rest += text;
        const events = [];
        // A carriage return at the end of the piece may be the first half of a line end.
        for (let end; (end = /\r\n|\n|\r(?!$)/.exec(this.rest));) {
            const line = this.rest.slice(0, end.index);
            this.rest = this.rest.slice(end.index + end[0].length);
            if (line) {
                this.field(line);
            } else {
                this.id = this.nextID;
                if (this.data.length) {
                    events.push({ type: this.type || 'message', data: this.data.join('\n'), id: this.id });
                }
                this.type = '';
                this.data = [];
            }
        }
        return events;
    }

    field(line) {
        const [, name, value] = /^([^:]*):? ?([^]*)$/.exec(line);
        if (name === 'data') this.data.push(value);
        if (name === 'event') this.type = value;
        if (name === 'id') this.nextID = value;
    }
}

// What arrives

function arrive(kind, text, className = '') {
    const list = find('arrived');
    const item = element('li', undefined, className);
    const passed = Math.round(performance.now() - running.start);
    item.append(element('span', `${passed} ms`, 'time'), element('span', kind, 'kind'), element('span', text));
    list.append(item);
    while (list.children.length > 500) list.firstChild.remove();
    find('log').scrollTop = find('log').scrollHeight;
}

find('clear').addEventListener('click', () => {
    find('arrived').replaceChildren();
    if (!running) find('state').textContent = 'nothing yet';
});

// On the wire

let latest = 0;
let poll;

// Fetches what has changed and schedules itself: often while a stream runs, and never while the page is hidden.
async function refresh() {
    clearTimeout(poll);
    let pause = running ? 250 : 1000;
    if (!document.hidden) {
        try {
            const response = await fetch(`/exchanges?after=${latest}`);
            const body = await response.json();
            if (!response.ok) throw new Error(body.error);
            // The server was restarted and begins with an empty list; so does the page.
            if (body.latest < latest) {
                find('exchanges').replaceChildren();
                body.latest = 0;
            }
            latest = body.latest;
            body.exchanges.forEach(showExchange);
            showDemo(body.demo);
        } catch {
            pause = 3000;
        }
    }
    clearTimeout(poll);
    poll = setTimeout(refresh, pause);
}

function showDemo(hasDemo) {
    find('mint').querySelector('button').disabled = !hasDemo;
    if (!hasDemo && find('notice').hidden) {
        say('There is no demo organization to mint for: paste a token, or start serve with --demo.');
    }
}

function showExchange(exchange) {
    const id = `exchange-${exchange.number}`;
    let details = find(id);
    if (!details) {
        details = element('details');
        details.id = id;
        details.append(element('summary'), element('div', undefined, 'messages'));
        const list = find('exchanges');
        list.prepend(details);
        while (list.children.length > 50) list.lastChild.remove();
    }
    const [summary, messages] = details.children;
    const [method, target] = exchange.request.line.split(' ');
    const isFine = exchange.status < 300;
    const note = exchange.state === 'complete' || exchange.state === 'broken'
        ? `${exchange.state === 'broken' ? 'broken off, ' : ''}${exchange.end - exchange.start} ms`
        : exchange.state;
    summary.replaceChildren(
        element('span', exchange.status ?? '…', isFine ? 'status fine' : 'status'),
        // The cause is for the developer: the response itself does not distinguish a used token from an unknown one.
        element('span', `${method} ${target.split('?')[0]}${exchange.cause ? `: ${exchange.cause}` : ''}`, 'target'),
        element('span', note, 'note'),
    );
    messages.replaceChildren(message(exchange.request));
    if (exchange.response) messages.append(message(exchange.response));
}

// An HTTP message.
function message({ line, fields, body, size }) {
    const shown = element('pre');
    shown.tabIndex = 0;
    shown.append(element('b', line), '\n');
    for (const [name, value] of fields) shown.append(element('span', `${name}: `, 'name'), value, '\n');
    if (size > 0) shown.append('\n', body);
    if (size > 4096) shown.append('\n\n', element('span', `${size} bytes so far; the first 4096 are shown`, 'name'));
    return shown;
}

document.addEventListener('visibilitychange', () => {
    if (!document.hidden) refresh();
});

showMintRequest();
showOpenRequest();
showLife();
refresh();
