// Emmett's PostgreSQL event store doing the bench's job; one line of JSON in for each round, one out.
//
// node bench.js URL CALLERS    in: {"job": "append" or "command", "seconds", "history", "visits", "values"}
//                              out: how often a second
import { createInterface } from "node:readline";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import pg from "pg";

const [url, callersText] = process.argv.slice(2);
const callers = Number(callersText);
const pool = new pg.Pool({ connectionString: url, max: callers });
const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
const label = (number) => `step-${String(number).padStart(3, "0")}`;
let streams = 0;

const completed = (number, values) => ({
  type: "StepCompleted",
  data: { step: label(number), by: "member-aiko", values: { ...values, number } },
});
const ready = (number) => ({
  type: "StepReady",
  data: { step: label(number), assignee: "member-aiko", due: "2026-04-10", why: "The step before it is done." },
});

function past({ history, values }) {
  const events = [{ type: "Started", data: { procedure: "hiring", subject: "emi", startedBy: "member-aiko" } }, ready(0)];
  for (let number = 0; events.length < history - 2; number++) events.push(completed(number, values), ready(number + 1));
  return events;
}

const initialState = () => ({ ready: new Map(), completed: new Map() });

function evolve(state, { type, data }) {
  if (type === "StepReady") state.ready.set(data.step, data.assignee);
  if (type === "StepCompleted") {
    state.ready.delete(data.step);
    state.completed.set(data.step, data.values);
  }
  return state;
}

// load, decide, append with the version that was loaded
async function command(stream, number, values) {
  const { state, currentStreamVersion } = await store.aggregateStream(stream, { evolve, initialState });
  if (state.ready.get(label(number)) !== "member-aiko") throw new Error(`expected ${label(number)} to be ready`);
  const events = [completed(number, values), ready(number + 1)];
  await store.appendToStream(stream, events, { expectedStreamVersion: currentStreamVersion });
}

// `work(caller)` over and over by all callers; how often a second
async function rate(seconds, work) {
  const started = performance.now();
  const until = started + seconds * 1000;
  let done = 0;
  const caller = async (_, index) => {
    for (; performance.now() < until; done++) await work(index);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - started);
}

async function appends({ seconds, values }) {
  const own = Array.from({ length: callers }, () => ({ stream: `append-${++streams}`, version: 0n }));
  return rate(seconds, async (caller) => {
    const { stream, version } = own[caller];
    const expectedStreamVersion = version || "STREAM_DOES_NOT_EXIST";
    const found = await store.appendToStream(stream, [completed(0, values)], { expectedStreamVersion });
    own[caller].version = found.nextExpectedStreamVersion;
  });
}

// Seeding goes through the store's own append: half the rate of the commands is enough to fill the time.
async function seeded(round, many) {
  const events = past(round);
  const names = Array.from({ length: many }, () => `run-${++streams}`);
  const left = [...names];
  const caller = async () => {
    for (let name = left.pop(); name; name = left.pop()) await store.appendToStream(name, events);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return names;
}

async function commands(round) {
  const { seconds, history, visits, values } = round;
  const names = await seeded(round, callers * Math.ceil((2000 * seconds) / visits / callers));
  await pool.query("CHECKPOINT");
  const first = (history - 4) / 2;
  const mine = Array.from({ length: callers }, () => ({ run: undefined, visit: visits }));
  return rate(seconds, async (caller) => {
    const own = mine[caller];
    if (own.visit === visits) Object.assign(own, { run: names.pop(), visit: 0 });
    if (!own.run) throw new Error("expected enough runs for the round, but none is left");
    await command(own.run, first + own.visit, values);
    own.visit++;
  });
}

await store.schema.migrate();
for await (const line of createInterface({ input: process.stdin })) {
  const round = JSON.parse(line);
  console.log(await (round.job === "append" ? appends(round) : commands(round)));
}
await store.close();
await pool.end();
