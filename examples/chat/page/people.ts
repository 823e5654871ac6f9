/** The demo accounts. A test checks that they are the same as in `supabase/seed.sql`. */
export interface Person {
  name: string;
  tenant: string;
  role: string;
  email: string;
}

const DEMO_PASSWORD = "demo-password";

export const people: readonly Person[] = [
  { name: "Ada", tenant: "Acme", role: "owner", email: "ada@test-acme.example" },
  { name: "Ben", tenant: "Acme", role: "admin", email: "ben@test-acme.example" },
  { name: "Cleo", tenant: "Acme", role: "user", email: "cleo@test-acme.example" },
  { name: "Dora", tenant: "Globex", role: "owner", email: "dora@test-globex.example" },
  { name: "Emil", tenant: "Globex", role: "user", email: "emil@test-globex.example" },
  { name: "Finn", tenant: "Initech", role: "owner", email: "finn@test-initech.example" },
];

export const demoCredentials = ({ email }: Person) => ({ email, password: DEMO_PASSWORD });

export const tenants = [...new Set(people.map(({ tenant }) => tenant))];

export const membersOf = (tenant: string) => people.filter((person) => person.tenant === tenant);

/** Returns a person of another tenant: the first in the list. */
export function strangerTo(tenant: string): Person {
  return people.find((person) => person.tenant !== tenant) as Person;
}
