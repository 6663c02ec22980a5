'use strict';

// The fixtures, and what becomes of them. Uses what page.js has defined.

let latestFixtures = 0;
let fixturesPoll;
// Each one's state and row, by its name.
const fixtures = new Map();

// Brings what has changed, and comes again: often while fixtures run, never while nobody looks.
async function refreshFixtures() {
    clearTimeout(fixturesPoll);
    let pause = 2000;
    if (!document.hidden) {
        try {
            const response = await fetch(`/fixtures?after=${latestFixtures}`);
            const answer = await response.json();
            if (!response.ok) throw new Error(answer.error);
            // A server that was started anew has forgotten; so does the page.
            const isAnew = answer.latest < latestFixtures;
            latestFixtures = isAnew ? 0 : answer.latest;
            // Where all are told, those that are gone are not among them.
            if (isAnew || answer.fixtures.length === answer.count) forgetOthers(answer.fixtures);
            answer.fixtures.forEach(showFixture);
            showFixtures(answer);
            if (answer.running) pause = 150;
        } catch {
            pause = 3000;
        }
    }
    clearTimeout(fixturesPoll);
    fixturesPoll = setTimeout(refreshFixtures, pause);
}

function forgetOthers(told) {
    const names = new Set(told.map((fixture) => fixture.name));
    for (const [name, { row }] of fixtures) {
        if (names.has(name)) continue;
        row.remove();
        fixtures.delete(name);
    }
}

function showFixtures({ folder, running }) {
    const counts = new Map();
    for (const { state } of fixtures.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    find('fixtures-card').hidden = fixtures.size === 0;
    find('fixtures-state').textContent =
        `${folder}: ` + [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
    for (const button of document.querySelectorAll('#fixtures-card button')) button.disabled = running;
}

function showFixture({ name, state, text, milliseconds }) {
    let row = fixtures.get(name)?.row;
    if (!row) {
        row = element('details');
        row.append(element('summary'), element('div', undefined, 'messages'));
        // In the order of the names, wherever a new one belongs.
        const next = [...fixtures].find(([other]) => other > name);
        find('fixtures').insertBefore(row, next ? next[1].row : null);
    }
    const word = state.replaceAll('_', ' ');
    fixtures.set(name, { state: word, row });
    const run = element('button', 'Run', 'quiet');
    run.type = 'button';
    run.setAttribute('aria-label', `Run ${name}`);
    run.addEventListener('click', (event) => {
        // The row is not to open.
        event.preventDefault();
        runFixtures(name);
    });
    row.firstChild.replaceChildren(
        element('span', word, state === 'passed' ? 'status fine' : `status ${state}`),
        element('span', name, 'target'),
        element('span', milliseconds === undefined ? '' : `${milliseconds} ms`, 'note'),
        run,
    );
    row.lastChild.replaceChildren();
    if (text) row.lastChild.append(element('pre', text));
}

async function runFixtures(name) {
    say('');
    const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
    try {
        const response = await fetch(`/fixtures/run${query}`, { method: 'POST' });
        if (!response.ok) say((await response.json()).error);
    } catch (error) {
        say(`The fixtures could not be run: ${error.message}`);
    }
    refreshFixtures();
}

find('run-all').addEventListener('click', () => runFixtures());

document.addEventListener('visibilitychange', () => {
    if (!document.hidden) refreshFixtures();
});

refreshFixtures();
