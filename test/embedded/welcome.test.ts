import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { demoSignIns } from "../../scripts/contract/sign-ins.ts";
import { welcome } from "../../scripts/stack/welcome.ts";

const environment = {
  API_URL: "http://127.0.0.1:54321",
  DB_URL: "postgresql://postgres:postgres@127.0.0.1:54322/postgres",
  PUBLISHABLE_KEY: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
  SECRET_KEY: "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
  JWT_SECRET: "super-secret-jwt-token-with-at-least-32-characters-long",
};

test("the welcome fits a terminal of 80 columns and 30 lines", () => {
  const lines = stripVTControlCharacters(welcome(environment, demoSignIns)).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  // npm start adds two more lines.
  expect(lines.length).toBeLessThanOrEqual(28);
});

test("the welcome lists each person's email, name, role and tenant in columns", () => {
  const lines = stripVTControlCharacters(welcome(environment, demoSignIns)).split("\n");
  const people = lines.filter((line) => / of (Acme|Globex|Initech)$/.test(line));
  expect(people).toHaveLength(demoSignIns.people.length);
  expect(new Set(people.map((line) => /(owner|admin|user) of/.exec(line)?.index)).size).toBe(1);
  expect(people[1]?.split(/ {2,}/).slice(1)).toEqual([
    "ben@test-acme.example",
    "Ben",
    "admin of Acme",
  ]);
});

test("the welcome shows the URLs and both keys, but not the JWT secret", () => {
  const { JWT_SECRET, ...told } = environment;
  for (const value of Object.values(told))
    expect(welcome(environment, demoSignIns)).toContain(value);
  expect(welcome(environment, demoSignIns)).not.toContain(JWT_SECRET);
});

test("the welcome names the file with the emails", () => {
  expect(welcome(environment, null)).toMatch(/^ {2}Emails +\.stack\/emails\.log$/m);
});

test("the welcome lists no sign-ins if the test data is missing", () => {
  const text = welcome(environment, null);
  expect(text).not.toContain(demoSignIns.password);
  expect(text).toContain(environment.API_URL);
});
