'use strict';

// The fixtures and their results. Uses functions of page.js.

let latestFixtures = 0;
let fixturesPoll;
// State and row of each fixture, by its name.
const fixtures = new Map();

// Fetches what has changed and schedules itself: often while fixtures run, and never while the page is hidden.
async function refreshFixtures() {
    clearTimeout(fixturesPoll);
    let pause = 2000;
    if (!document.hidden) {
        try {
            const response = await fetch(`/fixtures?after=${latestFixtures}`);
            const body = await response.json();
            if (!response.ok) throw new Error(body.error);
            // A lower revision means that the server was restarted.
            const isAnew = body.latest < latestFixtures;
            latestFixtures = isAnew ? 0 : body.latest;
            // Rows that are missing from a complete list have been removed.
            if (isAnew || body.fixtures.length === body.count) forgetOthers(body.fixtures);
            body.fixtures.forEach(showFixture);
            showFixtures(body);
            if (body.running) pause = 150;
        } catch {
            pause = 3000;
        }
    }
    clearTimeout(fixturesPoll);
    fixturesPoll = setTimeout(refreshFixtures, pause);
}

function forgetOthers(listed) {
    const names = new Set(listed.map((fixture) => fixture.name));
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
        // Keep the rows sorted by name.
        const next = [...fixtures].find(([other]) => other > name);
        find('fixtures').insertBefore(row, next ? next[1].row : null);
    }
    const word = state.replaceAll('_', ' ');
    fixtures.set(name, { state: word, row });
    const run = element('button', 'Run', 'quiet');
    run.type = 'button';
    run.setAttribute('aria-label', `Run ${name}`);
    run.addEventListener('click', (event) => {
        // Keep the click from opening the row.
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
